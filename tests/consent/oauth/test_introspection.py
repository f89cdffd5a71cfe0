"""Introspection as a signed answer (RFC 9701, MS3), and what it costs."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.models import Pseudonym
from consent.keys import jws
from consent.oauth.tokens import read_access_token
from partners.applications.actions import (
    issue_credential,
    revoke_credential,
    suspend_application,
)
from portal.access.actors import Role
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import FORM
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff

TYPE = "token-introspection+jwt"
SIGNED = f"application/{TYPE}"


def look(world, token, *, accept, basic=""):
    return Browser().post(
        "/oauth/introspect",
        urlencode({"token": token}),
        content_type=FORM,
        headers={"Authorization": basic or world.basic} | ({"Accept": accept} if accept else {}),
    )


def test_ms3_introspection_is_signed_for_who_asks_for_it(world):
    with time_machine.travel(timezone.now(), tick=False):
        token = world.exchange(world.code()).json()["access_token"]
        plain = look(world, token, accept="").json()

        answer = look(world, token, accept=SIGNED)

        assert (answer.status_code, answer["Content-Type"]) == (200, SIGNED)
        assert answer["Cache-Control"] == "no-store"
        assert jws.read(answer.content.decode(), typ=TYPE) == {
            "iss": settings.ISSUER,
            "aud": world.client.client_id,
            "iat": int(timezone.now().timestamp()),
            "token_introspection": plain,
        }
        assert plain["active"] is True


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "application/json", f"application/json, {SIGNED};q=0.5", "text/html"],
    ids=["none", "anything", "json", "json-rather", "html"],
)
def test_ms3_who_does_not_ask_for_a_signature_gets_json(world, accept):
    answer = look(world, "mat_unknown", accept=accept)

    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"active": False}


def test_ms3_of_a_token_that_is_not_ones_own_the_signed_answer_says_nothing(world):
    token = world.exchange(world.code()).json()["access_token"]
    other = ClientFactory(production=True)
    owner = member(other.application.organization, Role.OWNER)
    _, secret = issue_credential(other, by=owner)
    world.client, world.secret = other, secret

    answer = look(world, token, accept=SIGNED)

    claims = jws.read(answer.content.decode(), typ=TYPE)
    assert claims["aud"] == other.client_id
    assert claims["token_introspection"] == {"active": False}


def test_ms3_a_refusal_stays_plain(world):
    answer = look(world, "mat_unknown", accept=SIGNED, basic="Basic !!!")

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")


def test_ms3_a_signed_answer_is_no_token(world):
    token = world.exchange(world.code()).json()["access_token"]

    signed = look(world, token, accept=SIGNED).content.decode()

    assert read_access_token(signed) is None
    with pytest.raises(jws.BadSignature):
        jws.read(signed, typ="at+jwt")


def test_ms3_the_metadata_names_the_algorithm(db):
    told = Browser().get("/.well-known/oauth-authorization-server").json()

    assert told["introspection_signing_alg_values_supported"] == ["ES256"]


def test_introspection_of_ones_own_token_takes_one_statement(world, django_assert_num_queries):
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    world.post("/oauth/introspect", token=token)

    with django_assert_num_queries(1):
        told = world.post("/oauth/introspect", token=token).json()

    assert told["scope"] == "need:read extra:read open:read"
    assert told["sub"] == str(Pseudonym.objects.get().subject)


def test_introspection_by_a_key_takes_one_statement(db, django_assert_num_queries):
    world = make_fapi_world()
    token = world.post(grant_type="client_credentials", scope="open:read").json()["access_token"]

    with django_assert_num_queries(1):
        told = world.post("/oauth/introspect", token=token).json()

    assert (told["active"], told["scope"]) == (True, "open:read")


def test_a_token_does_not_prove_who_asks(world):
    """Its client is read with it, and is asked for its proof all the same."""
    token = world.exchange(world.code()).json()["access_token"]
    client_id = world.client.client_id
    known, world.secret = world.secret, "mrs_guess"

    wrong = world.post("/oauth/introspect", token=token)
    none = world.post("/oauth/introspect", basic=False, token=token, client_id=client_id)

    assert [answer.status_code for answer in (wrong, none)] == [401, 401]
    world.secret = known
    assert world.post("/oauth/introspect", token=token).json()["active"] is True


def test_a_revoked_secret_proves_nothing_beside_its_own_token(world):
    token = world.exchange(world.code()).json()["access_token"]
    owner = member(world.client.application.organization, Role.OWNER)
    revoke_credential(world.client.credentials.get(), by=owner, reason="leaked")

    assert world.post("/oauth/introspect", token=token).status_code == 401


def test_a_secret_is_noted_as_used_when_only_introspection_uses_it(world):
    token = world.exchange(world.code()).json()["access_token"]
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        world.post("/oauth/introspect", token=token)

        assert world.client.credentials.get().last_used_at == timezone.now()


def test_a_suspended_client_learns_nothing_of_its_own_token(world):
    token = world.exchange(world.code()).json()["access_token"]
    suspend_application(world.client.application, by=staff(Role.SECURITY), reason="a test")

    assert world.post("/oauth/introspect", token=token).status_code == 401
