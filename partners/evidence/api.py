from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from partners.evidence import actions
from partners.evidence.models import EvidenceFile
from partners.evidence.serializers import EvidenceSerializer, UploadSerializer
from partners.evidence.serving import as_attachment
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.ui.paging import Pages
from portal.ui.rest import PortalAPIView


class FilesView(PortalAPIView):
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="list_files", responses=EvidenceSerializer(many=True))
    def get(self, request: DrfRequest) -> Response:
        """List the evidence that the caller may see."""
        pages = Pages()
        page = pages.paginate_queryset(_visible(self.actor).order_by("-pk"), request, view=self)
        return pages.get_paginated_response(EvidenceSerializer(page, many=True).data)

    @extend_schema(
        operation_id="upload_file",
        request={"multipart/form-data": UploadSerializer},
        responses={201: EvidenceSerializer},
    )
    def post(self, request: DrfRequest) -> Response:  # noqa: ARG002 - `read` takes its body
        """Upload a file. It is `quarantined` until the scan is through: ask again."""
        wanted = self.read(UploadSerializer)
        organization = get_object_or_404(
            Organization.objects.filter(pk__in=list(self.actor.memberships)),
            slug=wanted["organization"],
        )
        sent = wanted["file"]
        evidence = actions.upload_file(
            organization, by=self.actor, file=sent.file, name=sent.name, size=sent.size
        )
        return Response(EvidenceSerializer(evidence).data, status=HTTPStatus.CREATED)


class FileView(PortalAPIView):
    @extend_schema(operation_id="read_file", responses=EvidenceSerializer)
    def get(self, request: DrfRequest, public_id: UUID) -> Response:  # noqa: ARG002 - no body
        return Response(EvidenceSerializer(_one(self.actor, public_id)).data)

    @extend_schema(operation_id="remove_file", responses={204: None})
    def delete(self, request: DrfRequest, public_id: UUID) -> Response:  # noqa: ARG002 - no body
        """Remove a file, unless reviewers were sent it."""
        actions.remove_file(_one(self.actor, public_id), by=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class ContentView(PortalAPIView):
    @extend_schema(operation_id="download_file", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: DrfRequest, public_id: UUID) -> StreamingHttpResponse:  # noqa: ARG002 - no body
        """Download a file that the scan found clean; each download is noted."""
        return as_attachment(_one(self.actor, public_id), to=self.actor)


def _visible(actor: Actor) -> QuerySet[EvidenceFile]:
    return EvidenceFile.objects.visible_to(actor).kept().select_related("organization")


def _one(actor: Actor, public_id: UUID) -> EvidenceFile:
    return get_object_or_404(_visible(actor), public_id=public_id)


urlpatterns = [
    path("files", FilesView.as_view()),
    path("files/<uuid:public_id>", FileView.as_view()),
    path("files/<uuid:public_id>/content", ContentView.as_view()),
]
