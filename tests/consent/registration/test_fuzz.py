"""Whatever a client says about itself: no crash, a known error, nothing used up by a refusal."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.registration.models import InitialToken
from tests.consent.registration.test_register import CALLBACK, Program, manage, send

fixed = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KNOWN_ERRORS = {
    "invalid_client_metadata",
    "invalid_redirect_uri",
    "unapproved_software_statement",
    "invalid_request",
}
NAMES = [
    "client_name", "redirect_uris", "grant_types", "response_types", "scope", "jwks", "jwks_uri",
    "token_endpoint_auth_method", "tls_client_auth_subject_dn", "dpop_bound_access_tokens",
    "client_uri", "policy_uri", "software_statement", "client_id", "client_secret", "contacts",
]  # fmt: skip
WORDS = st.sampled_from(
    ["", "a\x00b", "\ud800", "x" * 5000, "💊", "\u202e", "https://app.example/", CALLBACK,
     "things:read", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth",
     "CN=app.example", "refresh_token", "code", "http://169.254.169.254/", "https://[", "things"]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["keys", "kty", "x"]), inner)
    ),
    max_leaves=6,
)


@pytest.fixture
def program(db) -> Program:
    return Program()


@fixed
@given(changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_registering(program, changes):
    with transaction.atomic():
        answer = send("post", "/oauth/register", program.raw, json.dumps(program.said() | changes))
        used = InitialToken.objects.get().used_count
        transaction.set_rollback(True)

    assert answer.status_code in {201, 400}
    assert used == (1 if answer.status_code == 201 else 0)
    if answer.status_code == 400:
        assert answer.json()["error"] in KNOWN_ERRORS


@fixed
@given(changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_describing_anew(program, changes):
    with transaction.atomic():
        told = program.register().json()
        said = program.said() | {"client_id": told["client_id"]} | changes
        answer = manage("put", told, said)
        transaction.set_rollback(True)

    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json()["error"] in KNOWN_ERRORS
