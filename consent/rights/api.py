from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from consent.rights import attesting
from consent.rights.models import Task
from consent.rights.serializers import AttestationSerializer, TaskSerializer
from portal.access.permissions import Permission, require
from portal.ui.paging import Pages
from portal.ui.rest import PortalAPIView


class TasksView(PortalAPIView):
    @extend_schema(
        operation_id="list_data_tasks",
        parameters=[OpenApiParameter("open", bool, description="Only what waits for you.")],
        responses=TaskSerializer(many=True),
    )
    def get(self, request: DrfRequest) -> Response:
        """List what customers ask of your applications: to delete, not to use, or to correct."""
        mine = Task.objects.visible_to(self.actor).select_related("application")
        if request.query_params.get("open") in {"1", "true"}:
            mine = mine.open()
        pages = Pages()
        page = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(TaskSerializer(page, many=True).data)


class TaskView(PortalAPIView):
    @extend_schema(operation_id="get_data_task", responses=TaskSerializer)
    def get(self, request: DrfRequest, task_id: UUID) -> Response:  # noqa: ARG002 - nothing to read
        """Return one task."""
        return Response(TaskSerializer(self._task(task_id)).data)

    def _task(self, task_id: UUID) -> Task:
        mine = Task.objects.visible_to(self.actor).select_related("application")
        return get_object_or_404(mine, public_id=task_id)


class AcknowledgementView(TaskView):
    http_method_names = ("post", "options")

    @extend_schema(operation_id="acknowledge_data_task", request=None, responses=TaskSerializer)
    def post(self, request: DrfRequest, task_id: UUID) -> Response:  # noqa: ARG002 - nothing to read
        """Say that you know of it. Saying so twice changes nothing."""
        task = attesting.acknowledge_task(self._task(task_id), by=self.actor)
        return Response(TaskSerializer(task).data)


class AttestationView(TaskView):
    http_method_names = ("post", "options")

    @extend_schema(
        operation_id="attest_data_task", request=AttestationSerializer, responses=TaskSerializer
    )
    def post(self, request: DrfRequest, task_id: UUID) -> Response:  # noqa: ARG002 - `read` takes its body
        """Say that you did it, or which exemption lets you not do it."""
        task = self._task(task_id)
        owner = task.application.organization_id
        require(self.actor, Permission.ATTEST_TASK, organization_id=owner)
        wanted = self.read(AttestationSerializer)
        task = attesting.attest_task(
            task,
            by=self.actor,
            exemption=wanted.get("exemption", ""),
            evidence=wanted["evidence"],
        )
        return Response(TaskSerializer(task).data)


urlpatterns = [
    path("data-tasks", TasksView.as_view(), name="data_tasks"),
    path("data-tasks/<uuid:task_id>", TaskView.as_view()),
    path("data-tasks/<uuid:task_id>/acknowledgement", AcknowledgementView.as_view()),
    path("data-tasks/<uuid:task_id>/attestation", AttestationView.as_view()),
]
