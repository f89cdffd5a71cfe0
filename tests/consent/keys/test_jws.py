from __future__ import annotations

import base64
import json

import pytest
import time_machine
from django.utils import timezone
from joserfc.jwk import OctKey
from joserfc.jws import serialize_compact

from consent.keys import actions, jws, material, ring
from consent.keys.jws import BadSignature
from consent.keys.models import SigningKey
from portal.access.actors import SYSTEM
from portal.events.models import Event

pytestmark = pytest.mark.django_db
CLAIMS = {"sub": "Zoë", "aud": ["a", "b"], "iat": 1}
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def part(raw: str, number: int) -> dict[str, object]:
    text = raw.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def with_header(raw: str, **header: object) -> str:
    """Return the same claims and signature behind another header."""
    _, payload, signature = raw.split(".")
    text = json.dumps({name: value for name, value in header.items() if value is not None})
    return f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{payload}.{signature}"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
def test_what_is_signed_is_read(algorithm):
    raw = jws.sign(CLAIMS, typ="at+jwt", algorithm=algorithm)

    assert jws.read(raw, typ="at+jwt") == CLAIMS
    header = part(raw, 0)
    assert header["alg"] == algorithm
    assert header["kid"] in {key["kid"] for key in jws.jwks()["keys"]}
    assert algorithm in jws.algorithms_in_use()


def test_the_usual_algorithms_are_there_from_the_first_jwks_on():
    assert {key["alg"] for key in jws.jwks()["keys"]} == {"ES256", "EdDSA"}
    assert jws.algorithms_in_use() == ["ES256", "EdDSA"]


def test_f23_no_other_algorithm_is_made():
    for name in ("RS256", "HS256", "none", "es256", ""):
        with pytest.raises(ValueError):
            jws.sign({}, typ="x", algorithm=name)


def test_f23_rsa_keys_have_enough_bits():
    jws.sign({}, typ="x", algorithm="PS256")

    moduli = [key["n"] for key in jws.jwks()["keys"] if key["alg"] == "PS256"]
    assert [len(modulus) * 6 >= 3072 for modulus in moduli] == [True, True]


def test_f24_no_kid_is_there_twice():
    jws.sign({}, typ="x", algorithm="PS256")

    kids = [key["kid"] for key in jws.jwks()["keys"]]
    assert len(kids) == len(set(kids)) == 6


def test_the_jwks_holds_no_private_member():
    jws.sign({}, typ="x", algorithm="PS256")

    for key in jws.jwks()["keys"]:
        assert set(key).isdisjoint(PRIVATE_MEMBERS)
        assert set(key) <= {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}


def test_the_private_key_is_sealed_at_rest():
    jws.sign({}, typ="x")

    for key in SigningKey.objects.all():
        number = key.private_key.as_dict(private=True)["d"]
        row = SigningKey.objects.filter(pk=key.pk).values().get()
        assert number not in json.dumps(row, default=str)
        assert set(row["public_jwk"]).isdisjoint(PRIVATE_MEMBERS)


def test_a_sealed_key_does_not_open_in_another_row():
    jws.sign({}, typ="x")
    one, other = SigningKey.objects.filter(algorithm="ES256")

    one.sealed_private = other.sealed_private

    with pytest.raises(Exception, match=f"signing_key:{one.kid}:private"):
        _ = one.private_key


def test_another_type_of_token_is_refused():
    raw = jws.sign(CLAIMS, typ="at+jwt")

    with pytest.raises(BadSignature):
        jws.read(raw, typ="logout+jwt")


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA"},
        {"alg": None},
        {"kid": None},
        {"kid": "unknown"},
        {"kid": ["x"]},
        {"typ": None},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"jku": "https://evil.example/jwks"},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"x": "y"},
    ],
    ids=str,
)
def test_a_header_that_says_anything_else_is_refused(change):
    raw = jws.sign(CLAIMS, typ="x")

    with pytest.raises(BadSignature):
        jws.read(with_header(raw, **{**part(raw, 0), **change}), typ="x")


def test_our_public_key_is_no_shared_secret():
    """The classic confusion: an HMAC whose key is the public one (RFC 8725 §2.1)."""
    kid = part(jws.sign({}, typ="x"), 0)["kid"]
    public = SigningKey.objects.get(kid=kid).public_key.as_pem(private=False)
    secret = OctKey.import_key(base64.b64encode(public))
    forged = serialize_compact(
        {"alg": "HS256", "kid": kid, "typ": "x"}, b"{}", secret, algorithms=["HS256"]
    )

    with pytest.raises(BadSignature):
        jws.read(forged, typ="x")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b",
        "a.b.c.d.e",
        "é.ü.ö",
        "\x00",
        "x" * 40_000,
        "e30.e30.",
        "W10.e30.AA",
    ],
    ids=["nothing", "dot", "dots", "text", "two", "jwe", "accents", "nul", "long", "bare", "array"],
)
def test_what_is_no_signature_is_refused(raw):
    for reader in (jws.read, jws.read_of_record):
        with pytest.raises(BadSignature):
            reader(raw, typ="x")


