"""What every endpoint of the REST API shares: who calls, and refusals as problem details."""

from __future__ import annotations

from typing import Any, cast

from rest_framework import exceptions, serializers
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from portal.access.actors import Actor
from portal.errors import Refused
from portal.ui.problems import problem_of


class PortalAPIView(APIView):
    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware

    def read(self, serializer_class: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the cleaned body, or refuse with the fields that need another look."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal, ours and the framework's, as `application/problem+json`."""
    request = cast("DrfRequest", context["request"])
    if isinstance(error, Refused):
        body = problem_of(error)
        response = Response(body, status=error.status)
    else:
        answered = exception_handler(error, context)
        if answered is None:
            return None
        response = answered
        response.data = _problem_of_framework(error, response)
    response.data["request_id"] = request.META.get("HTTP_X_REQUEST_ID", "")
    response.content_type = "application/problem+json"
    return response


def _problem_of_framework(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {
            "type": "/problems/invalid",
            "title": "Some fields need another look.",
            "status": response.status_code,
            "code": "invalid",
            "errors": response.data,
        }
    code = getattr(error, "default_code", "not_found")
    title = getattr(error, "detail", "There is nothing here.")
    return {
        "type": f"/problems/{code}",
        "title": str(title),
        "status": response.status_code,
        "code": code,
    }
