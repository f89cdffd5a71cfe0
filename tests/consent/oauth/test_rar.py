"""Rich authorization requests, each row of the checklist (R1 to R8) through the endpoints."""

from __future__ import annotations

import re
from html import escape

import pytest

from catalog.scopes.models import DetailType
from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth import limits
from consent.oauth.access_tokens import claims_of
from consent.oauth.models import AccessToken, AuthorizationIntent, RefreshToken
from consent.oauth.resources import address_of
from partners.organizations.actors import actor_of
from tests.consent.oauth.test_resources import other_api
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.gateway import Gate
from tests.factories.oauth import World, answer_of

BOTH = written(PAY, BUDGET)


@pytest.fixture
def gate(db) -> Gate:
    return make_detailed_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


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


def test_r6_the_page_tells_each_detail_in_words_and_never_as_json(world):
    page = world.ask(authorization_details=BOTH)

    html = page.content.decode()
    blocks = re.findall(r'<div class="detail">(.*?)</dl>', html, re.DOTALL)
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
