"""Request objects (RFC 9101) as FAPI 2.0 Message Signing wants them: MS1, F9, F23."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.proofs.protocol import request_object
from consent.proofs.protocol.request_object import InvalidRequestObject
from portal.jose import MAX_AHEAD
from tests.consent.proofs.protocol.signing import AT, NOW, public, sign, sign_text

ISSUER = "https://as.example"
CLIENT = "client-1"
LOST = object()
PARAMETERS = {
    "client_id": CLIENT,
    "response_type": "code",
    "redirect_uri": "https://app.example/back",
    "scope": "records:read",
    "state": "st-1",
}
ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def make(claims: dict[str, Any] | None = None, *, algorithm: str = "ES256", **header: Any) -> str:
    """Return an object that is right except for what is given; `LOST` takes a claim away."""
    right = {"iss": CLIENT, "aud": ISSUER, "nbf": NOW, "exp": NOW + 300, **PARAMETERS}
    whole = {name: value for name, value in (right | (claims or {})).items() if value is not LOST}
    number = header.pop("number", 0)
    return sign(
        whole, algorithm=algorithm, number=number, header={"typ": "oauth-authz-req+jwt", **header}
    )


def check(raw: str, **expected: Any) -> dict[str, str]:
    asked = {"keys": [public()], "client_id": CLIENT, "issuer": ISSUER, "at": AT} | expected
    return request_object.verify(raw, **asked)


ACCEPTED = {
    "MS1-plain": {},
    "MS1-aud-array": {"aud": [ISSUER]},
    "MS1-aud-array-of-two": {"aud": ["https://other.example", ISSUER, 7]},
    "MS1-nbf-almost-60-minutes-old": {"nbf": NOW - 3599, "exp": NOW + 1},
    "MS1-nbf-8s-ahead": {"nbf": NOW + 8},
    "F9-nbf-10s-ahead": {"nbf": NOW + 10},
    "F9-iat-10s-ahead": {"iat": NOW + 10},
    "MS1-exp-60-minutes-after-nbf": {"exp": NOW + 3600},
    "MS1-jti-and-iat": {"jti": "an-id", "iat": NOW},
    "MS1-sub-of-somebody": {"sub": "somebody"},
    "MS1-no-client-id": {"client_id": LOST},
}


@pytest.mark.parametrize("claims", ACCEPTED.values(), ids=ACCEPTED)
def test_a_good_object_is_accepted(claims):
    assert check(make(claims)) == PARAMETERS


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_f23_the_algorithms_of_fapi_are_accepted(algorithm):
    assert check(make(algorithm=algorithm), keys=[public(algorithm)]) == PARAMETERS


@pytest.mark.parametrize(
    "kind", [None, "JWT", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"]
)
def test_ms1_a_type_is_optional(kind):
    assert check(make(typ=kind)) == PARAMETERS


REFUSED = {
    "MS1-no-aud": {"aud": LOST},
    "MS1-wrong-aud": {"aud": "https://other.example"},
    "MS1-aud-of-others": {"aud": ["https://other.example"]},
    "MS1-aud-empty": {"aud": []},
    "MS1-aud-object": {"aud": {ISSUER: 1}},
    "MS1-aud-with-more": {"aud": f"{ISSUER}/oauth/par"},
    "MS1-no-exp": {"exp": LOST},
    "MS1-exp-over": {"exp": NOW - 1},
    "MS1-exp-now": {"exp": NOW},
    "MS1-exp-61-minutes-after-nbf": {"exp": NOW + 3660},
    "MS1-exp-in-an-hour-of-an-old-nbf": {"nbf": NOW - 1000, "exp": NOW + 3000},
    "MS1-no-nbf": {"nbf": LOST},
    "MS1-nbf-61-minutes-old": {"nbf": NOW - 3660, "exp": NOW - 60},
    "MS1-nbf-61-minutes-old-but-not-over": {"nbf": NOW - 3660, "exp": NOW + 60},
    "F9-nbf-a-minute-ahead": {"nbf": NOW + 60, "exp": NOW + 300},
    "F9-iat-a-minute-ahead": {"iat": NOW + 60},
    "MS1-nbf-text": {"nbf": "now"},
    "MS1-no-iss": {"iss": LOST},
    "MS1-another-iss": {"iss": "client-2"},
    "MS1-another-client-id": {"client_id": "client-2"},
    "MS1-client-id-null": {"client_id": None},
    "MS1-sub-client": {"sub": CLIENT},
    "MS1-request-uri-inside": {"request_uri": "urn:x"},
    "MS1-request-inside": {"request": "a.b.c"},
    "MS1-empty-request-uri-inside": {"request_uri": ""},
    "MS1-state-number": {"state": 5},
    "MS1-scope-list": {"scope": ["a"]},
    "MS1-scope-null": {"scope": None},
    "MS1-max-age-true": {"max_age": True},
    "MS1-max-age-negative": {"max_age": -1},
    "MS1-max-age-huge": {"max_age": 10**400},
    "MS1-max-age-fraction": {"max_age": 1.5},
    "MS1-details-object": {"authorization_details": {}},
    "MS1-claims-list": {"claims": []},
    "MS1-two-resources-in-one": {"resource": ["https://a.example https://b.example"]},
    "MS1-no-resource": {"resource": []},
    "MS1-resource-number": {"resource": [1]},
    "MS1-value-too-long": {"state": "s" * 4097},
    "MS1-name-too-long": {"x" * 101: "a"},
    "MS1-name-unprintable": {"a\nb": "a"},
    "MS1-null-byte": {"state": "a\x00b"},
    "MS1-too-many": {f"p{number}": "x" for number in range(40)},
}
REFUSED_HEADERS: dict[str, dict[str, Any]] = {
    "MS1-alg-none": {"alg": "none"},
    "MS1-alg-rs256": {"alg": "RS256"},
    "MS1-alg-hs256": {"alg": "HS256"},
    "MS1-alg-of-another-key": {"alg": "PS256"},
    "MS1-another-clients-key": {"number": 1},
    "MS1-typ-of-an-assertion": {"typ": "client-authentication+jwt"},
    "MS1-typ-of-a-proof": {"typ": "dpop+jwt"},
    "MS1-typ-null": {"typ": 0},
    "MS1-crit": {"crit": ["exp"]},
}


@pytest.mark.parametrize("claims", REFUSED.values(), ids=REFUSED)
def test_an_object_with_wrong_claims_is_refused(claims):
    with pytest.raises(InvalidRequestObject) as refusal:
        check(make(claims))

    assert (refusal.value.status, refusal.value.code) == (400, "invalid_request_object")


@pytest.mark.parametrize("header", REFUSED_HEADERS.values(), ids=REFUSED_HEADERS)
def test_an_object_with_a_wrong_header_is_refused(header):
    with pytest.raises(InvalidRequestObject):
        check(make(**header))


def test_ms1_a_real_rs256_signature_is_refused():
    with pytest.raises(InvalidRequestObject, match="signed with one of"):
        check(make(algorithm="RS256"), keys=[public("RS256")])


def test_ms1_an_encrypted_object_is_refused():
    with pytest.raises(InvalidRequestObject, match="compact"):
        check("a.b.c.d.e")


def test_ms1_only_what_is_inside_counts():
    assert "state" not in check(make({"state": LOST}))


READ: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "details": (
        {"authorization_details": [{"type": "payment", "to": "Zoë"}]},
        {"authorization_details": '[{"type":"payment","to":"Zoë"}]'},
    ),
    "details-as-text": (
        {"authorization_details": '[{"type": "payment"}]'},
        {"authorization_details": '[{"type": "payment"}]'},
    ),
    "claims": ({"claims": {"userinfo": None}}, {"claims": '{"userinfo":null}'}),
    "max-age": ({"max_age": 0}, {"max_age": "0"}),
    "max-age-as-text": ({"max_age": "60"}, {"max_age": "60"}),
    "one-resource": ({"resource": ["https://a.example"]}, {"resource": "https://a.example"}),
    "two-resources": (
        {"resource": ["https://a.example", "https://b.example"]},
        {"resource": "https://a.example https://b.example"},
    ),
    "a-resource": ({"resource": "https://a.example"}, {"resource": "https://a.example"}),
    "unknown-text": ({"vendor": "x"}, {"vendor": "x"}),
    "unknown-object": ({"vendor": {"a": 1}}, {}),
    "empty": ({"nonce": ""}, {}),
    "longest": ({"nonce": "n" * 4096}, {"nonce": "n" * 4096}),
}


@pytest.mark.parametrize(("claims", "read"), READ.values(), ids=READ)
def test_values_arrive_as_a_form_would_carry_them(claims, read):
    assert check(make(claims)) == PARAMETERS | read


def test_names_that_come_twice_are_refused():
    with pytest.raises(InvalidRequestObject, match="each name once"):
        check(sign_text('{"alg":"ES256"}', '{"scope":"a","scope":"b"}'))


@ALWAYS
@given(
    nbf=st.integers(-3700, -3500) | st.integers(-100, 100),
    lifetime=st.integers(-10, 200) | st.integers(3500, 3700),
)
def test_an_object_is_accepted_exactly_in_its_window(nbf, lifetime):
    is_inside = -3600 <= nbf <= MAX_AHEAD.seconds and nbf + lifetime > 0 and lifetime <= 3600

    try:
        check(make({"nbf": NOW + nbf, "exp": NOW + nbf + lifetime}))
    except InvalidRequestObject:
        assert not is_inside
    else:
        assert is_inside


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@ALWAYS
@given(claims=st.dictionaries(st.sampled_from([
    "iss", "aud", "exp", "nbf", "iat", "sub", "client_id", "request", "scope", "max_age",
    "authorization_details", "claims", "resource", "other",
]) | st.text(max_size=5), JSON, max_size=3))  # fmt: skip
def test_no_claim_breaks_the_reader(claims):
    with suppress(InvalidRequestObject):
        read = check(make(claims))
        assert all(isinstance(value, str) and value for value in read.values())
        json.dumps(read).encode()


@ALWAYS
@given(raw=st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*"))
def test_no_text_breaks_the_reader(raw):
    with pytest.raises(InvalidRequestObject):
        check(raw)
