"""Rich authorization requests, each row of the checklist (R1 to R8) through the endpoints."""

from __future__ import annotations

import re
from html import escape

import pytest
from django.test import Client as Browser

from catalog.scopes.models import DetailType
from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth import limits
from consent.oauth.access_tokens import claims_of
from consent.oauth.models import AccessToken, AuthorizationIntent, RefreshToken
from consent.oauth.resources import address_of
from partners.applications.details import DetailTypesRefused, name_detail_types
from partners.organizations.actors import actor_of
from portal.access.actors import Actor, Role
from portal.errors import NotAllowed
from portal.events.models import Event
from tests.consent.oauth.test_resources import other_api
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.fapi import FapiWorld, with_keys
from tests.factories.gateway import Gate
from tests.factories.oauth import World, answer_of
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

BOTH = written(PAY, BUDGET)
NAMED = "partners.client.detail_types_named"


@pytest.fixture
def gate(db) -> Gate:
    return make_detailed_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


def owner_of(world: World) -> Actor:
    return member(world.client.application.organization, Role.OWNER)


def make_fapi_world_of(gate: Gate) -> FapiWorld:
    """Return the gate's world after its client took up the `fapi2` profile."""
    known = gate.world
    return with_keys(FapiWorld(known.client, known.secret, known.customer, known.browser))


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ("{}", "invalid_authorization_details"),
        (written({"type": "unknown"}), "invalid_authorization_details"),
        (written({**PAY, "instant": "yes"}), "invalid_authorization_details"),
        (written({"type": "payment_budget"}), "invalid_authorization_details"),
        (written({**PAY, "kind": "car"}), "invalid_authorization_details"),
        (written(*[BUDGET] * 11), "invalid_request"),
    ],
)
def test_r1_a_detail_that_no_type_allows_goes_back_as_an_error(world, details, error):
    answer = world.ask(authorization_details=details)

    assert answer_of(answer)["error"] == error
    assert not AuthorizationIntent.objects.exists()


def test_r1_a_type_of_an_api_that_the_client_was_not_approved_for_is_unknown(world):
    DetailType.objects.filter(name="payment_budget").update(scope_name="other:read")

    answer = world.ask(authorization_details=written(BUDGET))

    assert answer_of(answer)["error"] == "invalid_authorization_details"


def test_r2_the_token_response_returns_what_was_granted(world):
    body = world.exchange(world.code("extra:read", authorization_details=BOTH)).json()

    assert body["authorization_details"] == [PAY, BUDGET]
    assert world.refresh(body["refresh_token"]).json()["authorization_details"] == [PAY, BUDGET]


def test_r2_what_the_customer_leaves_out_is_not_granted(world):
    body = world.exchange(world.code(authorization_details=BOTH)).json()

    assert body["authorization_details"] == [BUDGET]
    assert ArrangementVersion.objects.get().details[0]["content"] == BUDGET
    plain = world.exchange(world.code()).json()
    assert "authorization_details" not in plain


def test_r3_introspection_and_token_carry_them(world):
    body = world.exchange(world.code("extra:read", authorization_details=BOTH)).json()

    told = world.post("/oauth/introspect", token=body["access_token"]).json()

    assert told["authorization_details"] == [PAY, BUDGET]
    assert claims_of(AccessToken.objects.get())["authorization_details"] == [PAY, BUDGET]


def test_r3_a_token_for_another_api_does_not_carry_them(gate, world):
    other = address_of(other_api(gate, subscribed=True).slug)
    here = address_of(gate.api.slug)
    code = world.code("extra:read", authorization_details=BOTH, resource=f"{here} {other}")

    body = world.exchange(code, resource=other).json()

    assert "authorization_details" not in body
    told = world.post("/oauth/introspect", token=body["access_token"]).json()
    assert "authorization_details" not in told
    again = world.refresh(body["refresh_token"], resource=here).json()
    assert again["authorization_details"] == [PAY, BUDGET]


def test_r3_a_detail_for_an_api_that_is_none_of_the_resources_is_refused(gate, world):
    other = address_of(other_api(gate, subscribed=True).slug)

    answer = world.ask(authorization_details=BOTH, resource=other)

    assert answer_of(answer)["error"] == "invalid_target"


def test_r3_what_was_switched_off_is_gone_from_a_token_that_is_out(world):
    body = world.exchange(world.code("extra:read", authorization_details=BOTH)).json()
    arrangement = Arrangement.objects.get()

    narrow_arrangement(arrangement, by=actor_of(world.customer.user), keep=["need:read"])

    told = world.post("/oauth/introspect", token=body["access_token"]).json()
    assert told["authorization_details"] == [BUDGET]
    refreshed = world.refresh(body["refresh_token"]).json()
    assert refreshed["authorization_details"] == [BUDGET]


def test_r4_a_refresh_may_narrow_and_does_not_shrink_what_comes_after(world):
    first = world.exchange(world.code("extra:read", authorization_details=BOTH)).json()
    narrow = {**BUDGET, "kinds": ["visit"]}

    second = world.refresh(first["refresh_token"], authorization_details=written(narrow)).json()
    third = world.refresh(second["refresh_token"]).json()

    assert second["authorization_details"] == [narrow]
    assert third["authorization_details"] == [PAY, BUDGET]
    told = world.post("/oauth/introspect", token=second["access_token"]).json()
    assert told["authorization_details"] == [narrow]
    assert len(RefreshToken.objects.first().details) == 2


@pytest.mark.parametrize(
    "wider",
    [
        written({**BUDGET, "limit": {"value": "400.00", "currency": "EUR"}}),
        written(PAY),
        written(BUDGET, PAY),
        written({**BUDGET, "tells_before": False}),
    ],
)
def test_r4_more_than_was_granted_is_refused_and_burns_nothing(world, wider):
    code = world.code(authorization_details=written(BUDGET))

    at_exchange = world.exchange(code, authorization_details=wider)
    body = world.exchange(code).json()
    at_refresh = world.refresh(body["refresh_token"], authorization_details=wider)

    for answer in (at_exchange, at_refresh):
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_authorization_details"
    assert world.refresh(body["refresh_token"]).status_code == 200


