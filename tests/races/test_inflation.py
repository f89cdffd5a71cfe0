"""Nobody gets more than was shown and approved, or what is another's: S17, S20."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client as Browser

from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, ArrangementVersion, Pseudonym, Receipt
from consent.arrangements.receipts import canonical, digest
from consent.arrangements.wording import line_of_item
from consent.oauth.models import AuthorizationIntent, Grant
from portal.events.models import Event
from tests.factories.consent import CustomerFactory
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import CALLBACK, World, make_stranger

pytestmark = pytest.mark.django_db
SHOWN = re.compile(
    r'<div class="grant">.*?<h3[^>]*>\s*(?P<label>.*?)\s*<span.*?</h3>.*?'
    r"<p>(?P<summary>.*?)</p>.*?<b>Why:</b>(?P<why>.*?)</p>.*?<b>Kept for:</b>(?P<kept>.*?)</p>",
    re.DOTALL,
)


@pytest.fixture
def gate(db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


def displayed(page: Any) -> list[tuple[str, ...]]:
    """Return label, summary, reason and retention of each thing, as the page's bytes say them."""
    return [
        tuple(html.unescape(part).strip() for part in found.groups())
        for found in SHOWN.finditer(page.content.decode())
    ]


def stored(version: ArrangementVersion) -> list[tuple[str, ...]]:
    lines = [line_of_item(item) for item in version.items.order_by("pk")]
    return [(each["label"], each["summary"], each["why"], each["kept_for"]) for each in lines]


def proved(version: ArrangementVersion) -> list[tuple[str, ...]]:
    return [
        (
            purpose["pii_information"]["pii_type"],
            purpose["pii_information"]["pii_description"],
            purpose["purpose_description"],
            purpose["retention_description"],
        )
        for purpose in Receipt.objects.get(version=version).body["purposes"]
    ]


# --- S17 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("optional", [(), ("extra:read",)], ids=["needed", "all"])
def test_s17_what_is_stored_is_byte_for_byte_what_was_displayed(world, optional):
    page = world.ask()
    shown = displayed(page)
    assert len(shown) == 2

    world.decide(page, g=list(optional))

    version = ArrangementVersion.objects.get()
    chosen = shown[: 1 + len(optional)]
    assert canonical(stored(version)) == canonical(chosen)
    assert canonical(proved(version)) == canonical(chosen)
    # The words of the whole screen, with what was left alone, are kept beside their digest.
    notice = version.notice
    lines = [*notice["needed"], *notice["optional"]]
    kept = [(each["label"], each["summary"], each["why"], each["kept_for"]) for each in lines]
    assert canonical(kept) == canonical(shown)
    assert version.notice_sha256 == digest(notice)
    assert html.escape(notice["title"]) in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": None}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "unknown:read"}, "invalid_scope"),
        ({"scope": "need:read other:read"}, "invalid_scope"),
        ({"scope": "need:read introspection"}, "invalid_scope"),
        ({"scope": "need:read NEED:READ"}, "invalid_scope"),
        ({"scope": "need:read\textra:read"}, "invalid_scope"),
        ({"prompt": "none"}, "consent_required"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
    ids=["none", "empty", "unknown", "foreign", "internal", "case", "tab", "silent", "mixed"],
)
def test_s17_no_request_gets_more_than_is_approved(gate, world, changes, error):
    # A token that lives makes no difference: nothing is granted without a screen.
    token = gate.token("extra:read")

    answer = world.ask(state="s17", **changes)

    assert answer["Location"].startswith(CALLBACK)
    assert world.told(answer)["error"] == error
    assert Grant.objects.count() == 1
    assert Arrangement.objects.get().version_number == 1
    assert gate.ask(token).status_code == 204


@pytest.mark.parametrize(
    "name", ["scope", "redirect_uri", "client_id", "state", "response_type", "code_challenge"]
)
def test_s17_a_parameter_that_comes_twice_is_refused(world, name):
    twice = [*world.request().items(), (name, world.request()[name])]

    answer = world.browser.get(f"/oauth/authorize?{urlencode(twice)}")

    if name in {"redirect_uri", "client_id"}:
        assert answer.status_code == 400
    else:
        assert world.told(answer)["error"] == "invalid_request"
    assert not AuthorizationIntent.objects.exists()


def test_s17_the_old_prompt_parameter_skips_no_screen(gate, world):
    gate.token("extra:read")

    page = world.ask(approval_prompt="auto", state="s17")

    assert page.status_code == 200
    assert len(displayed(page)) == 2


