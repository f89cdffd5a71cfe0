"""What machines look for at well-known addresses: the list of APIs and whom to warn."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, ApiVersion
from portal.ui.addresses import address

LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
SECURITY_TXT_DAYS = 180


@require_safe
def api_catalog(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """List every published API as links (RFC 9727, RFC 9264)."""
    versions = (
        ApiVersion.objects.filter(
            api__status__in=Api.PUBLIC_STATUSES, status__in=ApiVersion.PUBLIC_STATUSES
        )
        .select_related("api")
        .order_by("api__slug", "label")
    )
    here = f"{settings.ISSUER}/.well-known/api-catalog"
    bases = {
        version: f"{settings.GATEWAY_URL}/{version.api.slug}/{version.label}"
        for version in versions
    }
    items = [
        {"href": base, "title": f"{version.api.name} {version.label}"}
        for version, base in bases.items()
    ]
    described = [_described(version, base) for version, base in bases.items()]
    body = {"linkset": [{"anchor": here, "item": items}, *described]}
    response = JsonResponse(body, content_type=LINKSET)
    response["Link"] = f'<{here}>; rel="api-catalog"'
    return response


def _described(version: ApiVersion, base: str) -> dict[str, Any]:
    page = f"{settings.ISSUER}{address('apis:version', version.api.slug, version.label)}"
    return {"anchor": base, "service-doc": [{"href": page, "type": "text/html"}]}


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Say where to report a vulnerability (RFC 9116)."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    expires = midnight + timedelta(days=SECURITY_TXT_DAYS)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.ISSUER}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
