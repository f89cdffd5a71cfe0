"""The description of the portal's own API, and a page to read it and try it."""

from __future__ import annotations

from csp.decorators import csp_update
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request


class SchemaView(SpectacularAPIView):
    """There is one version: what an address asks for would only end in the name of the file."""

    def _get_version_parameter(self, request: Request) -> None:  # noqa: ARG002 - the library's hook
        return None


schema = SchemaView.as_view()

# Swagger UI draws its icons from data: addresses in its own style sheet. Nothing else is loosened:
# its script and style come from our static files, and our template has no inline part.
reference = csp_update({"img-src": ["data:"]})(
    SpectacularSwaggerSplitView.as_view(
        url_name="schema", title="Meridian Portal API", template_name="portal/ui/reference.html"
    )
)
