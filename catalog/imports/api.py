from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.imports import actions, looking
from catalog.imports.bodies import DocumentParser
from catalog.imports.forms import vetted
from catalog.imports.models import ImportDocument, ImportJob
from catalog.imports.serializers import (
    AddressSerializer,
    ImportJobSerializer,
    RequestedSerializer,
    WishesSerializer,
)
from catalog.specs.naming import slug_of_file
from portal.access.permissions import Permission, require
from portal.ui.rest import PortalAPIView


class SpecsView(PortalAPIView):
    parser_classes = [DocumentParser]

    @extend_schema(
        parameters=[
            OpenApiParameter("name", str, description="The name of the file, if it has one."),
            OpenApiParameter(
                "callback_url", str, description="Is told of the end by a signed POST request."
            ),
        ],
        request={"application/json": AddressSerializer, "application/yaml": str},
        responses={HTTPStatus.ACCEPTED: RequestedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Import an API description: the body is the document, or names its address as `url`.

        The answer is the import's address: ask there what became of it.
        """
        require(self.actor, Permission.IMPORT_SPEC)
        wishes = WishesSerializer(data=request.query_params)
        wishes.is_valid(raise_exception=True)
        callback_url = wishes.validated_data["callback_url"]
        if callback_url:
            vetted(callback_url)
        wanted, origin = self._wanted(request, name=wishes.validated_data["name"])
        job, secret = actions.request_import(
            [wanted], by=self.actor, origin=origin, name=wanted.name, callback_url=callback_url
        )
        shown = looking.shown_job(self.actor, job.number).get()
        told = RequestedSerializer(shown, context={"callback_secret": secret}).data
        location = request.build_absolute_uri(reverse("import", args=[job.number]))
        return Response(told, status=HTTPStatus.ACCEPTED, headers={"Location": location})

    def _wanted(self, request: Request, *, name: str) -> tuple[actions.Wanted, str]:
        raw = request.data.get("raw", b"") if isinstance(request.data, dict) else b""
        named = _address_in(raw)
        if named is None:
            slug = slug_of_file(name.rpartition(".")[0]) or ""
            wanted = actions.Wanted(name=name or "api", body=raw, slug=slug)
            return wanted, ImportJob.Origin.UPLOAD
        serializer = AddressSerializer(data=named)
        serializer.is_valid(raise_exception=True)
        url = vetted(serializer.validated_data["url"])
        kind = ImportDocument.Kind.ADDRESS
        return actions.Wanted(name=url, url=url, kind=kind), ImportJob.Origin.ADDRESS


class ImportView(PortalAPIView):
    @extend_schema(responses=ImportJobSerializer)
    def get(self, request: Request, number: UUID) -> Response:  # noqa: ARG002 - DRF's signature
        """Return how far an import is, and what became of each document."""
        job = get_object_or_404(looking.shown_job(self.actor, number))
        require(self.actor, Permission.IMPORT_SPEC)
        headers = {"Retry-After": "1"} if job.is_open else {}
        return Response(ImportJobSerializer(job).data, headers=headers)


class CancellationView(PortalAPIView):
    @extend_schema(request=None, responses=ImportJobSerializer)
    def post(self, request: Request, number: UUID) -> Response:  # noqa: ARG002 - DRF's signature
        """Read nothing more of an import; what was read already stays."""
        job = get_object_or_404(looking.shown_job(self.actor, number))
        actions.cancel_import(job, by=self.actor)
        return Response(ImportJobSerializer(looking.shown_job(self.actor, number).get()).data)


def _address_in(raw: bytes) -> dict[str, Any] | None:
    """Return the body if it is a small object that names an address instead of being a document."""
    if len(raw) > 4096:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    is_address = isinstance(value, dict) and "url" in value
    return value if is_address and not {"openapi", "swagger", "asyncapi"} & value.keys() else None


urlpatterns: list[URLPattern] = [
    path("specs", SpecsView.as_view(), name="specs"),
    path("imports/<uuid:number>", ImportView.as_view(), name="import"),
    path("imports/<uuid:number>/cancellation", CancellationView.as_view(), name="cancellation"),
]
