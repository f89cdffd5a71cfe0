from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.apis.serializers import ApiSerializer, OperationSerializer
from portal.ui.rest import PortalAPIView

_SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH, description="The name of the API.")
_LABEL = OpenApiParameter("label", str, OpenApiParameter.PATH, description="Such as `v1`.")


class ApiList(PortalAPIView, generics.ListAPIView[Api]):
    permission_classes = [AllowAny]
    serializer_class = ApiSerializer

    @extend_schema(operation_id="listApis", tags=["Catalog"], auth=[])
    def get(self, request: Request, **_: str) -> Response:
        """List the APIs that everybody may know about."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Api]:
        return Api.objects.visible_to(self.actor).summarised(self.actor)


class ApiDetail(PortalAPIView, generics.RetrieveAPIView[Api]):
    permission_classes = [AllowAny]
    serializer_class = ApiSerializer
    lookup_field = "slug"

    @extend_schema(operation_id="getApi", tags=["Catalog"], auth=[], parameters=[_SLUG])
    def get(self, request: Request, **_: str) -> Response:
        """Return one API with its versions."""
        return self.retrieve(request)

    def get_queryset(self) -> QuerySet[Api]:
        return Api.objects.visible_to(self.actor).summarised(self.actor)


class OperationList(PortalAPIView, generics.ListAPIView[Operation]):
    permission_classes = [AllowAny]
    serializer_class = OperationSerializer

    @extend_schema(
        operation_id="listOperations", tags=["Catalog"], auth=[], parameters=[_SLUG, _LABEL]
    )
    def get(self, request: Request, **_: str) -> Response:
        """List the operations of one version, with the scopes that each needs."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Operation]:
        visible = ApiVersion.objects.visible_to(self.actor)
        version = get_object_or_404(
            visible, api__slug=self.kwargs["slug"], label=self.kwargs["label"]
        )
        return version.operations.as_rows()


urlpatterns: list[URLPattern] = [
    path("apis", ApiList.as_view()),
    path("apis/<slug:slug>", ApiDetail.as_view()),
    path("apis/<slug:slug>/versions/<slug:label>/operations", OperationList.as_view()),
]
