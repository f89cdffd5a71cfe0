"""private_key_jwt (RFC 7523) as FAPI 2.0 wants it: F2, F4, F9, F23."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.proofs.errors import InvalidClient
from consent.proofs.protocol import client_assertion
from consent.proofs.protocol.client_assertion import Assertion, client_id_of, header_of
from portal.jose import MAX_AHEAD
from tests.consent.proofs.protocol.signing import AT, NOW, encode, public, sign, sign_text

ISSUER = "https://as.example"
CLIENT = "client-1"
LOST = object()
ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def make(claims: dict[str, Any] | None = None, *, algorithm: str = "ES256", **header: Any) -> str:
    """Return an assertion that is right except for what is given; `LOST` takes a claim away."""
    right = {"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "an-id", "exp": NOW + 60}
    whole = {name: value for name, value in (right | (claims or {})).items() if value is not LOST}
    number = header.pop("number", 0)
    return sign(whole, algorithm=algorithm, number=number, header=header)


def check(assertion: str, **expected: Any) -> Assertion:
    asked = {"keys": [public()], "client_id": CLIENT, "issuer": ISSUER, "at": AT} | expected
    return client_assertion.verify(assertion, **asked)


ACCEPTED = {
    "F2-plain": {},
    "F2-exp-in-ten-minutes": {"exp": NOW + 600},
    "F2-exp-in-a-moment": {"exp": NOW + 1},
    "F9-iat-10s-ahead": {"iat": NOW + 10},
    "F9-nbf-10s-ahead": {"nbf": NOW + 10},
    "F9-iat-and-nbf-8s-ahead": {"iat": NOW + 8, "nbf": NOW + 8},
    "F2-extra-claims": {"other": [1, {"a": None}]},
    "F2-longest-jti": {"jti": "j" * 256},
}


@pytest.mark.parametrize("claims", ACCEPTED.values(), ids=ACCEPTED)
def test_a_good_assertion_is_accepted(claims):
    assertion = check(make(claims))

    assert assertion.once == (CLIENT, claims.get("jti", "an-id"))
    assert assertion.expires_at == AT + timedelta(seconds=claims.get("exp", NOW + 60) - NOW)


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_f23_the_algorithms_of_fapi_are_accepted(algorithm):
    assert check(make(algorithm=algorithm), keys=[public(algorithm)]).jti == "an-id"


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "client-authentication+jwt"])
def test_f2_a_type_is_optional(kind):
    assert check(make(typ=kind)).jti == "an-id"


REFUSED = {
    "F4-aud-endpoint": {"aud": f"{ISSUER}/oauth/token"},
    "F4-aud-with-slash": {"aud": f"{ISSUER}/"},
    "F4-aud-array": {"aud": [ISSUER]},
    "F4-aud-array-of-two": {"aud": [ISSUER, f"{ISSUER}/oauth/token"]},
    "F4-no-aud": {"aud": LOST},
    "F2-no-iss": {"iss": LOST},
    "F2-wrong-iss": {"iss": "client-2"},
    "F2-no-sub": {"sub": LOST},
    "F2-wrong-sub": {"sub": "client-2"},
    "F2-sub-list": {"sub": [CLIENT]},
    "F2-no-exp": {"exp": LOST},
    "F2-exp-now": {"exp": NOW},
    "F2-exp-over": {"exp": NOW - 1},
    "F2-exp-in-eleven-minutes": {"exp": NOW + 660},
    "F2-exp-text": {"exp": str(NOW + 60)},
    "F2-exp-true": {"exp": True},
    "F2-exp-huge": {"exp": 10**400},
    "F9-iat-60s-ahead": {"iat": NOW + 60},
    "F9-nbf-60s-ahead": {"nbf": NOW + 60},
    "F9-iat-61s-ahead": {"iat": NOW + 61},
    "F9-iat-text": {"iat": "now"},
    "F9-nbf-null": {"nbf": None},
    "F9-nbf-true": {"nbf": True},
    "F2-no-jti": {"jti": LOST},
    "F2-empty-jti": {"jti": ""},
    "F2-jti-too-long": {"jti": "j" * 257},
}
REFUSED_HEADERS: dict[str, dict[str, Any]] = {
    "F23-alg-none": {"alg": "none"},
    "F23-alg-rs256": {"alg": "RS256"},
    "F23-alg-hs256": {"alg": "HS256"},
    "F23-no-alg": {"alg": None},
    "F23-alg-of-another-key": {"alg": "PS256"},
    "F2-typ-of-a-proof": {"typ": "dpop+jwt"},
    "F2-typ-of-a-request-object": {"typ": "oauth-authz-req+jwt"},
    "F2-typ-of-an-access-token": {"typ": "at+jwt"},
    "F2-crit": {"crit": ["exp"]},
    "F2-jku": {"jku": "https://evil.example/jwks"},
}


@pytest.mark.parametrize("claims", REFUSED.values(), ids=REFUSED)
def test_an_assertion_with_wrong_claims_is_refused(claims):
    with pytest.raises(InvalidClient) as refusal:
        check(make(claims))

    assert (refusal.value.status, refusal.value.code) == (401, "invalid_client")


@pytest.mark.parametrize("header", REFUSED_HEADERS.values(), ids=REFUSED_HEADERS)
def test_an_assertion_with_a_wrong_header_is_refused(header):
    with pytest.raises(InvalidClient):
        check(make(**header))


def test_f23_a_real_rs256_signature_is_refused():
    with pytest.raises(InvalidClient, match="signed with one of"):
        check(make(algorithm="RS256"), keys=[public("RS256")])


def test_f23_an_algorithm_the_caller_does_not_allow_is_refused():
    with pytest.raises(InvalidClient, match="signed with one of: PS256"):
        check(make(), algorithms=["PS256"])


def test_f2_another_clients_key_is_refused():
    with pytest.raises(InvalidClient, match="signature"):
        check(make(number=1))


def test_f2_without_keys_nobody_is_anybody():
    with pytest.raises(InvalidClient, match="signature"):
        check(make(), keys=[])


def test_f24_the_right_key_is_found_among_others():
    keys = [public("PS256"), public(number=1, kid="old"), public(kid="new"), public("Ed25519")]

    assert check(make(kid="new"), keys=keys).jti == "an-id"
    assert check(make(), keys=keys).jti == "an-id"
    with pytest.raises(InvalidClient, match="signature"):
        check(make(kid="old"), keys=keys)


def test_a_peek_tells_whom_to_look_up():
    assertion = make({"sub": "client-9"}, kid="k1")

    assert client_id_of(assertion) == "client-9"
    assert header_of(assertion)["kid"] == "k1"


@pytest.mark.parametrize(
    "raw",
    ["", "a.b.c", make({"sub": 5}), make({"sub": LOST})],
    ids=["empty", "no-json", "number", "lost"],
)
def test_a_peek_at_nonsense_is_refused(raw):
    with pytest.raises(InvalidClient):
        client_id_of(raw)


@ALWAYS
@given(offset=st.integers(-100, 700))
def test_exp_is_accepted_exactly_in_its_window(offset):
    try:
        check(make({"exp": NOW + offset}))
    except InvalidClient:
        assert not 0 < offset <= 600
    else:
        assert 0 < offset <= 600


@ALWAYS
@given(offset=st.integers(-100_000, 120), name=st.sampled_from(["iat", "nbf"]))
def test_the_future_begins_after_the_allowance(offset, name):
    try:
        check(make({name: NOW + offset}))
    except InvalidClient:
        assert offset > MAX_AHEAD.seconds
    else:
        assert offset <= MAX_AHEAD.seconds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@ALWAYS
@given(name=st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), value=JSON)
def test_no_claim_breaks_the_reader(name, value):
    with suppress(InvalidClient):
        check(make({name: value}))


@ALWAYS
@given(name=st.sampled_from(["typ", "alg", "kid", "jwk", "x5t"]), value=JSON)
def test_no_header_breaks_the_reader(name, value):
    with suppress(InvalidClient):
        check(make(**{name: value}))


@ALWAYS
@given(header=JSON | st.text(), payload=st.text())
def test_no_text_breaks_the_reader(header, payload):
    for raw in (str(header), sign_text(str(header), payload), f"{encode(payload)}.{payload}.AA"):
        with pytest.raises(InvalidClient):
            check(raw)
        with pytest.raises(InvalidClient):
            client_id_of(raw)
