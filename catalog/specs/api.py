from __future__ import annotations

import json
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.specs import actions
from catalog.specs.models import SpecRevision
from catalog.specs.serializers import AddressSerializer, RevisionSerializer
from catalog.specs.sources import Source
from portal.access.permissions import Permission, require
from portal.errors import Refused, TooLarge
from portal.ui.rest import PortalAPIView


class Rejected(Refused):
    """A document from which no API can be read; `code` is the reason's."""


class DocumentParser(BaseParser):
    """Takes a body as it comes, up to the size of a description and no further."""

    media_type = "*/*"

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> dict[str, bytes]:
        raw: bytes = stream.read(settings.SPEC_MAX_BYTES + 1)
        if len(raw) > settings.SPEC_MAX_BYTES:
            raise TooLarge(f"The document is larger than {settings.SPEC_MAX_BYTES:,} bytes.")
        return {"raw": raw}


class SpecsView(PortalAPIView):
    parser_classes = [DocumentParser]

    @extend_schema(
        request={"application/json": AddressSerializer, "application/yaml": str},
        responses={HTTPStatus.CREATED: RevisionSerializer},
    )
    def post(self, request: Request) -> Response:
        """Import an API description: the body is the document, or names its address as `url`."""
        require(self.actor, Permission.IMPORT_SPEC)
        raw, source = self._document(request)
        revision = actions.import_document(raw, by=self.actor, source=source)
        if revision.status == SpecRevision.Status.REJECTED:
            raise Rejected(revision.reason, code=revision.reason_code)
        return Response(RevisionSerializer(revision).data, status=HTTPStatus.CREATED)

    def _document(self, request: Request) -> tuple[bytes, str]:
        raw = request.data.get("raw", b"") if isinstance(request.data, dict) else b""
        named = _address_in(raw)
        if named is None:
            return raw, "api"
        serializer = AddressSerializer(data=named)
        serializer.is_valid(raise_exception=True)
        url = serializer.validated_data["url"]
        return Source(url).read(), url


class SpecView(PortalAPIView):
    @extend_schema(responses=RevisionSerializer)
    def get(self, request: Request, revision_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Return what one import made of its document, with every finding."""
        visible = SpecRevision.objects.visible_to(self.actor)
        found = visible.select_related("version__api").defer("raw")
        revision = get_object_or_404(found, pk=revision_id)
        require(self.actor, Permission.IMPORT_SPEC)
        return Response(RevisionSerializer(revision).data)


def _address_in(raw: bytes) -> dict[str, Any] | None:
    """Return the body if it is a small object that names an address instead of being a document."""
    if len(raw) > 4096:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    is_address = isinstance(value, dict) and "url" in value
    return value if is_address and not {"openapi", "swagger"} & value.keys() else None


urlpatterns: list[URLPattern] = [
    path("specs", SpecsView.as_view(), name="specs"),
    path("specs/<int:revision_id>", SpecView.as_view(), name="spec"),
]
