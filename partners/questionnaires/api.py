from __future__ import annotations

import re
from http import HTTPStatus

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request as DrfRequest
from rest_framework.response import Response

from partners.questionnaires import answering
from partners.questionnaires.answering import AnswerChanged
from partners.questionnaires.models import Answer, Assignment
from partners.questionnaires.serializers import AnswerSerializer, GivenSerializer
from portal.errors import Malformed, Refused
from portal.ui.problems import problem_of
from portal.ui.rest import PortalAPIView

_REVISION = re.compile(r'"?([0-9]{1,9})"?')
_REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RevisionNeeded(Refused):
    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "revision_needed"


class AnswerView(PortalAPIView):
    @extend_schema(
        operation_id="answer_question",
        request=GivenSerializer,
        responses={200: AnswerSerializer, 204: None},
        parameters=[
            OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
        ],
    )
    def patch(self, request: DrfRequest, number: int, key: str) -> Response:
        """Keep one answer, if nobody gave another since the revision in If-Match (0: none yet).

        Who comes too late is told what the other said (409, `current`). A request that is sent
        again under its Idempotency-Key changes nothing and is answered as the first time.
        """
        assignment = get_object_or_404(
            Assignment.objects.visible_to(self.actor).select_related("version__template"),
            pk=number,
        )
        answering.require_answering(assignment, key, by=self.actor)
        said = self.read(GivenSerializer)
        try:
            answer = answering.answer_question(
                assignment,
                by=self.actor,
                key=key,
                revision=_revision(request),
                request_key=_request_key(request),
                **said,
            )
        except AnswerChanged as refusal:
            theirs = AnswerSerializer(refusal.answer).data
            return Response(
                problem_of(refusal) | {"current": theirs},
                status=refusal.status,
                content_type="application/problem+json",
            )
        if answer is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        return _told(answer)


def _told(answer: Answer) -> Response:
    return Response(AnswerSerializer(answer).data, headers={"ETag": f'"{answer.revision}"'})


def _revision(request: DrfRequest) -> int:
    found = _REVISION.fullmatch(request.headers.get("If-Match", ""))
    if found is None:
        raise RevisionNeeded("Say in If-Match which revision you saw; “0” where there was none.")
    return int(found[1])


def _request_key(request: DrfRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not _REQUEST_KEY.fullmatch(key):
        raise Malformed("Idempotency-Key takes 8 to 64 letters, digits, hyphens or underscores.")
    return key


urlpatterns = [
    path("assignments/<int:number>/answers/<slug:key>", AnswerView.as_view()),
]
