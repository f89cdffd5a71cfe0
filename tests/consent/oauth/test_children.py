"""S23 at the authorization endpoint: a child asks, a guardian allows some, the child chooses."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalog.scopes.models import DataCluster
from consent.arrangements.children import GuardianNeeded, TooYoung
from consent.arrangements.models import Arrangement
from consent.guardians.deciding import refuse
from consent.guardians.linking import end_guardianship
from consent.guardians.stopping import stop_sharing
from consent.minors.models import Approval
from consent.minors.questions import comes_of_age_at
from consent.oauth.children import ALLOWED
from consent.oauth.models import Grant
from consent.signals.actions import signals_after
from partners.subscriptions.access import uses_of
from partners.subscriptions.models import ApprovedUse
from partners.webhooks.envelope import body_of
from portal.events.log import deliver_due
from portal.events.models import Event
from tests.architecture.population import sign_in
from tests.factories.catalog import PurposeFactory
from tests.factories.consent import share
from tests.factories.families import EVIDENCE, make_family, years_ago
from tests.factories.gateway import make_gate
from tests.factories.partners import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate():
    return make_gate()


@pytest.fixture
def world(gate):
    return gate.world


@pytest.fixture
def family(world):
    return make_family(world.customer)


def drain():
    while deliver_due():
        pass


def asks_a_parent(world, **changes):
    return world.told(world.decide(world.ask(**changes), until=""))


def allowed_code(family, world, *optional):
    """Let the child ask, the guardian allow all, and the child agree to the optional ones."""
    asks_a_parent(world)
    waiting = Approval.objects.get(status="waiting")
    family.allows(waiting, "need:read", "extra:read")
    page = world.ask(state="again")
    answer = world.decide(page, g=list(optional), until=ALLOWED)
    return world.told(answer)["code"]


def test_s23_at_twelve_the_flow_ends_without_a_code_and_the_app_may_come_back(world, family):
    told = asks_a_parent(world)

    assert told["error"] == "access_denied"
    assert told["consent_status"] == "pending_approval"
    assert told["approval"] == str(Approval.objects.get().pk)
    assert {
        "iss", "state", "error", "error_description", "consent_status", "approval"
    } == set(told)  # fmt: skip
    assert not re.search("child|minor|parent|guardian", str(told), re.IGNORECASE)
    assert not Grant.objects.exists()
    assert not Arrangement.objects.exists()
    assert Approval.objects.get().status == "waiting"


def test_s23_a_child_is_not_tempted(world, family):
    page = world.ask()

    notice = page.context["notice"]
    assert [line["scope"] for line in notice["needed"]] == ["need:read"]
    assert notice["optional"] == []
    assert notice["periods"] == []
    text = page.content.decode()
    assert "Ask a parent" in text
    assert "You are under 16" in text
    assert 'name="g"' not in text
    asked = {line["scope"] for line in world_asked(world)}
    assert asked == {"need:read", "extra:read"}, "The guardian sees all of it."


def world_asked(world):
    asks_a_parent(world)
    return Approval.objects.get().asked


def test_s23_after_the_yes_the_child_sees_and_gets_at_most_what_was_allowed(world, family):
    asks_a_parent(world)
    family.allows(Approval.objects.get(), "need:read")

    page = world.ask(state="again")

    assert [line["scope"] for line in page.context["notice"]["needed"]] == ["need:read"]
    assert page.context["notice"]["optional"] == []
    forged = world.decide(page, g=["extra:read"], until=ALLOWED)
    assert forged.status_code == 422
    tokens = world.exchange(world.told(world.decide(page, until=ALLOWED))["code"]).json()
    assert tokens["scope"] == "need:read open:read"
    arrangement = Arrangement.objects.get()
    assert arrangement.ends_at == Approval.objects.get().ends_at


def test_s23_the_child_may_choose_less_than_was_allowed(world, family):
    tokens = world.exchange(allowed_code(family, world)).json()

    assert tokens["scope"] == "need:read open:read"


def test_s23_once_is_for_children_too(world, family):
    asks_a_parent(world)
    family.allows(Approval.objects.get(), "need:read")

    world.decide(world.ask(state="again"), until="once")

    assert Arrangement.objects.get().duration == "one_time"


def test_s23_a_no_is_no_and_is_not_asked_again_soon(world, family):
    asks_a_parent(world)
    refuse(Approval.objects.get(), by=family.by_guardian)

    answer = world.decide(world.ask(state="again"), until="")

    assert answer.status_code == 303
    assert answer["Location"].startswith("/oauth/authorize")
    assert Approval.objects.get().status == "refused"
    page = world.browser.get(answer["Location"])
    assert "said no to this" in page.content.decode()


def test_s23_the_app_hears_by_webhook_and_in_its_stream_that_somebody_answered(world, family):
    asked = asks_a_parent(world)["approval"]
    refuse(Approval.objects.get(), by=family.by_guardian)
    drain()
    stream = signals_after(world.client, after=0, limit=10)
    news = [json.loads(body_of(signal.event)) for signal in stream]

    assert [one["type"] for one in news] == [
        "consent.approval.requested",
        "consent.approval.refused",
    ]
    assert {one["data"]["approval"] for one in news} == {asked}
    allowed = {"approval", "client_id", "application", "scopes", "occurred_at"}
    assert {name for one in news for name in one["data"]} == allowed
    other = ClientFactory(production=True)
    assert signals_after(other, after=0, limit=10) == []


def test_s23_without_a_guardian_the_page_says_how_to_get_one(world, family):
    family.link.delete()

    assert "Nobody is linked to your account yet" in world.ask().content.decode()


def test_s23_what_changed_since_the_yes_is_asked_anew(world, family):
    asks_a_parent(world)
    family.allows(Approval.objects.get(), "need:read", "extra:read")
    ApprovedUse.objects.filter(scope__name="need:read").update(retention_days=400)

    assert world.ask(state="again").context["notice"]["child"]["step"] == "ask"


def test_s23_an_answer_while_the_page_is_open_shows_the_page_anew(world, family):
    asks_a_parent(world)
    page = world.ask(state="again")
    family.allows(Approval.objects.get(), "need:read")

    answer = world.decide(page, until="")

    assert answer["Location"].startswith("/oauth/authorize")
    assert world.ask(state="again").context["notice"]["child"]["step"] == "choose"


def test_s23_a_picture_of_a_child_is_asked_of_nobody(world, family):
    profiling = PurposeFactory(is_profiling=True)
    ApprovedUse.objects.filter(scope__name="extra:read").update(purpose=profiling)
    assert {line["scope"] for line in world_asked(world)} == {"need:read"}

    ApprovedUse.objects.filter(scope__name="need:read").update(purpose=profiling)
    page = world.ask(state="again")

    assert page.context["notice"]["child"]["step"] == "blocked"
    assert 'value="allow"' not in page.content.decode()
    assert world.decide(page, until="").status_code == 422
    assert world.told(world.decide(page, "deny", until=""))["error"] == "access_denied"


def test_s23_a_grown_up_is_asked_as_before(world):
    page = world.ask()

    assert "child" not in page.context["notice"]
    assert [line["scope"] for line in page.context["notice"]["optional"]] == ["extra:read"]


def test_s23_the_guardian_stops_and_the_next_call_is_refused(gate, world, family):
    token = world.exchange(allowed_code(family, world)).json()
    assert gate.ask(token["access_token"]).status_code == 204

    stop_sharing(family.child.user, by=family.by_guardian)

    refused = gate.ask(token["access_token"])
    assert refused.status_code == 401
    assert refused["X-Portal-Reason"] == "consent_withdrawn"
    assert world.refresh(token["refresh_token"]).json()["error"] == "invalid_grant"
    assert world.ask(state="more").context["notice"]["child"]["step"] == "ask"


def test_t19_a_call_is_refused_from_the_end_of_the_link_on(gate, world, family):
    token = world.exchange(allowed_code(family, world)).json()["access_token"]
    end_guardianship(family.link, by=family.officer, reason="court_order", evidence=EVIDENCE)

    refused = gate.ask(token)

    assert refused.status_code == 403
    assert refused["X-Portal-Reason"] == "consent_paused"


def test_t18_on_the_birthday_the_young_adult_decides_alone_and_old_items_go_on(gate, world, family):
    family.born(years_ago(16, days=3))
    tokens = world.exchange(allowed_code(family, world)).json()
    midnight = comes_of_age_at(family.child.user)

    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        world.browser.force_login(world.customer.user)
        assert world.ask(state="before").context["notice"]["child"]["step"] == "choose"
    with time_machine.travel(midnight, tick=False):
        world.browser.force_login(world.customer.user)
        assert "child" not in world.ask(state="after").context["notice"]
        refreshed = world.refresh(tokens["refresh_token"]).json()
        assert refreshed["scope"] == "need:read open:read"
        assert gate.ask(refreshed["access_token"]).status_code == 204


def test_the_guardians_own_session_opens_nothing_of_the_childs(gate, world, family):
    allowed_code(family, world, "extra:read")
    slug = world.client.application.slug
    browser = sign_in(family.guardian.user)
    receipt = Arrangement.objects.get().versions.get().receipts.get().number

    for address in (
        f"/me/apps/{slug}/", f"/me/apps/{slug}/log/", f"/me/apps/{slug}/log.csv",
        f"/me/apps/{slug}/stop/", f"/me/receipts/{receipt}/", f"/me/receipts/{receipt}.json",
    ):  # fmt: skip
        assert browser.get(address).status_code == 404, address
    assert browser.get("/me/data/export.json").json()["arrangements"] == []
    page = browser.get(f"/me/children/{family.link.pk}/apps/{slug}/").content.decode()
    for private in ("looked", "Looked", "last_read", receipt):
        assert private not in page


def test_the_app_is_not_told_of_the_family(world, family):
    asks_a_parent(world)
    approval = Approval.objects.get()
    family.allows(approval, "need:read")

    organization_id = world.client.application.organization_id
    told = Event.objects.of_organizations([organization_id])
    assert {"consent.approval.requested", "consent.approval.approved"} <= {
        event.kind for event in told
    }
    bodies = " ".join(body_of(event) for event in told)
    assert not re.search("child|minor|parent|guardian", bodies, re.IGNORECASE)
    for person in (family.child, family.guardian):
        assert str(person.public_id) not in bodies
    assert approval.asked_at <= timezone.now()


# --- Data that asks for a higher age --------------------------------------------------------------


def only_from(years, scope):
    code = ApprovedUse.objects.get(scope__name=scope).scope.cluster_code
    DataCluster.objects.filter(code=code).update(min_age=years)


@pytest.mark.parametrize("age", [12, 17])
def test_what_asks_for_a_higher_age_is_put_to_nobody_younger_and_not_to_a_guardian(world, age):
    family = make_family(world.customer)
    family.born(years_ago(age))
    only_from(18, "extra:read")

    page = world.ask()

    shown = page.context["intent"].notice
    assert "extra:read" not in [line["scope"] for line in shown["needed"] + shown["optional"]]
    if age == 12:
        asked = family.asks(world.client).asked
        assert [line["scope"] for line in asked] == ["need:read"]
        family.allows(Approval.objects.get(), "need:read")
    with pytest.raises((TooYoung, GuardianNeeded)):
        share(world.customer, world.client, uses=uses_of(world.client, at=timezone.now()))
    assert world.decide(world.ask(state="more"), g=["extra:read"]).status_code == 422
    assert not Arrangement.objects.exists()


def test_an_app_that_needs_it_is_told_no_and_a_day_later_it_is_asked_like_any_other(gate, world):
    family = make_family(world.customer)
    family.born(years_ago(18, days=1))
    only_from(18, "need:read")

    page = world.ask()

    assert "needs data that nobody of your age may share" in page.content.decode()
    answered = world.decide(page, until="")
    assert "code=" not in answered["Location"]
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        world.browser.force_login(world.customer.user)
        answer = world.exchange(world.code("extra:read"))
        assert gate.ask(answer.json()["access_token"]).status_code == 204


def test_a_birth_date_that_says_too_young_ends_what_was_shared(world):
    family = make_family(world.customer)
    family.born(years_ago(30))
    only_from(18, "need:read")
    world.exchange(world.code("extra:read"))

    family.born(years_ago(17))

    arrangement = Arrangement.objects.get()
    assert (arrangement.status, arrangement.end_reason) == ("invalidated", "too_young")