def test_r4_a_client_by_itself_has_no_details(world):
    answer = world.post(
        grant_type="client_credentials", scope="open:read", authorization_details=written(BUDGET)
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")


def test_r5_the_metadata_name_the_types(gate, client):
    limits.names_in_minute.cache_clear()

    told = client.get("/.well-known/oauth-authorization-server").json()

    limits.names_in_minute.cache_clear()
    assert told["authorization_details_types_supported"] == [
        "payment_budget",
        "payment_initiation",
    ]


def test_r5_a_client_that_named_its_types_asks_for_no_other(world):
    """RFC 9396 §10: the types are metadata of the client, and hold when it asks."""
    name_detail_types(world.client, by=owner_of(world), types=["payment_budget"])

    refused = world.ask(authorization_details=BOTH)
    taken = world.ask(authorization_details=written(BUDGET), state="another")

    assert answer_of(refused)["error"] == "invalid_authorization_details"
    assert "not one of yours" in answer_of(refused)["error_description"]
    assert taken.status_code == 200


def test_r5_a_push_with_details_is_kept_whole_and_refused_at_once_where_it_must_be(gate):
    world = make_fapi_world_of(gate)
    name_detail_types(world.client, by=owner_of(world), types=["payment_initiation"])

    refused = world.push(authorization_details=written(BUDGET))
    body = world.exchange(world.code("extra:read", authorization_details=written(PAY))).json()

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_authorization_details")
    assert body["authorization_details"] == [PAY]
    assert body["token_type"] == "DPoP"


@pytest.mark.parametrize(
    ("types", "words"),
    [(["unheard_of"], "unheard_of"), ([f"t{i}" for i in range(21)], "at most 20")],
    ids=["unknown", "many"],
)
def test_r5_a_client_can_name_only_types_that_there_are(world, types, words):
    with pytest.raises(DetailTypesRefused, match=words):
        name_detail_types(world.client, by=owner_of(world), types=types)


def test_r5_naming_no_type_stands_for_any(world):
    owner = owner_of(world)
    name_detail_types(world.client, by=owner, types=["payment_budget"])
    name_detail_types(world.client, by=owner, types=[])

    assert world.ask(authorization_details=BOTH).status_code == 200
    told = [event.facts["types"] for event in Event.objects.filter(kind=NAMED).order_by("pk")]
    assert told == [["payment_budget"], []]


def test_r5_nobody_outside_the_organization_names_them(world):
    with pytest.raises(NotAllowed):
        name_detail_types(world.client, by=member(OrganizationFactory(), Role.OWNER), types=[])


def test_r5_the_application_page_tells_which(world):
    name_detail_types(world.client, by=owner_of(world), types=["payment_budget"])
    browser = Browser()
    sign_in(browser, owner_of(world))

    page = browser.get(f"/apps/{world.client.application.slug}/?environment=production")

    html = page.content.decode()
    assert "Of these types only" in html
    assert "payment_budget" in html
    assert "payment_initiation" not in html


def test_r6_the_page_tells_each_detail_in_words_and_never_as_json(world):
    page = world.ask(authorization_details=BOTH)

    html = page.content.decode()
    blocks = re.findall(r'<div class="case">(.*?)</dl>', html, re.DOTALL)
    assert [re.search(r"<h4>(.*?)</h4>", block)[1] for block in blocks] == [
        "Pay for refills, up to a limit",
        "Pay once",
    ]
    rows = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", blocks[1])
    assert rows == [("Amount", "12.40 EUR"), ("To", escape(PAY["payee"])), ("For", "A refill")]
    assert not re.search(r"[{}]|&quot;", "".join(blocks))


def test_r6_what_was_told_is_what_is_kept(world):
    world.code("extra:read", authorization_details=BOTH)

    notice = ArrangementVersion.objects.get().notice
    assert notice["needed"][0]["details"][0]["title"] == "Pay for refills, up to a limit"
    assert notice["optional"][0]["details"][0]["lines"][0] == {
        "label": "Amount",
        "text": "12.40 EUR",
    }


def test_r6_words_that_changed_meanwhile_are_shown_again_before_anything_is_agreed(world):
    page = world.ask(authorization_details=BOTH)
    DetailType.objects.filter(name="payment_budget").update(title="Pay for everything")

    answer = world.decide(page)

    assert answer.status_code == 303
    assert answer["Location"].startswith("/oauth/authorize")
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize(
    ("details", "status"),
    [("x" * 5000, 400), ("[" * 4000, 400), (written({**PAY, "payee": "x" * 40_000}), 413)],
)
def test_r7_what_is_too_large_is_refused(world, details, status):
    answer = world.post(
        grant_type="client_credentials", scope="open:read", authorization_details=details
    )

    assert answer.status_code == status
    assert answer.json()["error"] in {"invalid_request", "invalid_authorization_details"}


def test_r8_scope_and_details_are_both_asked_for_and_both_consented(world):
    code = world.code(scope="open:read", authorization_details=written(BUDGET))

    body = world.exchange(code).json()

    assert set(body["scope"].split()) == {"open:read", "need:read"}
    assert body["authorization_details"] == [BUDGET]
    notice = ArrangementVersion.objects.get().notice
    assert [line["scope"] for line in notice["needed"]] == ["need:read"]


def test_r8_details_alone_ask_for_their_scope(world):
    code = world.code(scope=None, authorization_details=written(BUDGET))

    assert world.exchange(code).json()["scope"] == "need:read"
