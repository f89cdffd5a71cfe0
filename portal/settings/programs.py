"""The portal's own API."""

from __future__ import annotations

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.ui.parsers.ShallowJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # there is one format, so `?format=` asks for nothing
    "DEFAULT_PAGINATION_CLASS": "portal.ui.paging.Pages",
    "EXCEPTION_HANDLER": "portal.ui.rest.problem",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Meridian Portal API",
    "DESCRIPTION": "What the portal's pages do, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"ImportStatusEnum": "catalog.imports.models.ImportJob.Status"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "consent.oauth.openapi.add_endpoints",
        "consent.registration.openapi.add_endpoints",
        "consent.signals.openapi.add_endpoints",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