def test_a_changed_claim_is_refused():
    header, _, signature = jws.sign(CLAIMS, typ="x").split(".")
    other = base64.urlsafe_b64encode(b'{"sub":"me"}').decode().rstrip("=")

    with pytest.raises(BadSignature):
        jws.read(f"{header}.{other}.{signature}", typ="x")


def test_a_warm_process_asks_no_database(warm_ring, django_assert_num_queries):
    raw = jws.sign(CLAIMS, typ="x")

    with django_assert_num_queries(0):
        jws.sign(CLAIMS, typ="x", algorithm="EdDSA")
        jws.read(raw, typ="x")
        jws.jwks()
        jws.algorithms_in_use()


def test_a_paper_is_read_with_a_retired_key_but_never_with_a_compromised_one():
    raw = jws.sign(CLAIMS, typ="receipt")
    assert jws.read_of_record(raw, typ="receipt") == CLAIMS

    actions.compromise(str(part(raw, 0)["kid"]), by=SYSTEM, reason="test")

    for reader in (jws.read, jws.read_of_record):
        with pytest.raises(BadSignature):
            reader(raw, typ="receipt")


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
def test_a_detached_signature_is_over_exactly_these_bytes(algorithm):
    payload = json.dumps(CLAIMS).encode() * 5_000
    signature = jws.sign_detached(payload, typ="receipt", algorithm=algorithm)

    header, between, _ = signature.split(".")
    assert between == ""
    assert jws.check_of_record(signature, payload, typ="receipt").algorithm == algorithm
    changed = bytearray(payload)
    changed[len(changed) // 2] ^= 1
    for raw, typ in ((bytes(changed), "receipt"), (payload + b" ", "receipt"), (payload, "at+jwt")):
        with pytest.raises(BadSignature):
            jws.check_of_record(signature, raw, typ=typ)
    with pytest.raises(BadSignature):
        jws.check_of_record(f"{header}..AAAA", payload, typ="receipt")


def test_a_detached_signature_with_its_bytes_put_back_is_any_other():
    payload = json.dumps(CLAIMS, separators=(",", ":"), ensure_ascii=False).encode()
    header, _, signature = jws.sign_detached(payload, typ="receipt").split(".")

    middle = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    assert jws.read(f"{header}.{middle}.{signature}", typ="receipt") == CLAIMS


@pytest.mark.parametrize("signature", ["", "..", "a..b", "é..ü", "\x00..x", "e30..AA", "a.b.c"])
def test_what_is_no_detached_signature_is_refused(signature):
    with pytest.raises(BadSignature):
        jws.check_of_record(signature, b"{}", typ="receipt")


def test_the_keys_of_record_keep_the_retired_and_drop_the_compromised(settings):
    payload = b'{"receipt":1}'
    signature = jws.sign_detached(payload, typ="receipt")
    kid = str(part(signature, 0)["kid"])
    later = timezone.now() + settings.KEY_PERIOD + settings.KEY_KEPT + settings.KEY_LEAD

    with time_machine.travel(later, tick=False):
        actions.rotate_due(at=later)
        ring.forget()
        assert SigningKey.objects.get(kid=kid).status == SigningKey.Status.RETIRED
        assert kid not in {key["kid"] for key in jws.jwks()["keys"]}
        assert kid in {key["kid"] for key in jws.jwks_of_record()["keys"]}
        assert jws.check_of_record(signature, payload, typ="receipt").kid == kid

        actions.compromise(kid, by=SYSTEM, reason="test")

        assert kid not in {key["kid"] for key in jws.jwks_of_record()["keys"]}
        with pytest.raises(BadSignature):
            jws.check_of_record(signature, payload, typ="receipt")


def test_a_claim_that_json_cannot_say_is_an_error_of_ours():
    for value in (object(), float("nan")):
        with pytest.raises((TypeError, ValueError)):
            jws.sign({"x": value}, typ="x")


def test_no_event_holds_key_material():
    jws.sign({}, typ="x")

    facts = [set(event.facts) for event in Event.objects.filter(kind__startswith="consent.key.")]
    assert facts
    assert all(names <= {"kid", "algorithm", "reason", "at"} for names in facts)


def test_the_ring_is_read_anew_after_two_seconds(monkeypatch, django_assert_num_queries):
    now = 100.0
    monkeypatch.setattr(ring, "_monotonic", lambda: now)
    jws.sign({}, typ="x")

    now += ring.MAX_AGE_SECONDS - 0.01
    with django_assert_num_queries(0):
        jws.sign({}, typ="x")
    now += 0.01
    with django_assert_num_queries(1):
        jws.sign({}, typ="x")


def test_a_kid_can_be_typed_after_a_command():
    # One thumbprint in 64 begins with a dash, so a thousand keys are as good as all.
    kids = [material.generate("EdDSA")[1]["kid"] for _ in range(1000)]

    assert not [kid for kid in kids if kid.startswith("-")]
