"""DPoP (RFC 9449): each row of the conformance suite's matrix, and what holds for any input."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.util import urlsafe_b64decode

from consent.proofs.protocol import dpop, nonce
from consent.proofs.protocol.dpop import InvalidProof, NonceNeeded, Proof, ath
from portal.jose import MAX_AHEAD, MAX_BYTES, Unreadable
from tests.consent.proofs.protocol.signing import AT, NOW, encode, jwk, key, sign, sign_text

URL = "https://as.example/oauth/token"
TOKEN = "mat_an-access-token"
NONCE_KEY = b"k" * 32
LOST = object()
ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def make(claims: dict[str, Any] | None = None, *, algorithm: str = "ES256", **header: Any) -> str:
    """Return a proof that is right except for what is given; `LOST` takes a claim away."""
    right = {"jti": "a-proof", "htm": "POST", "htu": URL, "iat": NOW, "ath": ath(TOKEN)}
    whole = {name: value for name, value in (right | (claims or {})).items() if value is not LOST}
    return sign(
        whole, algorithm=algorithm, header={"typ": "dpop+jwt", "jwk": jwk(algorithm), **header}
    )


def check(*proofs: str, **expected: Any) -> Proof:
    asked = {"method": "POST", "url": URL, "at": AT, "access_token": TOKEN} | expected
    return dpop.verify(proofs, **asked)


def resigned(proof: str, **header: Any) -> str:
    """Return the proof with another header and the signature of the first."""
    return ".".join([make(**header).split(".")[0], *proof.split(".")[1:]])


def private_jwk() -> dict[str, Any]:
    return key().as_dict(private=True)


ACCEPTED = {
    "D1-a-plain-proof": {},
    "D2-iat-10s-old": {"iat": NOW - 10},
    "D2-iat-10s-ahead": {"iat": NOW + 10},
    "D2-iat-with-a-fraction": {"iat": NOW - 0.5},
    "D3-htu-with-query": {"htu": f"{URL}?a=b"},
    "D3-htu-with-fragment": {"htu": f"{URL}#here"},
    "D3-htu-upper-case-host": {"htu": "https://AS.EXAMPLE/oauth/token"},
    "D3-htu-upper-case-scheme": {"htu": "HTTPS://as.example/oauth/token"},
    "D3-htu-default-port": {"htu": "https://as.example:443/oauth/token"},
    "D3-htu-empty-port": {"htu": "https://as.example:/oauth/token"},
    "D3-htu-needless-escape": {"htu": "https://as.example/o%61uth/%74oken"},
    "D3-htu-dots": {"htu": "https://as.example/x/.././oauth/token"},
    "D4-extra-claims": {"sub": "somebody", "other": {"deep": [1]}},
    "D4-nbf-and-exp": {"nbf": NOW - 5, "exp": NOW + 60},
    "D4-a-nonce-nobody-asked-for": {"nonce": "some-nonce"},
    "D5-longest-jti": {"jti": "j" * 256},
}


@pytest.mark.parametrize("claims", ACCEPTED.values(), ids=ACCEPTED)
def test_a_good_proof_is_accepted(claims):
    proof = check(make(claims))

    assert proof.jkt == key().thumbprint()
    assert proof.once == (proof.jkt, claims.get("jti", "a-proof"), URL)


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA", "Ed25519"])
def test_f23_the_algorithms_of_fapi_are_accepted(algorithm):
    proof = check(make(algorithm=algorithm))

    assert proof.jkt == key(algorithm).thumbprint()


@pytest.mark.parametrize("kind", ["DPoP+JWT", "application/dpop+jwt"])
def test_the_type_is_compared_as_a_media_type(kind):
    assert check(make(typ=kind)).jti == "a-proof"


def test_members_beside_the_key_do_not_change_its_thumbprint():
    proof = check(make(jwk=jwk(kid="mine", use="sig", alg="ES256", key_ops=["verify"])))

    assert proof.jkt == key().thumbprint()


REFUSED_CLAIMS = {
    "D6-no-jti": {"jti": LOST},
    "D6-empty-jti": {"jti": ""},
    "D6-jti-number": {"jti": 7},
    "D6-jti-too-long": {"jti": "j" * 257},
    "D7-no-htm": {"htm": LOST},
    "D7-wrong-htm": {"htm": "GET"},
    "D7-lower-case-htm": {"htm": "post"},
    "D8-no-htu": {"htu": LOST},
    "D8-wrong-path": {"htu": "https://as.example/oauth/par"},
    "D8-path-in-other-case": {"htu": "https://as.example/oauth/Token"},
    "D8-trailing-slash": {"htu": f"{URL}/"},
    "D8-wrong-host": {"htu": "https://as.example.evil/oauth/token"},
    "D8-wrong-scheme": {"htu": "http://as.example/oauth/token"},
    "D8-wrong-port": {"htu": "https://as.example:8443/oauth/token"},
    "D8-port-that-is-none": {"htu": "https://as.example:99999/oauth/token"},
    "D8-user": {"htu": "https://me@as.example/oauth/token"},
    "D8-relative": {"htu": "/oauth/token"},
    "D8-line-break": {"htu": "https://as.example/oauth/to\nken"},
    "D8-broken-bracket": {"htu": "https://[::1/oauth/token"},
    "D8-list": {"htu": [URL]},
    "D8-escaped-slash": {"htu": "https://as.example/oauth%2Ftoken"},
    "D9-no-iat": {"iat": LOST},
    "D9-iat-text": {"iat": str(NOW)},
    "D9-iat-true": {"iat": True},
    "D9-iat-an-hour-old": {"iat": NOW - 3600},
    "D9-iat-an-hour-ahead": {"iat": NOW + 3600},
    "D9-iat-beyond-the-age": {"iat": NOW - 61},
    "F9-iat-a-minute-ahead": {"iat": NOW + 60},
    "D9-iat-huge": {"iat": 10**400},
    "D9-iat-negative": {"iat": -NOW},
    "D10-no-ath": {"ath": LOST},
    "D10-wrong-ath": {"ath": ath("another-token")},
    "D10-ath-with-padding": {"ath": ath(TOKEN) + "="},
    "D10-ath-of-other-letters": {"ath": "ä" * 43},
    "D4-nonce-number": {"nonce": 1},
}
REFUSED_HEADERS: dict[str, dict[str, Any]] = {
    "D11-no-typ": {"typ": None},
    "D11-typ-jwt": {"typ": "JWT"},
    "D11-typ-number": {"typ": 1},
    "D12-no-alg": {"alg": None},
    "D12-alg-none": {"alg": "none"},
    "D12-alg-hs256": {"alg": "HS256"},
    "D12-alg-of-another-key": {"alg": "PS256"},
    "D12-alg-list": {"alg": ["ES256"]},
    "D13-no-jwk": {"jwk": None},
    "D13-jwk-text": {"jwk": "key"},
    "D13-empty-jwk": {"jwk": {}},
    "D13-jwk-of-another-key": {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    "D13-jwk-without-y": {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43}},
    "D13-jwk-for-encryption": {"jwk": {"use": "enc"}},
    "D15-crit": {"crit": ["exp"]},
    "D15-b64": {"b64": True},
    "D15-jku": {"jku": "https://client.example/jwks"},
    "D15-x5u": {"x5u": "https://client.example/cert"},
    "D15-x5c": {"x5c": []},
    "D15-zip": {"zip": "DEF"},
}


@pytest.mark.parametrize("claims", REFUSED_CLAIMS.values(), ids=REFUSED_CLAIMS)
def test_a_proof_with_wrong_claims_is_refused(claims):
    with pytest.raises(InvalidProof) as refusal:
        check(make(claims))

    assert (refusal.value.status, refusal.value.code) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("header", REFUSED_HEADERS.values(), ids=REFUSED_HEADERS)
def test_a_proof_with_a_wrong_header_is_refused(header):
    if header.get("jwk") == {"use": "enc"}:
        header = {"jwk": jwk(use="enc")}

    with pytest.raises(InvalidProof):
        check(make(**header))


def test_d13_a_key_with_its_private_part_is_refused():
    with pytest.raises(InvalidProof, match="secret"):
        check(make(jwk=private_jwk()))


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "ES384"])
def test_f23_another_algorithm_is_refused(algorithm):
    shown = {"jwk": {"kty": "oct", "k": "AAAA"}} if algorithm == "HS256" else {}

    with pytest.raises(InvalidProof):
        check(make(algorithm=algorithm, **shown))


@pytest.mark.filterwarnings("ignore:Key size:UserWarning")
def test_f23_a_short_rsa_key_is_refused():
    weak = jwk("RSA-1024")

    with pytest.raises(InvalidProof, match="2048"):
        check(make(jwk=weak))


def test_d14_a_bad_signature_is_refused():
    proof = make()
    other = make({"jti": "another"})

    with pytest.raises(InvalidProof, match="signature"):
        check(".".join([*proof.split(".")[:2], other.split(".")[2]]))
    with pytest.raises(InvalidProof, match="signature"):
        check(proof.rpartition(".")[0] + ".")
    with pytest.raises(InvalidProof, match="signature"):
        check(resigned(proof, jwk=jwk(number=1)))


NOT_ONE_JWT = {
    "D16-none": (),
    "D16-two": (make(), make()),
    "D16-two-in-one": (f"{make()},{make()}",),
    "D16-empty": ("",),
    "D16-words": ("not a proof",),
    "D16-two-parts": (make().rpartition(".")[0],),
    "D16-five-parts": ("a.b.c.d.e",),
    "D16-not-ascii": (f"ä{make()}",),
    "D16-padded": (make().replace(".", "=.", 1),),
    "D16-too-long": (make({"pad": "x" * MAX_BYTES}),),
    "D16-header-list": (f"{encode('[]')}.{encode('{}')}.AA",),
    "D16-header-text": (f"{encode('dpop')}.{encode('{}')}.AA",),
    "D16-not-utf-8": ("_w.e30.AA",),
    "D16-nested-without-end": (f"{encode('[' * 9000)}.e30.AA",),
    "D16-claims-list": (sign([], header={"typ": "dpop+jwt", "jwk": jwk()}),),
}


@pytest.mark.parametrize("proofs", NOT_ONE_JWT.values(), ids=NOT_ONE_JWT)
def test_what_is_not_one_jwt_is_refused(proofs):
    with pytest.raises(InvalidProof):
        check(*proofs)


@pytest.mark.parametrize(
    "payload",
    [
        '{"jti":"a","jti":"b"}',
        '{"jti":NaN}',
        '{"jti":"\\ud800"}',
    ],
)
def test_claims_that_two_readers_could_read_in_two_ways_are_refused(payload):
    header = make().split(".")[0]
    proof = sign_text(_decoded(header), payload)

    with pytest.raises(InvalidProof, match="JSON"):
        check(proof)


def test_d17_another_key_than_the_bound_one_is_refused():
    check(make(), jkt=key().thumbprint())

    with pytest.raises(InvalidProof, match="another key"):
        check(make(), jkt=key(number=1).thumbprint())


def test_without_an_access_token_no_hash_is_asked_for():
    assert check(make({"ath": LOST}), access_token=None).jti == "a-proof"


def test_ath_is_the_one_of_the_standard():
    # RFC 9449 §7.1, the example.
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"

    assert ath(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_f6_a_nonce_is_asked_for_and_then_accepted():
    with pytest.raises(NonceNeeded) as refusal:
        check(make(), nonce_key=NONCE_KEY)
    assert refusal.value.code == "use_dpop_nonce"

    fresh = nonce.issue(NONCE_KEY, AT)
    assert check(make({"nonce": fresh}), nonce_key=NONCE_KEY).nonce == fresh


@pytest.mark.parametrize("given", ["", "ä", nonce.issue(b"x" * 32, AT)])
def test_f6_a_strange_nonce_is_not_fresh(given):
    assert not nonce.is_fresh(given, NONCE_KEY, AT)


def test_f6_a_nonce_ages():
    made = nonce.issue(NONCE_KEY, AT)

    assert nonce.is_fresh(made, NONCE_KEY, AT + timedelta(seconds=nonce.PERIOD_SECONDS))
    assert not nonce.is_fresh(made, NONCE_KEY, AT + timedelta(seconds=2 * nonce.PERIOD_SECONDS))


def test_a_short_nonce_key_is_a_bug():
    with pytest.raises(ValueError, match="32 bytes"):
        nonce.issue(b"short", AT)


def test_what_is_wrong_besides_the_nonce_is_said_first():
    with pytest.raises(InvalidProof) as refusal:
        check(make({"htm": "GET"}), nonce_key=NONCE_KEY)

    assert refusal.value.code == "invalid_dpop_proof"


@ALWAYS
@given(offset=st.floats(-7200, 7200))
def test_a_proof_is_accepted_exactly_in_its_window(offset):
    iat = NOW + offset
    is_inside = NOW - dpop.MAX_AGE.seconds <= iat <= NOW + MAX_AHEAD.seconds

    try:
        check(make({"iat": iat}))
    except InvalidProof:
        assert not is_inside
    else:
        assert is_inside


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@ALWAYS
@given(name=st.sampled_from(["jti", "htm", "htu", "iat", "ath", "nonce", "x"]), value=JSON)
def test_no_claim_breaks_the_reader(name, value):
    with suppress(InvalidProof):
        check(make({name: value}), nonce_key=NONCE_KEY)


@ALWAYS
@given(name=st.sampled_from(["typ", "alg", "jwk", "kid", "x5t", "cty"]), value=JSON)
def test_no_header_breaks_the_reader(name, value):
    with suppress(InvalidProof):
        check(make(**{name: value}))


@ALWAYS
@given(
    algorithm=st.sampled_from(["ES256", "PS256", "Ed25519"]),
    name=st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "key_ops", "kid"]),
    value=JSON | st.text("AQgw-_zZ09", max_size=700),
)
def test_no_key_breaks_the_reader(algorithm, name, value):
    with suppress(InvalidProof):
        check(make(algorithm=algorithm, jwk=jwk(algorithm) | {name: value}))


@ALWAYS
@given(proofs=st.lists(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*"), max_size=2))
def test_no_text_breaks_the_reader(proofs):
    with pytest.raises(InvalidProof):
        check(*proofs)


@ALWAYS
@given(rest=st.text(max_size=60) | st.from_regex(r"//[\w.:%\[\]-]*/[\w./%~]*"))
def test_a_normal_address_stays_as_it_is(rest):
    for url in (rest, f"https:{rest}"):
        try:
            once = dpop.normalized(url)
        except Unreadable:
            continue
        assert dpop.normalized(once) == once


def _decoded(segment: str) -> str:

    return urlsafe_b64decode(segment.encode()).decode()
