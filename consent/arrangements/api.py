from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from consent.arrangements import ending, overview
from consent.arrangements.models import Arrangement
from consent.arrangements.serializers import ArrangementSerializer
from portal.ui.paging import Pages
from portal.ui.rest import PortalAPIView


class ArrangementsView(PortalAPIView):
    @extend_schema(operation_id="list_own_arrangements", responses=ArrangementSerializer(many=True))
    def get(self, request: DrfRequest) -> Response:
        """List what the signed-in customer shares or has shared, whatever its state."""
        own = Arrangement.objects.visible_to(self.actor).select_related("client__application")
        pages = Pages()
        page = pages.paginate_queryset(own, request, view=self) or []
        serializer = ArrangementSerializer(
            page, many=True, context={"scopes": overview.scopes_of(page)}
        )
        return pages.get_paginated_response(serializer.data)


class WithdrawalView(PortalAPIView):
    @extend_schema(
        operation_id="withdraw_own_arrangement", request=None, responses=ArrangementSerializer
    )
    def post(self, request: DrfRequest, arrangement_id: UUID) -> Response:  # noqa: ARG002 - nothing to read
        """Stop sharing at once. Stopping what has ended changes nothing and is no error."""
        own = Arrangement.objects.visible_to(self.actor)
        arrangement = ending.withdraw_arrangement(
            get_object_or_404(own, pk=arrangement_id), by=self.actor
        )
        context = {"scopes": overview.scopes_of([arrangement])}
        return Response(ArrangementSerializer(arrangement, context=context).data)


urlpatterns = [
    path("me/arrangements", ArrangementsView.as_view(), name="arrangements"),
    path("me/arrangements/<uuid:arrangement_id>/withdrawal", WithdrawalView.as_view()),
]
