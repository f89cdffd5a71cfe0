"""What developers read about registrations by program, and what is never kept of them."""

from __future__ import annotations

import pytest

from consent.oauth import notes
from consent.oauth.explanations import EXPLAINED
from consent.oauth.redaction import HIDDEN
from consent.proofs.store import store
from consent.registration.errors import RegistrationRefused
from partners.applications.models import Client
from tests.consent.registration.test_register import Program, manage, send

CANARY = "Canary-7f3a9c1e_Zx"


@pytest.fixture
def program(db) -> Program:
    notes.settle()
    for key in store().scan_iter("notes*"):
        store().delete(key)
    return Program()


def log_of(told: dict[str, object]) -> list[notes.Note]:
    found = notes.notes_of(Client.objects.get(client_id=told["client_id"]))
    assert found is not None
    return found


def test_a_registration_and_its_management_are_noted(program):
    told = program.register().json()
    manage("get", told)
    manage("put", told, program.said(client_id=told["client_id"]))

    found = log_of(told)

    assert [(one.endpoint, one.status, one.outcome) for one in found] == [
        ("register", 200, "Answered"),
        ("register", 200, "Answered"),
        ("register", 201, "Answered"),
    ]
    assert all(one.is_proven for one in found)
    names = dict(found[0].parameters)
    assert names["redirect_uris"] == names["client_name"] == HIDDEN
    assert names["scope"] == "things:read things.list:read"


def test_a_refused_description_explains_itself(program):
    told = program.register().json()
    manage("put", told, program.said(client_id=told["client_id"], client_name="Another"))

    (newest, *_) = log_of(told)

    assert (newest.status, newest.error) == (400, "invalid_client_metadata")
    assert "client_name" in newest.description
    assert newest.remedy


def test_a_stranger_who_names_the_client_is_marked(program):
    told = program.register().json()
    send("get", f"/oauth/register/{told['client_id']}", "mra_" + "x" * 43)

    stranger = next(one for one in log_of(told) if one.status == 401)

    assert (stranger.error, stranger.is_proven) == ("invalid_token", False)


@pytest.mark.parametrize(
    "name", ["client_secret", "client_name", "scope", "jwks_uri", "software_statement", CANARY]
)
def test_no_value_of_a_description_is_kept(program, name):
    told = program.register().json()
    manage("put", told, program.said(client_id=told["client_id"], **{name: CANARY}))
    manage("put", told, {"client_id": told["client_id"], "jwks": {"keys": [{"k": CANARY}]}})

    notes.settle()
    kept = [raw for key in store().scan_iter("notes:*") for raw in store().lrange(key, 0, -1)]

    assert len(kept) >= 3
    assert [raw for raw in kept if CANARY.encode() in raw] == []
    for secret in (program.raw, told["registration_access_token"], told["client_secret"]):
        assert [raw for raw in kept if secret.encode() in raw] == []


def test_a_registration_that_was_refused_is_nobodys(program):
    assert program.register(client_name="").status_code == 400

    notes.settle()
    assert list(store().scan_iter("notes:*")) == []


def test_every_refusal_of_a_registration_is_explained():
    codes = {kind.code for kind in [RegistrationRefused, *RegistrationRefused.__subclasses__()]}

    assert codes <= EXPLAINED.keys()
