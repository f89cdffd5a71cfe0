"""Keys of a client: registered, rotated with overlap, shown, and never a private one."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from partners.applications import security
from partners.applications.keys import shown_keys
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
JSON = "application/json"
ONE = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
TWO = OKPKey.generate_key("Ed25519", auto_kid=True)


def set_of(*keys, private=False):
    return {"keys": [key.as_dict(private=private) for key in keys]}


@pytest.fixture
def found():
    return ClientFactory(production=True, profile="fapi2")


@pytest.fixture
def developer(found):
    return member(found.application.organization, Role.DEVELOPER)


def test_a_key_set_is_registered_and_shown(found, developer):
    security.set_client_keys(found, by=developer, jwks=json.dumps(set_of(ONE, TWO)))

    found.refresh_from_db()
    shown = shown_keys(found.client_jwks)
    assert [(one.kid, one.algorithms, one.thumbprint) for one in shown] == [
        (ONE.kid, "ES256", ONE.thumbprint()),
        (TWO.kid, "EdDSA", TWO.thumbprint()),
    ]
    facts = Event.objects.get(kind="partners.client.keys_set").facts
    assert facts["way"] == "jwks"
    assert facts["added"] == sorted([ONE.thumbprint(), TWO.thumbprint()])


def test_a_key_that_stays_keeps_the_day_it_came(found, developer):
    old = ONE.as_dict(private=False) | {"iat": 1}
    found.client_jwks = {"keys": [old]}
    found.save()

    security.set_client_keys(found, by=developer, jwks=set_of(ONE, TWO))

    first, second = shown_keys(found.client_jwks)
    assert first.since.timestamp() == 1
    assert second.since.timestamp() > 1


@pytest.mark.parametrize("key", [ONE, TWO, RSAKey.generate_key(2048)], ids=["EC", "OKP", "RSA"])
def test_a_private_key_is_refused_with_what_to_do_and_not_kept(found, developer, key):
    with pytest.raises(Refused) as refusal:
        security.set_client_keys(found, by=developer, jwks=set_of(key, private=True))

    assert refusal.value.code == "invalid_keys"
    assert "Send the public part, and replace the key." in str(refusal.value)
    found.refresh_from_db()
    assert found.client_jwks is None
    assert not Event.objects.exists()


def test_what_is_not_part_of_a_public_key_is_not_kept(found, developer):
    odd = ONE.as_dict(private=False) | {"iat": 5, "note": "somebody@example.org"}

    security.set_client_keys(found, by=developer, jwks={"keys": [odd]})

    assert "note" not in found.client_jwks["keys"][0]
    assert shown_keys(found.client_jwks)[0].since.year > 2000


def test_all_keys_at_once_are_replaced_only_on_purpose(found, developer):
    security.set_client_keys(found, by=developer, jwks=set_of(ONE))

    with pytest.raises(Conflict) as refusal:
        security.set_client_keys(found, by=developer, jwks=set_of(TWO))
    assert refusal.value.code == "keys_without_overlap"
    found.refresh_from_db()
    assert [one.kid for one in shown_keys(found.client_jwks)] == [ONE.kid]

    security.set_client_keys(found, by=developer, jwks=set_of(TWO), replace_all=True)
    assert [one.kid for one in shown_keys(found.client_jwks)] == [TWO.kid]


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        ({"jwks_uri": "https://app.example/jwks.json"}, "client_jwks_uri"),
        ({"certificate_subject": "CN=app.example,O=Example,C=LT"}, "tls_client_auth_subject_dn"),
    ],
)
def test_another_way_takes_the_place_of_the_one_before(found, developer, one, kept):
    found.token_endpoint_auth_method = "private_key_jwt"
    found.save()
    security.set_client_keys(found, by=developer, jwks=set_of(ONE))

    security.set_client_keys(found, by=developer, **one)

    found.refresh_from_db()
    assert getattr(found, kept) == next(iter(one.values()))
    assert found.client_jwks is None
    assert found.token_endpoint_auth_method == ""


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "keys_refused"),
        ({"jwks_uri": "https://a.example/k", "certificate_subject": "CN=a"}, "keys_refused"),
        ({"jwks_uri": "http://app.example/jwks.json"}, "keys_refused"),
        ({"jwks_uri": "https://user@app.example/jwks.json"}, "keys_refused"),
        ({"jwks_uri": "https://app.example/jwks.json#one"}, "keys_refused"),
        ({"jwks_uri": "https://[broken"}, "keys_refused"),
        ({"jwks_uri": "/jwks.json"}, "keys_refused"),
        ({"certificate_subject": "somebody"}, "keys_refused"),
        ({"jwks": "{}"}, "invalid_keys"),
        ({"jwks": "-----BEGIN PUBLIC KEY-----"}, "invalid_keys"),
        ({"jwks": {"keys": []}}, "invalid_keys"),
    ],
)
def test_what_cannot_work_is_refused(found, developer, wanted, code):
    with pytest.raises(Refused) as refusal:
        security.set_client_keys(found, by=developer, **wanted)

    assert refusal.value.code == code


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECURITY_CONTACT, Role.SIGNER])
def test_others_of_the_organization_do_not_register_keys(found, role):
    other = member(found.application.organization, role)

    with pytest.raises(NotAllowed):
        security.set_client_keys(found, by=other, jwks=set_of(ONE))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SECURITY])
def test_staff_do_not_register_keys_for_a_partner(found, role):
    with pytest.raises(NotAllowed):
        security.set_client_keys(found, by=staff(role), jwks=set_of(ONE))


def address_of(found):
    return f"/apps/{found.application.slug}/{found.environment}/keys/"


def test_the_page_registers_a_set_and_shows_each_key(client, found, developer):
    sign_in(client, developer)

    answer = client.post(address_of(found), {"way": "jwks", "jwks": json.dumps(set_of(ONE, TWO))})
    page = client.get(address_of(found)).content.decode()

    assert answer["Location"] == address_of(found)
    for text in (ONE.kid, ONE.thumbprint(), TWO.thumbprint(), "ES256", "EdDSA"):
        assert text in page
    assert "iat" not in client.get(address_of(found)).context["form"].initial["jwks"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"way": "jwks", "jwks": "{"}, "jwks"),
        ({"way": "jwks"}, "jwks"),
        ({"way": "jwks_uri", "jwks_uri": "http://x.example"}, "jwks_uri"),
        ({"way": "certificate_subject", "certificate_subject": "x"}, "certificate_subject"),
        ({}, "way"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_loses_nothing(
    client, found, developer, sent, field
):
    sign_in(client, developer)

    page = client.post(address_of(found), {"certificate_subject": "typed before", **sent})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    typed = {"certificate_subject": "typed before", **sent}
    assert {name: page.context["form"][name].value() for name in typed} == typed


def test_replacing_all_keys_is_asked_for_and_then_done(client, found, developer):
    security.set_client_keys(found, by=developer, jwks=set_of(ONE))
    sign_in(client, developer)
    form = {"way": "jwks", "jwks": json.dumps(set_of(TWO))}

    asked = client.post(address_of(found), form)
    done = client.post(address_of(found), form | {"replace_all": "on"})

    assert list(asked.context["form"].errors) == ["replace_all"]
    assert done.status_code == 302


def test_registering_keys_asks_for_the_password_again(client, found, developer):
    sign_in(client, developer, fresh=False)

    answer = client.post(address_of(found), {"way": "jwks", "jwks": json.dumps(set_of(ONE))})

    assert answer["Location"].startswith("/accounts/confirm/")
    found.refresh_from_db()
    assert found.client_jwks is None


def test_a_viewer_reads_the_keys_and_a_stranger_finds_nothing(client, found):
    sign_in(client, member(found.application.organization, Role.VIEWER))
    assert client.get(address_of(found)).status_code == 200
    assert client.post(address_of(found), {"way": "jwks"}).status_code == 403

    sign_in(client, member(ClientFactory().application.organization, Role.OWNER))
    assert client.get(address_of(found)).status_code == 404
    assert client.post(address_of(found), {"way": "jwks"}).status_code == 404


def test_a_client_without_secrets_is_led_to_its_keys(client, found, developer):
    sign_in(client, developer)
    secrets = f"/apps/{found.application.slug}/production/credentials/"

    overview = client.get(f"{found.application.get_absolute_url()}?environment=production")
    page = client.get(secrets).content.decode()

    assert address_of(found) in overview.content.decode()
    assert secrets not in overview.content.decode()
    assert address_of(found) in page
    assert "Make a secret" not in page


def test_programs_register_keys_too(client, found, developer):
    sign_in(client, developer)
    address = f"/api/v1/applications/{found.application.slug}/clients/production/keys"

    answer = client.put(address, {"jwks": set_of(ONE)}, content_type=JSON)
    refused = client.put(address, {"jwks": set_of(TWO, private=True)}, content_type=JSON)
    both = client.put(address, {"jwks_uri": "https://a.example", "jwks": {}}, content_type=JSON)

    assert answer.status_code == 200
    assert [key["thumbprint"] for key in answer.json()["keys"]] == [ONE.thumbprint()]
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_keys")
    assert both.status_code == 200
    assert client.put(address, {}, content_type=JSON).json()["code"] == "keys_refused"


def test_programs_need_a_recent_login_as_people_do(client, found, developer):
    sign_in(client, developer, fresh=False)
    address = f"/api/v1/applications/{found.application.slug}/clients/production/keys"

    answer = client.put(address, {"jwks": set_of(ONE)}, content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (403, "recent_login_required")
