from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.apis.models import Operation
from portal.access.permissions import Permission, require
from portal.insights import gaps
from portal.ui.rest import PortalAPIView


class GapSerializer(serializers.Serializer[Operation]):
    operation = serializers.CharField(source="key", help_text="API, version and operation.")
    method = serializers.CharField()
    path = serializers.CharField()
    gaps = serializers.SerializerMethodField(help_text="What it lacks.")
    calls = serializers.SerializerMethodField(
        help_text="Production calls of the last 30 days; null where nothing was counted."
    )

    def get_gaps(self, operation: Operation) -> list[str]:
        return list(gaps.row_of(operation, self.context["seen"]).gaps)

    def get_calls(self, operation: Any) -> int | None:
        words = self.context["seen"].words(operation.key)
        return None if words == gaps.NO_DATA else int(words)


class GapList(PortalAPIView, generics.ListAPIView[Operation]):
    serializer_class = GapSerializer

    @extend_schema(
        operation_id="listGaps",
        tags=["Catalog"],
        parameters=[OpenApiParameter("kind", str, enum=list(gaps.GAPS))],
    )
    def get(self, request: Request, **_: str) -> Response:
        """List the exposed operations that lack an owner, a scope, a data class or calls."""
        require(self.actor, Permission.READ_GAPS)
        return self.list(request)

    def get_queryset(self) -> QuerySet[Operation]:
        gap = self.request.GET.get("kind", "")
        now = timezone.now()
        self.seen = gaps.traffic(at=now)
        return gaps.with_gap(gaps.operations(self.seen, at=now), gap if gap in gaps.GAPS else "")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "seen": getattr(self, "seen", None)}


urlpatterns: list[URLPattern] = [path("gaps", GapList.as_view(), name="gaps-api")]
