"""nginx `auth_request`: a GET with the original method and address in headers.

Only 2xx, 401 and 403 survive in nginx, so every other refusal is a 403 here and says its true
status in X-Portal-Status; `export/nginx.py` writes the configuration that turns it back.
"""

# ruff: noqa: TID251 - a dialect is a view

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from consent.gateway import tickets
from consent.gateway.answers import answer
from consent.gateway.calls import Call
from consent.gateway.decision import Reason
from consent.gateway.dialects import headers
from consent.gateway.wording import TITLES
from consent.proofs.possession import read_proofs, thumbprint_in
from portal.errors import NotAllowed
from portal.ui.requests import Request


class GatewayUnknown(NotAllowed):
    code = "gateway_unknown"


def decision(request: Request) -> HttpResponse:
    """Answer nginx about one call."""
    if not constant_time_compare(request.headers.get("X-Gateway-Key", ""), settings.GATEWAY_KEY):
        raise GatewayUnknown("Only a gateway of ours may ask for decisions.")
    method = request.headers.get("X-Original-Method", "GET")
    target = request.headers.get("X-Original-URI", "/")
    given = request.headers.get("Authorization")
    call = Call.read(
        method=method,
        target=target,
        authorization=[given] if given else [],
        proofs=read_proofs(request.headers.get("DPoP")),
        certificate=thumbprint_in(request.headers),
    )
    said = answer(call, at=timezone.now())
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    for name, value in headers.for_client(said).items():
        response[name] = value
    if said.reason is Reason.ALLOWED:
        for name, value in headers.for_api(said).items():
            response[name] = value
        response["X-Portal-Ticket"] = tickets.write(said, method=method, target=target)
        return response
    status = said.reason.status
    relayed = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    response.status_code = status if relayed else HTTPStatus.FORBIDDEN
    response["X-Portal-Status"] = str(int(status))
    response["X-Portal-Reason"] = said.reason.value
    response["X-Portal-Title"] = TITLES[said.reason]
    response["X-Portal-Challenge"] = headers.challenge(said)
    return response
