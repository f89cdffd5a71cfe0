from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.specs.models import SpecRevision
from catalog.specs.serializers import RevisionSerializer
from portal.access.permissions import Permission, require
from portal.ui.rest import PortalAPIView


class SpecView(PortalAPIView):
    @extend_schema(responses=RevisionSerializer)
    def get(self, request: Request, revision_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Return what one import made of its document, with every finding."""
        visible = SpecRevision.objects.visible_to(self.actor)
        found = visible.select_related("version__api").defer("raw")
        revision = get_object_or_404(found, pk=revision_id)
        require(self.actor, Permission.IMPORT_SPEC)
        return Response(RevisionSerializer(revision).data)


urlpatterns: list[URLPattern] = [
    path("specs/<int:revision_id>", SpecView.as_view(), name="spec"),
]
