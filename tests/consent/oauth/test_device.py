"""The device grant (RFC 8628), each way in which it is done wrong elsewhere, and its page."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth import devices
from consent.oauth.models import AccessToken, AuthorizationIntent, DeviceGrant, RefreshToken
from consent.oauth.resources import address_of
from consent.oauth.tasks import purge_expired
from consent.oauth.tokens import read_access_token
from consent.proofs.store import store
from partners.applications.actions import issue_credential, suspend_application
from partners.applications.profiles import Profile
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.events.models import Event
from tests.factories.consent import CustomerFactory
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.fapi import make_fapi_world
from tests.factories.partners import ClientFactory
from tests.factories.people import UserFactory, member, staff

SCOPE = "need:read extra:read open:read"


@pytest.fixture(autouse=True)
def _tries_of_this_test_alone(db):
    for name in store().scan_iter("device-tries:*"):
        store().delete(name)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


def begin(world, **changes: str) -> dict[str, Any]:
    answer = world.post("/oauth/device_authorization", **({"scope": SCOPE} | changes))
    assert answer.status_code == 200, answer.content
    return answer.json()


def poll(world, device_code: str, **changes: str) -> Any:
    return world.post(grant_type=devices.GRANT_TYPE, device_code=device_code, **changes)


def type_in(browser, user_code: str) -> Any:
    return browser.post("/device/", {"user_code": user_code})


def decide(browser, page, decision: str = "allow", **choices: Any) -> Any:
    form = {"intent": str(page.context["intent"].pk), "until": "90", "decision": decision}
    return browser.post("/device/", form | choices)


def allow(world, user_code: str, **choices: Any) -> None:
    answer = decide(world.browser, type_in(world.browser, user_code), **choices)
    assert (answer.status_code, answer["Location"]) == (303, "/device/answered/"), answer.content


def errors(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error")


# --- The way it goes -----------------------------------------------------------------------------


def test_a_device_gets_what_the_customer_allows_on_the_same_screen(world, clock):
    began = begin(world)
    assert errors(poll(world, began["device_code"])) == (400, "authorization_pending")
    page = type_in(world.browser, began["user_code"])
    words = unescape(page.content.decode())
    assert page.templates[0].name == "consent/oauth/consent.html"
    assert world.client.application.name in words
    decide(world.browser, page, g=["extra:read"])
    clock.shift(5)

    body = poll(world, began["device_code"]).json()

    assert body["scope"] == SCOPE
    assert body["token_type"] == "Bearer"
    arrangement = Arrangement.objects.get()
    token = read_access_token(body["access_token"])
    assert (token.arrangement, token.epoch) == (arrangement, arrangement.epoch)
    assert ArrangementVersion.objects.get().notice == AuthorizationIntent.objects.get().notice
    assert world.refresh(body["refresh_token"]).status_code == 200
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("consent.token.issued") == 1
    assert "consent.arrangement.given" in kinds


def test_the_answer_of_the_device_endpoint_is_whole(world):
    began = begin(world)

    assert set(began) == {
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    }
    assert (began["expires_in"], began["interval"]) == (600, 5)
    assert began["verification_uri"] == f"{settings.ISSUER}/device/"
    assert began["verification_uri_complete"].endswith(f"/device/?user_code={began['user_code']}")
    assert len(devices.normal(began["user_code"])) == 8


def test_the_metadata_names_the_grant_and_its_endpoint(db):
    told = Browser().get("/.well-known/oauth-authorization-server").json()

    assert told["device_authorization_endpoint"] == f"{settings.ISSUER}/oauth/device_authorization"
    assert devices.GRANT_TYPE in told["grant_types_supported"]


def test_a_withdrawal_before_the_device_collects_leaves_nothing(world):
    began = begin(world)
    allow(world, began["user_code"])
    withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))

    assert errors(poll(world, began["device_code"])) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()


def test_a_refusal_reaches_the_device(world):
    began = begin(world)

    decide(world.browser, type_in(world.browser, began["user_code"]), "deny")

    assert errors(poll(world, began["device_code"])) == (400, "access_denied")
    assert not Arrangement.objects.exists()
    assert Event.objects.filter(kind="consent.authorization.denied").count() == 1


# --- Each defect of the engine's own device flow -------------------------------------------------


def test_defect_a_device_code_is_of_no_use_to_another_client(world):
    began = begin(world)
    allow(world, began["user_code"])
    other = ClientFactory(production=True)
    owner = member(other.application.organization, Role.OWNER)
    _, secret = issue_credential(other, by=owner)

    stolen = world.post(
        basic=False,
        client_id=other.client_id,
        client_secret=secret,
        grant_type=devices.GRANT_TYPE,
        device_code=began["device_code"],
    )

    assert errors(stolen) == (400, "invalid_grant")
    assert poll(world, began["device_code"]).status_code == 200


def test_defect_a_device_code_works_once_and_its_replay_ends_what_came_from_it(world):
    began = begin(world)
    allow(world, began["user_code"])
    body = poll(world, began["device_code"]).json()

    assert errors(poll(world, began["device_code"])) == (400, "invalid_grant")

    assert not read_access_token(body["access_token"]).is_live(at=timezone.now())
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert Event.objects.filter(kind="consent.code.replayed").count() == 1


@pytest.mark.parametrize("is_allowed", [False, True], ids=["waiting", "allowed"])
def test_defect_a_device_code_ends_after_ten_minutes(world, clock, is_allowed):
    began = begin(world)
    if is_allowed:
        allow(world, began["user_code"])
    clock.shift(600)

    assert errors(poll(world, began["device_code"])) == (400, "expired_token")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "scope", ["", "nonsense", "other:read", "need:read other:read", "open:read"],
    ids=["none", "unknown", "not-approved", "one-not-approved", "no-customer-data"],
)  # fmt: skip
def test_defect_a_scope_is_checked_when_the_device_asks(world, scope):
    answer = world.post("/oauth/device_authorization", scope=scope)

    assert errors(answer) == (400, "invalid_scope")
    assert not DeviceGrant.objects.exists()


def test_defect_a_device_that_asks_too_often_is_slowed_down_for_good(world, clock):
    code = begin(world)["device_code"]
    assert errors(poll(world, code)) == (400, "authorization_pending")
    clock.shift(4)
    assert errors(poll(world, code)) == (400, "slow_down")
    clock.shift(9)
    assert errors(poll(world, code)) == (400, "slow_down")
    clock.shift(15)

    assert errors(poll(world, code)) == (400, "authorization_pending")
    assert DeviceGrant.objects.get().interval == 15


def test_defect_a_missing_or_strange_device_code_is_a_clean_error(world):
    missing = world.post(grant_type=devices.GRANT_TYPE)

    assert errors(missing) == (400, "invalid_request")
    for strange in ("x", "ü", "mdc_" + "x" * 2000):
        assert errors(poll(world, strange)) == (400, "invalid_grant")


def test_defect_old_rows_are_cleared_away(world, clock):
    began = begin(world)
    type_in(world.browser, began["user_code"])
    clock.shift(timedelta(days=1, minutes=11))

    purge_expired()

    assert not DeviceGrant.objects.exists()
    assert not AuthorizationIntent.objects.exists()


def test_defect_both_codes_are_kept_as_digests_only(world):
    began = begin(world)

    row = DeviceGrant.objects.get()

    assert row.device_code == devices.digest(began["device_code"])
    assert row.user_code == devices.digest(devices.normal(began["user_code"]))


def test_defect_a_user_code_is_given_to_one_device_only(world, monkeypatch):
    letters = iter("BBBBBBBB" + "BBBBBBBB" + "CCCCCCCC")
    monkeypatch.setattr(devices.secrets, "choice", lambda _: next(letters))

    assert begin(world)["user_code"] == "BBBB-BBBB"
    assert begin(world)["user_code"] == "CCCC-CCCC"


def test_defect_the_endpoint_wants_to_know_who_asks(world):
    answer = world.post("/oauth/device_authorization", basic=False, scope=SCOPE)

    assert errors(answer) == (401, "invalid_client")


def test_defect_an_inactive_customer_leaves_nothing_to_collect(world):
    began = begin(world)
    allow(world, began["user_code"])
    world.customer.user.is_active = False
    world.customer.user.save()

    assert errors(poll(world, began["device_code"])) == (400, "invalid_grant")


# --- Who may use it, and with which key ----------------------------------------------------------


@pytest.mark.parametrize("profile", [Profile.FAPI2, Profile.FAPI2_MESSAGE_SIGNING])
def test_a_fapi_client_may_not_use_device_codes(db, profile):
    world = make_fapi_world(profile)

    asked = world.post("/oauth/device_authorization", scope=SCOPE)
    polled = world.post(grant_type=devices.GRANT_TYPE, device_code="mdc_x")

    assert errors(asked) == (400, "unauthorized_client")
    assert errors(polled) == (400, "unauthorized_client")


def test_a_device_that_showed_a_key_is_the_only_one_that_collects(db):
    world = make_fapi_world(Profile.SANDBOX)
    began = begin(world)
    allow(world, began["user_code"])

    without = poll(world, began["device_code"], dpop_proof=None)

    assert errors(without) == (400, "invalid_grant")
    body = poll(world, began["device_code"]).json()
    assert body["token_type"] == "DPoP"
    assert read_access_token(body["access_token"]).jkt == world.jkt


# --- Less than everything ------------------------------------------------------------------------


def test_single_cases_and_apis_are_asked_for_and_granted_as_for_a_browser(db):
    gate = make_detailed_gate()
    resource = address_of(gate.api.slug)
    began = begin(gate.world, authorization_details=written(PAY, BUDGET), resource=resource)
    page = type_in(gate.world.browser, began["user_code"])
    assert PAY["payee"] in unescape(page.content.decode())
    decide(gate.world.browser, page, g=["extra:read"])

    body = poll(gate.world, began["device_code"]).json()

    assert body["authorization_details"] == [PAY, BUDGET]
    assert read_access_token(body["access_token"]).resource == [resource]
    assert RefreshToken.objects.get().resource == [resource]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"resource": "https://evil.example/"}, "invalid_target"),
        ({"authorization_details": "{}"}, "invalid_authorization_details"),
        ({"grant_management_action": "create"}, "invalid_request"),
    ],
    ids=["resource", "details", "management"],
)
def test_a_wish_that_cannot_be_met_is_refused_when_the_device_asks(world, changes, error):
    answer = world.post("/oauth/device_authorization", scope=SCOPE, **changes)

    assert errors(answer) == (400, error)
    assert not DeviceGrant.objects.exists()


# --- The page ------------------------------------------------------------------------------------


def test_the_address_with_the_code_only_fills_the_code_in(world):
    began = begin(world)

    page = world.browser.get("/device/", {"user_code": began["user_code"]})

    assert page.templates[0].name == "consent/oauth/device.html"
    assert page.context["form"]["user_code"].value() == began["user_code"]
    assert not AuthorizationIntent.objects.exists()
    assert DeviceGrant.objects.get().status == DeviceGrant.AUTHORIZATION_PENDING


def test_a_stranger_signs_in_first_and_keeps_the_code(world):
    answer = Browser().get("/device/", {"user_code": "BCDF-GHJK"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/device/%3Fuser_code%3DBCDF-GHJK")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Type the code that your device shows."),
        ({"user_code": " "}, "Type the code that your device shows."),
        ({"user_code": "BBBB-BBBB"}, "No device waits with this code."),
        ({"user_code": "x" * 41}, "at most 40 characters"),
    ],
    ids=["empty", "blank", "wrong", "long"],
)
def test_a_code_that_is_none_is_said_beside_the_field(world, sent, words):
    page = world.browser.post("/device/", sent)

    assert page.status_code == 422
    assert any(words in error for error in page.context["form"].errors["user_code"])


def test_people_may_type_a_code_as_they_like(world):
    code = begin(world)["user_code"]

    page = type_in(world.browser, f" {code.lower().replace('-', ' ')} ")

    assert page.status_code == 200
    assert page.context["client"] == world.client


@pytest.mark.parametrize("state", ["expired", "answered", "suspended"])
def test_a_code_that_waits_no_more_is_like_a_wrong_one(world, clock, state):
    code = begin(world)["user_code"]
    if state == "expired":
        clock.shift(600)
    elif state == "answered":
        allow(world, code)
    else:
        suspend_application(world.client.application, by=staff(Role.SECURITY), reason="a test")

    page = type_in(world.browser, code)

    assert page.status_code == 422
    assert "No device waits" in page.context["form"].errors["user_code"][0]


def test_a_person_has_ten_tries(world):
    code = begin(world)["user_code"]
    for _ in range(10):
        type_in(world.browser, "BBBB-BBBB")

    page = type_in(world.browser, code)

    assert page.status_code == 429
    assert not AuthorizationIntent.objects.exists()


def test_the_tries_of_many_people_at_one_address_are_counted_too(world, monkeypatch):
    monkeypatch.setitem(devices.MAX_TRIES, "address", 2)
    for _ in range(2):
        type_in(_signed_in(UserFactory()), "BBBB-BBBB")

    assert type_in(world.browser, begin(world)["user_code"]).status_code == 429


def test_who_is_no_customer_cannot_answer_a_device(world):
    code = begin(world)["user_code"]

    page = type_in(_signed_in(UserFactory()), code)

    assert page.status_code == 403
    assert not AuthorizationIntent.objects.exists()


def test_of_two_people_who_typed_the_code_the_first_answers(world):
    began = begin(world)
    second = _signed_in(CustomerFactory().user)
    mine = type_in(world.browser, began["user_code"])
    theirs = type_in(second, began["user_code"])
    decide(world.browser, mine)

    late = decide(second, theirs)

    assert (late.status_code, late["Location"]) == (303, "/device/")
    assert Arrangement.objects.get().customer == world.customer
    assert poll(world, began["device_code"]).status_code == 200


def test_nobody_answers_on_anothers_screen(world):
    page = type_in(world.browser, begin(world)["user_code"])

    answer = decide(_signed_in(CustomerFactory().user), page)

    assert (answer.status_code, answer["Location"]) == (303, "/device/")
    assert not Arrangement.objects.exists()


def test_a_decision_after_the_ten_minutes_shares_nothing(world, clock):
    page = type_in(world.browser, begin(world)["user_code"])
    clock.shift(600)

    answer = decide(world.browser, page)

    assert (answer.status_code, answer["Location"]) == (303, "/device/")
    assert not Arrangement.objects.exists()


def test_a_decision_without_a_period_comes_back_to_the_screen(world):
    page = type_in(world.browser, begin(world)["user_code"])

    again = decide(world.browser, page, until="7")

    assert again.status_code == 422
    assert not Arrangement.objects.exists()


def test_the_page_is_not_kept_and_not_framed(world):
    page = world.browser.get("/device/")

    assert "no-store" in page["Cache-Control"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_what_no_device_collects_within_an_hour_ends(world, clock):
    began = begin(world)
    allow(world, began["user_code"])
    clock.shift(timedelta(minutes=10))
    purge_expired()
    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE
    clock.shift(timedelta(hours=1, seconds=1))

    purge_expired()

    assert Arrangement.objects.get().status != Arrangement.Status.ACTIVE


def test_what_a_device_collected_stays(world, clock):
    began = begin(world)
    allow(world, began["user_code"])
    assert poll(world, began["device_code"]).status_code == 200
    clock.shift(timedelta(hours=2))

    purge_expired()

    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE


def _signed_in(user) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser
