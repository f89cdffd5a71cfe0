"""What machines look for at well-known addresses: the list of APIs and whom to warn."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import ApiVersion
from catalog.apis.plain import cell
from catalog.guides.models import Guide
from portal.access.actors import ANONYMOUS
from portal.ui.addresses import address

LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
SECURITY_TXT_DAYS = 180
_PURPOSE = (
    "> APIs whose customers decide who sees their data. Each page says what an operation takes and"
    " returns, which scope and whose consent it needs, and how long data may be kept."
)


@require_safe
def api_catalog(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """List every published API as links (RFC 9727, RFC 9264)."""
    versions = _published()
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
    names = version.api.slug, version.label
    pages = [
        {"href": f"{settings.ISSUER}{address('apis:version', *names)}", "type": "text/html"},
        {
            "href": f"{settings.ISSUER}{address('apis:version_text', *names)}",
            "type": "text/markdown",
        },
    ]
    return {"anchor": base, "service-doc": pages}


@require_safe
def llms_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Say in Markdown what there is to read, each with the address of its Markdown."""
    lines = [
        "# Meridian Developers",
        "",
        _PURPOSE,
        "",
        "## APIs",
        "",
    ]
    for version in _published():
        page = address("apis:version_text", version.api.slug, version.label)
        name, summary = cell(f"{version.api.name} {version.label}"), cell(version.api.summary)
        lines.append(f"- [{name}]({settings.ISSUER}{page}): {summary}")
    if guides := Guide.objects.visible_to(ANONYMOUS).shown():
        lines += ["", "## Guides", ""]
    for guide in guides:
        if guide.shown is not None:
            page = address("guides:guide_text", guide.slug)
            title, summary = cell(guide.shown.title), cell(guide.shown.summary)
            lines.append(f"- [{title}]({settings.ISSUER}{page}): {summary}")
    lines += ["", "## Optional", ""]
    for name, page in (
        ("All APIs as links (RFC 9727)", address("home:api_catalog")),
        ("What changed", address("changes:news_text")),
        ("The portal's own REST API", address("schema")),
    ):
        lines.append(f"- [{name}]({settings.ISSUER}{page})")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _published() -> list[ApiVersion]:
    visible = ApiVersion.objects.visible_to(ANONYMOUS).select_related("api")
    return list(visible.order_by("api__slug", "label"))


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
