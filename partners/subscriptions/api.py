from __future__ import annotations

from http import HTTPStatus

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from catalog.apis.models import Api
from catalog.plans.models import Environment, Plan
from partners.applications.models import Application
from partners.subscriptions import actions
from partners.subscriptions.models import AccessRequest
from partners.subscriptions.serializers import AccessRequestSerializer, AskSerializer
from portal.access.permissions import Permission, require
from portal.ui.paging import Pages
from portal.ui.rest import PortalAPIView


class AccessRequestsView(PortalAPIView):
    @extend_schema(
        operation_id="list_access_requests", responses=AccessRequestSerializer(many=True)
    )
    def get(self, request: DrfRequest, slug: str) -> Response:
        """List what the application asked for in production, and what became of it."""
        application = self._application(slug)
        requests = (
            AccessRequest.objects.visible_to(self.actor)
            .filter(client__application=application)
            .select_related("client", "plan__api")
        )
        pages = Pages()
        page = pages.paginate_queryset(requests, request, view=self)
        return pages.get_paginated_response(AccessRequestSerializer(page, many=True).data)

    @extend_schema(
        operation_id="request_access",
        request=AskSerializer,
        responses={201: AccessRequestSerializer},
    )
    def post(self, request: DrfRequest, slug: str) -> Response:  # noqa: ARG002 - `read` takes its body
        """Ask for production access to one API, as the application is now."""
        application = self._application(slug)
        owner = application.organization_id
        require(self.actor, Permission.REQUEST_ACCESS, organization_id=owner)
        wanted = self.read(AskSerializer)
        plan = get_object_or_404(
            Plan.objects.filter(api__in=Api.objects.visible_to(self.actor)).select_related("api"),
            api__slug=wanted["api"],
            code=wanted["plan"],
        )
        client = application.clients.get(environment=Environment.SANDBOX)
        asked = actions.request_access(client, by=self.actor, plan=plan, purpose=wanted["purpose"])
        return Response(AccessRequestSerializer(asked).data, status=HTTPStatus.CREATED)

    def _application(self, slug: str) -> Application:
        return get_object_or_404(Application.objects.visible_to(self.actor), slug=slug)


urlpatterns = [
    path("applications/<slug:slug>/access-requests", AccessRequestsView.as_view()),
]
