"""F22 and RFC 9449 §7: a bound token is worth nothing without its key."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from joserfc.jwk import ECKey

from consent.oauth.models import AccessToken
from consent.proofs import replay
from tests.factories.fapi import make_fapi_world
from tests.factories.gateway import make_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(db):
    return make_gate(make_fapi_world())


def call(gate, token, *, scheme="DPoP", proof="", path="/things", **changes):
    if proof == "":
        url = f"{settings.GATEWAY_URL}/{gate.api.slug}/v1{path.partition('?')[0]}"
        proof = gate.world.proof("GET", changes.pop("url", url), token=token, **changes)
    headers = {"Authorization": f"{scheme} {token}"}
    if proof is not None:
        headers["DPoP"] = proof
    return gate.ask(token, path=path, **headers)


def said(response):
    return response.get("X-Portal-Status"), response.get("X-Portal-Reason")


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_the_holder_of_the_key_may_call(gate, scheme):
    response = call(gate, gate.token(), scheme=scheme)

    assert response.status_code == 204, said(response)
    assert response["X-Allowed-Fields"] == "/id /need/name"


def test_the_query_is_not_part_of_what_is_proved(gate):
    assert call(gate, gate.token(), path="/things?page=2").status_code == 204


def test_f22_a_bound_token_is_no_bearer_token(gate):
    token = gate.token()

    assert said(gate.ask(token)) == ("401", "proof_missing")
    assert said(call(gate, token, scheme="Bearer")) == ("401", "proof_missing")
    assert said(call(gate, token, proof=None)) == ("401", "proof_missing")


@pytest.mark.parametrize(
    "wrong",
    [
        {"htm": "POST"},
        {"url": "http://testserver/sandbox/another"},
        {"ath": "A" * 43},
        {"ath": None},
        {"iat": 1},
        {"jti": None},
        {"key": ECKey.generate_key("P-256")},
    ],
    ids=["htm", "htu", "ath", "no-ath", "iat", "no-jti", "key"],
)
def test_a_proof_that_does_not_fit_is_refused(gate, wrong):
    response = call(gate, gate.token(), **wrong)

    assert said(response) == ("401", "proof_invalid")
    assert response["X-Portal-Challenge"].startswith('DPoP realm="meridian"')
    assert 'error="invalid_dpop_proof"' in response["X-Portal-Challenge"]
    assert 'algs="ES256 PS256 EdDSA"' in response["X-Portal-Challenge"]


def test_a_proof_works_once(gate):
    token = gate.token()
    url = f"{settings.GATEWAY_URL}/{gate.api.slug}/v1/things"
    proof = gate.world.proof("GET", url, token=token)

    assert call(gate, token, proof=proof).status_code == 204
    assert said(call(gate, token, proof=proof)) == ("401", "proof_invalid")


def test_an_unbound_token_does_not_become_a_bound_one(gate):
    token = gate.token()
    AccessToken.objects.update(jkt="")

    assert said(call(gate, token)) == ("401", "proof_invalid")


def test_whoever_found_a_token_learns_nothing_about_it(gate):
    token = gate.token()
    AccessToken.objects.update(revoked_at=timezone.now())

    assert said(gate.ask(token)) == ("401", "proof_missing")


def test_without_the_store_of_used_proofs_nobody_passes(gate, monkeypatch):
    token = gate.token()
    away = redis.Redis(port=1, socket_connect_timeout=0.05)
    monkeypatch.setattr(replay, "store", lambda: away)

    assert said(call(gate, token)) == ("503", "proof_unchecked")


def test_the_sandbox_asks_for_the_same_proof(gate):
    token = gate.token()
    url = f"{settings.GATEWAY_URL}/{gate.api.slug}/v1/things"
    proof = gate.world.proof("GET", url, token=token)

    refused = gate.call(token)
    assert (refused.status_code, refused.json()["code"]) == (401, "proof_missing")
    assert gate.call(token, Authorization=f"DPoP {token}", DPoP=proof).status_code == 200


@pytest.mark.parametrize(
    ("change", "path", "code", "error"),
    [
        (
            {"expires": timezone.now() - timedelta(days=1)},
            "/things",
            "token_expired",
            "invalid_token",
        ),
        ({"revoked_at": timezone.now()}, "/things", "token_revoked", "invalid_token"),
        ({"scope": "open:read"}, "/extra", "scope_missing", "insufficient_scope"),
    ],
    ids=["expired", "revoked", "scope"],
)
def test_whatever_else_is_wrong_with_a_bound_token_the_challenge_is_dpop(
    gate, change, path, code, error
):
    """RFC 9449 §7.1: who came with a proof is told to come back with one."""
    token = gate.token()
    AccessToken.objects.update(**change)

    response = call(gate, token, path=path)

    assert response["X-Portal-Reason"] == code
    assert response["X-Portal-Challenge"].startswith(f'DPoP realm="meridian", error="{error}"')
    assert "Bearer" not in response["X-Portal-Challenge"]
    assert "algs=" in response["X-Portal-Challenge"]


def test_an_unknown_token_is_challenged_in_the_scheme_it_came_with(gate):
    answers = [gate.ask("x", Authorization=f"{scheme} mat_x") for scheme in ("DPoP", "Bearer")]

    said = [answer["X-Portal-Challenge"].partition(" ")[0] for answer in answers]
    assert said == ["DPoP", "Bearer"]
