from __future__ import annotations

from http import HTTPStatus

from allauth.core.exceptions import ReauthenticationRequired
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from partners.applications import actions, details, security, sign_in
from partners.applications.models import Application, Client
from partners.applications.serializers import (
    ApplicationSerializer,
    ClientSerializer,
    DetailTypesSerializer,
    IssueSerializer,
    KeysSerializer,
    RegistrationSerializer,
    SecretSerializer,
    SignInSerializer,
    SuspensionSerializer,
)
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.guards import recent_login
from portal.errors import NotAllowed
from portal.ui.paging import Pages
from portal.ui.rest import PortalAPIView


class ApplicationsView(PortalAPIView):
    @extend_schema(operation_id="list_applications", responses=ApplicationSerializer(many=True))
    def get(self, request: DrfRequest) -> Response:
        """List the applications that the caller may see."""
        pages = Pages()
        page = pages.paginate_queryset(_visible(self.actor), request, view=self)
        return pages.get_paginated_response(ApplicationSerializer(page, many=True).data)

    @extend_schema(
        operation_id="register_application",
        request=RegistrationSerializer,
        responses={201: ApplicationSerializer},
    )
    def post(self, request: DrfRequest) -> Response:  # noqa: ARG002 - `read` takes its body
        """Register an application; its sandbox client works at once."""
        wanted = self.read(RegistrationSerializer)
        organization = get_object_or_404(
            Organization.objects.filter(pk__in=list(self.actor.memberships)),
            slug=wanted.pop("organization"),
        )
        application = actions.register_application(organization, by=self.actor, **wanted)
        found = _visible(self.actor).get(pk=application.pk)
        return Response(ApplicationSerializer(found).data, status=HTTPStatus.CREATED)


class ApplicationView(PortalAPIView):
    @extend_schema(operation_id="read_application", responses=ApplicationSerializer)
    def get(self, request: DrfRequest, slug: str) -> Response:  # noqa: ARG002 - nothing to read
        return Response(
            ApplicationSerializer(get_object_or_404(_visible(self.actor), slug=slug)).data
        )


class SuspensionView(PortalAPIView):
    @extend_schema(
        operation_id="suspend_application", request=SuspensionSerializer, responses={204: None}
    )
    def post(self, request: DrfRequest, slug: str) -> Response:  # noqa: ARG002 - `read` takes its body
        """Suspend an application; the gateway refuses it from the next request on."""
        application = get_object_or_404(_visible(self.actor), slug=slug)
        require(self.actor, Permission.SUSPEND_APPLICATION)
        actions.suspend_application(application, by=self.actor, **self.read(SuspensionSerializer))
        return Response(status=HTTPStatus.NO_CONTENT)


class CredentialsView(PortalAPIView):
    @extend_schema(
        operation_id="issue_credential",
        request=IssueSerializer,
        responses={201: SecretSerializer},
    )
    @sensitive_variables("secret", "answer")
    def post(self, request: DrfRequest, slug: str) -> Response:
        """Make a client secret. It is in this answer and never shown again."""
        application = get_object_or_404(_visible(self.actor), slug=slug)
        owner = application.organization_id
        require(self.actor, Permission.ISSUE_CREDENTIAL, organization_id=owner)
        wanted = self.read(IssueSerializer)
        _require_recent_login(request._request)  # noqa: SLF001 - the guard reads Django's own
        client = get_object_or_404(application.clients, environment=wanted["environment"])
        credential, secret = actions.issue_credential(
            client, by=self.actor, expires_at=wanted["expires_at"]
        )
        answer = {
            "client_id": client.client_id,
            "client_secret": secret,
            "expires_at": credential.expires_at,
        }
        response = Response(SecretSerializer(answer).data, status=HTTPStatus.CREATED)
        response["Cache-Control"] = "no-store"
        return response


class KeysView(PortalAPIView):
    @extend_schema(
        operation_id="set_client_keys", request=KeysSerializer, responses=ClientSerializer
    )
    def put(self, request: DrfRequest, slug: str, environment: str) -> Response:
        """Say by which key or certificate a client proves who it is; never send a private key."""
        application = get_object_or_404(_visible(self.actor), slug=slug)
        owner = application.organization_id
        require(self.actor, Permission.SET_CLIENT_KEYS, organization_id=owner)
        wanted = self.read(KeysSerializer)
        _require_recent_login(request._request)  # noqa: SLF001 - the guard reads Django's own
        client = get_object_or_404(application.clients, environment=environment)
        security.set_client_keys(client, by=self.actor, **wanted)
        return Response(ClientSerializer(client).data)


class SignInView(PortalAPIView):
    @extend_schema(
        operation_id="change_sign_in", request=SignInSerializer, responses=ClientSerializer
    )
    def put(self, request: DrfRequest, slug: str, environment: str) -> Response:
        """Say how a client signs customers in, and where it hears that they signed out."""
        client = _changeable(request, self.actor, slug, environment)
        sign_in.change_sign_in(client, by=self.actor, **self.read(SignInSerializer))
        return Response(ClientSerializer(client).data)


class DetailTypesView(PortalAPIView):
    @extend_schema(
        operation_id="name_detail_types", request=DetailTypesSerializer, responses=ClientSerializer
    )
    def put(self, request: DrfRequest, slug: str, environment: str) -> Response:
        """Hold a client to some types of authorization details; none stands for any."""
        client = _changeable(request, self.actor, slug, environment)
        details.name_detail_types(client, by=self.actor, **self.read(DetailTypesSerializer))
        return Response(ClientSerializer(client).data)


def _changeable(request: DrfRequest, actor: Actor, slug: str, environment: str) -> Client:
    application = get_object_or_404(_visible(actor), slug=slug)
    owner = application.organization_id
    require(actor, Permission.CHANGE_APPLICATION, organization_id=owner)
    _require_recent_login(request._request)  # noqa: SLF001 - the guard reads Django's own
    found: Client = get_object_or_404(application.clients, environment=environment)
    return found


def _visible(actor: Actor) -> QuerySet[Application]:
    applications = Application.objects.visible_to(actor).select_related("organization")
    return applications.prefetch_related("clients", "data_uses__scope", "data_uses__purpose")


def _require_recent_login(request: HttpRequest) -> None:
    try:
        recent_login(lambda _: None)(request)
    except ReauthenticationRequired as error:
        raise NotAllowed("Sign in again first.", code="recent_login_required") from error


urlpatterns = [
    path("applications", ApplicationsView.as_view()),
    path("applications/<slug:slug>", ApplicationView.as_view()),
    path("applications/<slug:slug>/suspension", SuspensionView.as_view()),
    path("applications/<slug:slug>/credentials", CredentialsView.as_view()),
    path("applications/<slug:slug>/clients/<slug:environment>/keys", KeysView.as_view()),
    path("applications/<slug:slug>/clients/<slug:environment>/sign-in", SignInView.as_view()),
    path(
        "applications/<slug:slug>/clients/<slug:environment>/authorization-details-types",
        DetailTypesView.as_view(),
    ),
]
