from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.apis.models import Api
from catalog.imports.bodies import DocumentParser
from catalog.imports.confinement import read_confined
from catalog.imports.serializers import LintReportSerializer, LintWishesSerializer
from catalog.rules.agreed import Agreed
from catalog.rules.models import Override, levels_for
from catalog.specs import reports
from catalog.specs.reports import Report
from catalog.specs.sarif import as_sarif
from portal.access.permissions import Permission, require
from portal.errors import Refused
from portal.ui.rest import PortalAPIView


class LintView(PortalAPIView):
    parser_classes = [DocumentParser]

    @extend_schema(
        parameters=[
            OpenApiParameter("name", str, description="How the report names the document."),
            OpenApiParameter("api", str, description="The API whose changed levels count."),
            OpenApiParameter("report", str, enum=["json", "sarif"]),
        ],
        request={"application/yaml": str, "application/json": dict},
        responses=LintReportSerializer,
    )
    def post(self, request: Request) -> Response:
        """Check an API description against the rules. Nothing of it is kept."""
        require(self.actor, Permission.IMPORT_SPEC)
        wishes = LintWishesSerializer(data=request.query_params)
        wishes.is_valid(raise_exception=True)
        asked = wishes.validated_data
        raw = request.data.get("raw", b"") if isinstance(request.data, dict) else b""
        report = _report(raw, asked["name"], self._agreed(asked["api"]))
        if asked["report"] == "sarif":
            return Response(as_sarif(report, base=settings.ISSUER))
        return Response(report.as_json())

    def _agreed(self, slug: str) -> Agreed:
        if not slug:
            return Agreed()
        api = get_object_or_404(Api.objects.visible_to(self.actor), slug=slug)
        standing = list(Override.objects.in_force(at=timezone.now()).reaching([api]))
        reasons = {one.rule: one.reason for one in standing if one.reaches(api)}
        return Agreed(levels_for(api, standing), reasons)


def _report(raw: bytes, name: str, agreed: Agreed) -> Report:
    try:
        description: Any = read_confined(raw)
    except Refused as refusal:
        return reports.of_refusal(name, refusal)
    return reports.of_description(name, description, agreed=agreed)


urlpatterns: list[URLPattern] = [path("lint", LintView.as_view(), name="lint")]
