"""Any published API answers from its example, and only with what was agreed to."""

from __future__ import annotations

import pytest
from django.conf import settings

from consent.gateway.models import Usage
from tests.factories.gateway import EXAMPLE, Gate, make_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(db) -> Gate:
    return make_gate()


def test_without_a_gateway_the_sandbox_asks_for_the_decision_itself(gate):
    response = gate.call(gate.token())

    assert response.status_code == 200
    assert response.json() == {"id": 1, "need": {"name": "a"}}
    assert response["Cache-Control"] == "no-store"


def test_an_answer_about_nobody_is_whole(gate):
    assert gate.call(gate.own_token(), path="/shops").json() == EXAMPLE


def test_a_refusal_is_a_problem_with_its_code(gate):
    response = gate.call("mat_unknown")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "token_unknown"
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def ticket_for(gate: Gate, path: str = "/things") -> str:
    return str(gate.ask(gate.token(), path=path)["X-Portal-Ticket"])


def test_the_gateways_ticket_is_believed_for_the_very_same_call(gate):
    response = gate.call(**{"X-Portal-Ticket": ticket_for(gate)})

    assert response.status_code == 200
    assert response.json() == {"id": 1, "need": {"name": "a"}}
    assert Usage.objects.get().call_count == 1


@pytest.mark.parametrize("change", ["path", "method", "signature"])
def test_a_ticket_for_another_call_or_a_forged_one_counts_for_nothing(gate, change, client):
    ticket = ticket_for(gate)
    headers = {"X-Portal-Ticket": ticket}
    address = f"/sandbox/{gate.api.slug}/v1/things"
    if change == "path":
        response = client.get(f"{address}?page=2", headers=headers)
    elif change == "method":
        response = client.post(address, headers=headers)
    else:
        response = client.get(address, headers={"X-Portal-Ticket": f"x{ticket}"})

    assert response.status_code in {401, 404}
    assert response.json()["code"] in {"token_missing", "operation_unknown"}


def test_facts_in_plain_headers_are_not_believed(gate, client):
    forged = {
        "X-Portal-Client": gate.world.client.client_id,
        "X-Allowed-Fields": "/hidden",
        "X-Gateway-Key": settings.GATEWAY_KEY,
    }

    response = client.get(f"/sandbox/{gate.api.slug}/v1/things", headers=forged)

    assert response.json()["code"] == "token_missing"
