"""The JWK Sets of clients (RFC 7517): what is used, what is left alone, what is turned down."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.jwks import MAX_BYTES, MAX_KEYS, InvalidKeys, read_jwks, select
from tests.consent.proofs.protocol.signing import jwk, key, public

ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def read(*keys: Any) -> list[str]:
    """Return the names of the keys that are of use."""
    return [found.kid for found in read_jwks({"keys": list(keys)})]


def private(algorithm: str) -> dict[str, Any]:
    return key(algorithm).as_dict(private=True)


GOOD = jwk(kid="good")
LEFT_OUT: dict[str, dict[str, Any]] = {
    "F24-unknown-kty": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "decoy"},
    "F24-no-kty": {"kid": "decoy"},
    "F24-kty-number": {"kty": 1, "kid": "decoy"},
    "F24-kty-list": {"kty": ["EC"], "crv": ["P-256"], "kid": "decoy"},
    "F24-unknown-curve": jwk("ES384", kid="decoy"),
    "F24-x25519": {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "decoy"},
    "F24-for-encryption": jwk(number=2, kid="decoy", use="enc"),
    "F24-for-wrapping": jwk(number=2, kid="decoy", key_ops=["wrapKey"]),
    "F24-key-ops-text": jwk(number=2, kid="decoy", key_ops="verify"),
    "F24-alg-rs256": jwk("PS256", kid="decoy", alg="RS256"),
    "F24-alg-rsa-oaep": jwk("PS256", kid="decoy", alg="RSA-OAEP"),
    "F24-alg-of-another-type": jwk("PS256", kid="decoy", alg="ES256"),
    "F24-alg-number": jwk("PS256", kid="decoy", alg=256),
}


@pytest.mark.parametrize("decoy", LEFT_OUT.values(), ids=LEFT_OUT)
def test_f24_a_decoy_beside_a_good_key_is_left_out(decoy):
    assert read(decoy, GOOD) == ["good"]


@pytest.mark.parametrize("decoy", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_set_of_decoys_only_is_refused(decoy):
    with pytest.raises(InvalidKeys, match="None of the keys"):
        read(decoy)


REFUSED: dict[str, tuple[Any, str]] = {
    "private-ec": (private("ES256"), "Key 2: A key holds a secret"),
    "private-rsa": (private("PS256"), "Key 2: A key holds a secret"),
    "private-okp": (private("Ed25519"), "Key 2: A key holds a secret"),
    "symmetric": (private("HS256"), "Key 2: A key holds a secret"),
    "private-decoy": (private("ES384"), "Key 2: A key holds a secret"),
    "same-kid": (jwk("PS256", kid="good"), "the same kid"),
    "same-kid-of-a-decoy": ({"kty": "AKP", "kid": "good"}, "the same kid"),
    "kid-number": (jwk(number=2, kid=5), "Key 2: A kid"),
    "not-on-the-curve": (jwk(x="A" * 43), "Key 2: A key is broken"),
    "short-coordinate": (jwk(x="AAAA"), "Key 2: The coordinates"),
    "no-coordinate": ({"kty": "EC", "crv": "P-256"}, "Key 2: A key is broken"),
    "coordinate-number": (jwk(x=7), "Key 2: A key is broken"),
    "rsa-leading-zero": (jwk("PS256", e="AAEAAQ"), "Key 2: The numbers of an RSA key"),
    "rsa-even-exponent": (jwk("PS256", e="AQAA"), "Key 2: The exponent"),
    "rsa-exponent-of-one": (jwk("PS256", e="AQ"), "Key 2: The exponent"),
    "rsa-large-exponent": (jwk("PS256", e="AQAAAQ"), "Key 2: The exponent"),
    "rsa-huge-exponent": (jwk("PS256", e="AQAB" * 9), "Key 2: An RSA key is out of all"),
    "rsa-small": (jwk("PS256", n="f" * 100), "Key 2: An RSA key must have 2048 to 4096"),
    "rsa-large": (jwk("PS256", n="f" * 1368), "Key 2: An RSA key must have 2048 to 4096"),
    "rsa-not-base64url": (jwk("PS256", n="+" * 342), "Key 2: A key is broken"),
    "text": ("key", "one object for each key"),
    "null": (None, "one object for each key"),
}


@pytest.mark.parametrize(("bad", "message"), REFUSED.values(), ids=REFUSED)
def test_a_set_with_a_bad_key_is_refused_in_words_that_help(bad, message):
    with pytest.raises(InvalidKeys, match=message):
        read(GOOD, bad)


@pytest.mark.parametrize(
    "source",
    ["", "keys", "[]", "{}", '{"keys": {}}', '{"keys": []}', '{"keys": [], "keys": []}', b"\xff"],
)
def test_what_is_no_set_is_refused(source):
    with pytest.raises(InvalidKeys):
        read_jwks(source)


def test_a_set_has_limits():
    many = [jwk(kid=str(number)) for number in range(MAX_KEYS + 1)]
    assert len(read_jwks({"keys": many[1:]})) == MAX_KEYS

    with pytest.raises(InvalidKeys, match="more than 20"):
        read_jwks({"keys": many})
    with pytest.raises(InvalidKeys, match="64 KiB"):
        read_jwks({"keys": [GOOD], "pad": "x" * MAX_BYTES})


def test_a_set_reads_the_same_as_text():
    text = json.dumps({"keys": [GOOD]})

    assert read_jwks(text) == read_jwks(text.encode()) == read_jwks({"keys": [GOOD]})


KEYS = [
    public(kid="a"),
    public(number=1, kid="b"),
    public(number=2),
    public("PS256", kid="a2"),
    public("Ed25519", kid="e", alg="EdDSA"),
]
CHOICES = {
    "by-alg": ({"alg": "ES256"}, ["a", "b", ""]),
    "by-kid": ({"alg": "ES256", "kid": "b"}, ["b"]),
    "unknown-kid": ({"alg": "ES256", "kid": "z"}, [""]),
    "kid-of-another-type": ({"alg": "PS256", "kid": "a"}, []),
    "kid-number": ({"alg": "ES256", "kid": 7}, [""]),
    "kid-list": ({"alg": "ES256", "kid": ["a"]}, [""]),
    "other-name-of-the-algorithm": ({"alg": "Ed25519"}, ["e"]),
    "other-alg": ({"alg": "RS256"}, []),
    "alg-list": ({"alg": ["ES256"]}, []),
    "no-alg": ({}, []),
}


@pytest.mark.parametrize(("header", "names"), CHOICES.values(), ids=CHOICES)
def test_kid_is_a_hint(header, names):
    assert [found.kid for found in select(KEYS, header)] == names


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@ALWAYS
@given(
    name=st.sampled_from(["kty", "crv", "x", "y", "use", "alg", "key_ops", "kid", "x5c", "d"]),
    value=JSON | st.sampled_from(["RSA", "OKP", "EC", "oct", "P-256", "Ed25519", "sig", "enc"]),
)
def test_no_key_breaks_the_reader(name, value):
    with suppress(InvalidKeys):
        read_jwks({"keys": [jwk() | {name: value}]})


@ALWAYS
@given(source=st.text() | st.binary() | st.dictionaries(st.just("keys") | st.text(), JSON))
def test_nothing_breaks_the_reader(source):
    with suppress(InvalidKeys):
        read_jwks(source)