@pytest.mark.parametrize(
    "tampered",
    [
        {"g": ["extra:read", "other:read"]},
        {"g": ["other:read"]},
        {"g": ["extra:read "]},
        {"g": ["*"]},
        {"until": "3650"},
        {"until": "366"},
        {"until": "9e9"},
        {"until": ""},
        {"decision": "allow_all"},
    ],
    ids=["more", "other", "space", "star", "decade", "day", "float", "none", "word"],
)
def test_s17_a_choice_that_was_not_displayed_is_no_choice(world, tampered):
    page = world.ask(scope="need:read extra:read")
    decision = tampered.get("decision", "allow")

    answer = world.decide(page, decision, **{k: v for k, v in tampered.items() if k != "decision"})

    assert answer.status_code == 422
    assert not Arrangement.objects.exists()
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "hidden",
    [
        {"scope": "need:read extra:read open:read other:read"},
        {"ends_at": "2099-01-01", "days": "3650"},
        {"resource": "http://testserver/another-api"},
        {"authorization_details": '[{"type": "payment_initiation"}]'},
        {"grant_management_action": "merge"},
        {"redirect_uri": "https://evil.example/", "state": "another"},
        {"customer": "1", "client_id": "app_live_00000000"},
    ],
    ids=["scope", "end", "resource", "details", "grant", "address", "person"],
)
def test_s17_fields_that_the_form_never_had_are_not_read(world, hidden):
    asked = {"scope": "need:read open:read", "state": "s17"}
    page = world.ask(**asked)
    shown = displayed(page)

    answer = world.decide(page, **hidden)

    arrangement = Arrangement.objects.get()
    version = arrangement.versions.get()
    assert answer["Location"].startswith(f"{CALLBACK}?code=")
    assert world.told(answer)["state"] == "s17"
    assert arrangement.customer == world.customer
    assert canonical(stored(version)) == canonical(shown)
    lasts = arrangement.ends_at - arrangement.given_at
    assert timedelta(days=89) < lasts <= timedelta(days=90)
    code = Grant.objects.get()
    assert (code.scope, code.resource, code.details) == ("need:read open:read", [], [])
    body = world.exchange(world.told(answer)["code"]).json()
    assert body["scope"] == "need:read open:read"


def test_s17_nobody_answers_a_screen_that_was_another_customers(world):
    page = world.ask()
    stranger = Browser()
    stranger.force_login(CustomerFactory().user)

    answer = world.decide(page, browser=stranger, g=["extra:read"])

    assert (answer.status_code, answer["Location"]) == (303, "/oauth/authorize")
    assert not Arrangement.objects.exists()
    assert AuthorizationIntent.objects.get().decided_at is None


# --- S20 ----------------------------------------------------------------------------------------


def test_s20_one_person_has_two_names_at_two_applications(gate, world):
    other = make_stranger()
    here = world.exchange(world.code()).json()["access_token"]
    known = Pseudonym.objects.get()
    there = Pseudonym.objects.create(application=other.client.application, customer=world.customer)

    sub = world.post("/oauth/introspect", token=here).json()["sub"]

    assert sub == str(known.subject) != str(there.subject)
    # Random, not derived: neither the person nor the application can be found from it.
    assert {known.subject.version, there.subject.version} == {4}
    # The name stays through the end and a new beginning.
    world.browser.post(f"/me/apps/{world.client.application.slug}/stop/")
    again = world.exchange(world.code()).json()["access_token"]
    assert world.post("/oauth/introspect", token=again).json()["sub"] == sub


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_s20_a_grant_of_another_client_is_not_there(world, method):
    grant_id = world.exchange(world.code()).json()["grant_id"]
    stranger = make_stranger()
    scope = "grant_management_query grant_management_revoke"
    token = stranger.post(grant_type="client_credentials", scope=scope).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    foreign = Browser().generic(method, f"/oauth/grants/{grant_id}", headers=headers)
    unknown = Browser().generic(method, f"/oauth/grants/{uuid4()}", headers=headers)

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    arrangement = Arrangement.objects.get()
    assert (arrangement.status, arrangement.epoch) == ("active", 1)
    assert not Event.objects.filter(kind="consent.arrangement.revoked").exists()


def test_s20_codes_and_tokens_of_another_client_are_worth_nothing(gate, world):
    code, body = world.code(), world.exchange(world.code()).json()
    stranger = make_stranger()

    for answer in (stranger.exchange(code), stranger.refresh(body["refresh_token"])):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert stranger.post("/oauth/revoke", token=body["refresh_token"]).status_code == 200
    assert stranger.post("/oauth/introspect", token=body["access_token"]).json() == {
        "active": False
    }

    # None of it cost the rightful client anything.
    assert gate.ask(body["access_token"]).status_code == 204
    assert world.exchange(code).status_code == 200
    assert world.refresh(body["refresh_token"]).status_code == 200


def test_s20_another_customers_pages_and_records_are_not_there(world):
    world.code()
    arrangement = Arrangement.objects.get()
    slug, number = arrangement.client.application.slug, Receipt.objects.get().number
    stranger = Browser()
    stranger.force_login(CustomerFactory().user)

    for path in (f"/me/apps/{slug}/", f"/me/apps/{slug}/stop/", f"/me/receipts/{number}/"):
        assert stranger.get(path).status_code == 404
    for path in (
        f"/me/apps/{slug}/stop/",
        f"/me/apps/{slug}/change/",
        f"/api/v1/me/arrangements/{arrangement.pk}/withdrawal",
    ):
        assert stranger.post(path).status_code == 404

    assert [item.scope.name for item in current_items(arrangement)] == ["need:read"]
    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.version_number) == ("active", 1)


def test_s20_a_token_shows_one_customers_data_alone(gate, world):
    mine = gate.ask(gate.token())
    other = CustomerFactory()
    browser = Browser()
    browser.force_login(other.user)
    theirs = Gate(World(world.client, world.secret, other, browser), gate.api)
    seen = theirs.ask(theirs.token())

    assert mine["X-Portal-Subject"] != seen["X-Portal-Subject"]
    assert mine["X-Portal-Arrangement"] != seen["X-Portal-Arrangement"]
