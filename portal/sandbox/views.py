"""The sandbox: behind the gateway's decision, always, and never more than it allows."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent.gateway import tickets, usage
from consent.gateway.answers import Answer, answer
from consent.gateway.calls import Call
from consent.gateway.decision import Reason
from consent.gateway.dialects import headers
from consent.gateway.facts import declared_fields
from consent.gateway.projection import undeclared_count
from consent.gateway.wording import TITLES
from consent.proofs.possession import read_proofs, thumbprint_in
from partners.joining.actions import note_first_answer
from portal.errors import Malformed, Refused
from portal.sandbox.records import Reply
from portal.sandbox.replies import reply_to
from portal.sandbox.requests import SandboxRequest
from portal.sandbox.responses import close, response_to
from portal.ui.problems import problem_response
from portal.ui.requests import Request


@csrf_exempt  # Programs call it, with a token of their own; no cookie counts here.
def call(request: Request, api_slug: str, version: str, rest: str) -> HttpResponse:  # noqa: ARG001
    """Answer a call from its example, or from the reference API's state."""
    _, response = respond(request, api_slug, rest)
    return response


def respond(request: Request, api_slug: str, rest: str) -> tuple[Answer, HttpResponse]:
    """Return what the gateway decided about the call, and the answer."""
    target = request.get_full_path().removeprefix("/sandbox")
    said = _decision(request, target)
    if said.reason is not Reason.ALLOWED:
        return said, close(_refusal(request, said))
    try:
        asked = _read(request, f"/{rest}", said)
        made = reply_to(api_slug, asked)
        _count_undeclared(said, made)
        response = response_to(request, made, fields=asked.shown, subject=said.subject)
        note_first_answer(said.organization, at=timezone.now())
    except Refused as refusal:
        response = problem_response(request, refusal)
    for name, value in headers.for_client(said).items():
        response[name] = value
    return said, close(response)


def _decision(request: Request, target: str) -> Answer:
    """Believe the gateway's ticket for this very call, or ask for the decision here."""
    method = request.method or "GET"
    ticket = request.headers.get("X-Portal-Ticket", "")
    if ticket and (said := tickets.read(ticket, method=method, target=target)) is not None:
        return said
    given = request.headers.get("Authorization")
    call = Call.read(
        method=method,
        target=target,
        authorization=[given] if given else [],
        proofs=read_proofs(request.headers.get("DPoP")),
        certificate=thumbprint_in(request.headers),
    )
    return answer(call, at=timezone.now())


def _refusal(request: Request, said: Answer) -> HttpResponse:
    problem = {
        "type": f"/problems/{said.reason}",
        "title": TITLES[said.reason],
        "status": said.reason.status,
        "code": said.reason,
        "request_id": request.META.get("HTTP_X_REQUEST_ID", ""),
    }
    response = JsonResponse(
        problem, status=said.reason.status, content_type="application/problem+json"
    )
    for name, value in headers.for_client(said).items():
        response[name] = value
    if challenge := headers.challenge(said):
        response["WWW-Authenticate"] = challenge
    return response


def _read(request: Request, path: str, said: Answer) -> SandboxRequest:
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Malformed("Each parameter may come once.")
    return SandboxRequest(request.method or "GET", path, parameters, request.body, said)


def _count_undeclared(said: Answer, made: Reply) -> None:
    """Note fields that the description does not name: they are dropped, and somebody should ask."""
    if said.fields is None or made.body is None:
        return
    if count := undeclared_count(made.body, declared_fields(said.operation_key)):
        usage.count_undeclared(said.operation_key, count, at=timezone.now())
