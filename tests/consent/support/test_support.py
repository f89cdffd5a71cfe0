"""What support does in a customer's place: with evidence, told and written down, never more."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, Receipt
from consent.arrangements.terms import NeededToWork, NotOffered
from consent.minors.models import Guardianship
from consent.minors.questions import is_minor
from consent.receipts.reproduction import verify
from consent.support import actions
from consent.support.models import SupportCase
from portal.access.actors import Role
from portal.errors import Malformed, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.architecture.population import sign_in
from tests.factories.consent import CustomerFactory, share
from tests.factories.families import make_family, years_ago
from tests.factories.gateway import make_gate
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
NOTE = "She cannot sign in and asks to stop the app."


@pytest.fixture
def officer():
    return staff(Role.PRIVACY)


@pytest.fixture
def customer():
    return CustomerFactory()


@pytest.fixture
def case(customer, officer):
    return opened(customer, officer)


def opened(customer, officer, **changes):
    how = {"ticket": "HD-4711", "identity": "callback", "note": NOTE} | changes
    return actions.open_case(customer, by=officer, **how)


def hear():
    while deliver_due():
        pass


def test_support_stops_at_once_as_the_customer_asked(officer):
    gate = make_gate()
    token = gate.token("extra:read")
    case = opened(gate.world.customer, officer)

    [stopped] = actions.stop_for(case, by=officer, application=gate.world.client.application)

    assert gate.ask(token).status_code == 401
    assert (stopped.status, stopped.end_reason) == ("withdrawn", "support")
    event = Event.objects.get(kind="consent.arrangement.withdrawn")
    assert event.facts["in_place"] == "support"
    assert (event.facts["case"], event.facts["identity"]) == (case.number, "callback")
    body = Receipt.objects.get(event=event).body
    assert body["event"]["entity_id"] == "staff"
    assert body["event"]["event_state"] == "consent_withdrawn"
    assert verify().first_break is None


def test_support_leaves_out_and_never_adds(case, officer, customer):
    arrangement = share(customer)
    needed, optional = (item.scope.name for item in current_items(arrangement))

    with pytest.raises(NotOffered):
        actions.leave_out_for(case, arrangement, by=officer, keep=[needed, "other:read"])
    with pytest.raises(NeededToWork):
        actions.leave_out_for(case, arrangement, by=officer, keep=[optional])
    narrowed = actions.leave_out_for(case, arrangement, by=officer, keep=[needed])

    version = narrowed.versions.get(number=2)
    assert (version.channel, version.change) == ("support", "narrowed")
    assert [item.scope.name for item in current_items(narrowed)] == [needed]
    assert verify().first_break is None


def test_no_act_of_support_gives_widens_or_lengthens():
    """I13: what is there is listed, so that a new act is looked at."""
    acts = {
        name
        for name, act in vars(actions).items()
        if inspect.isfunction(act) and act.__module__ == actions.__name__ and name[0] != "_"
    }

    assert acts == {
        "open_case", "note_of", "stop_for", "leave_out_for", "change_birth_date_in",
        "begin_guardianship_in", "end_guardianship_in",
    }  # fmt: skip


def test_the_customer_is_told_and_reads_it_in_the_history(case, officer, customer):
    arrangement = share(customer)
    needed = current_items(arrangement)[0].scope.name
    actions.leave_out_for(case, arrangement, by=officer, keep=[needed])
    actions.stop_for(case, by=officer)
    hear()

    told = Message.objects.filter(user=customer.user, kind="arrangements/for_you")
    app = arrangement.client.application.name
    assert {message.subject for message in told} == {
        f"Meridian left something out for {app}, as you asked",
        f"Meridian stopped sharing with {app}, as you asked",
    }
    page = sign_in(customer.user).get("/me/history/").content.decode()
    assert f"Meridian stopped sharing with {app}, as you asked" in page
    assert f"Meridian left something out for {app}, as you asked" in page
    assert f"You stopped sharing with {app}" not in page


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SECURITY, Role.REVIEWER, Role.CATALOG])
def test_other_staff_may_not(customer, role):
    with pytest.raises(NotAllowed):
        opened(customer, staff(role))


def test_a_case_is_its_officers_own_and_lasts_for_a_conversation(case, officer, customer):
    share(customer)

    with pytest.raises(NotAllowed):
        actions.stop_for(case, by=staff(Role.PRIVACY))
    with time_machine.travel(case.closes_at), pytest.raises(actions.CaseClosed):
        actions.stop_for(case, by=officer)
    with time_machine.travel(case.closes_at - timedelta(seconds=1)):
        assert len(actions.stop_for(case, by=officer)) == 1


def test_nobody_acts_for_themselves_or_on_another_customers_sharing(case, officer):
    other = share()
    own = CustomerFactory(user=user_of(officer))

    with pytest.raises(NotAllowed):
        opened(own, officer)
    with pytest.raises(NotAllowed):
        actions.leave_out_for(case, other, by=officer, keep=[])
    assert Arrangement.objects.get().status == "active"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"ticket": ""}, id="no-ticket"),
        pytest.param({"ticket": "Mrs Smith called"}, id="a-story-as-ticket"),
        pytest.param({"identity": "a feeling"}, id="no-identity"),
    ],
)
def test_without_evidence_there_is_no_case(customer, officer, wrong):
    with pytest.raises(Malformed):
        opened(customer, officer, **wrong)

    assert not SupportCase.objects.exists()


def test_evidence_is_kept_as_it_was_written_and_its_note_is_sealed(case):
    assert NOTE not in case.sealed_note
    assert actions.note_of(case) == NOTE
    assert len(actions.note_of(opened(case.customer, staff(Role.PRIVACY), note="x" * 900))) == 500
    for event in Event.objects.filter(kind="consent.support.opened"):
        assert NOTE not in str(event.facts)
    with pytest.raises(DatabaseError), transaction.atomic():
        SupportCase.objects.filter(pk=case.pk).update(identity="court")


def test_the_desk_leads_from_the_evidence_to_the_end(officer, customer):
    arrangement = share(customer)
    slug = arrangement.client.application.slug
    browser = sign_in(user_of(officer))
    assert "You have opened no case" in browser.get("/console/support/").content.decode()
    said = {"reference": str(customer.public_id), "ticket": "HD-1", "identity": "document"}

    assert browser.post("/console/support/", said | {"ticket": "a story"}).status_code == 422
    assert browser.post("/console/support/", said | {"reference": "x"}).status_code == 422
    page = browser.post("/console/support/", said, follow=True)

    case = SupportCase.objects.get()
    text = page.content.decode()
    assert case.number in text
    assert customer.user.email not in text
    assert customer.user.name not in text
    needed = current_items(arrangement)[0].scope.name
    address = f"/console/support/{case.number}/apps/{slug}"
    stale = browser.post(f"{address}/leave-out/", {"keep": [needed], "version": 7}, follow=True)
    assert "This changed since you opened the page" in stale.content.decode()
    browser.post(f"{address}/leave-out/", {"keep": [needed], "version": 1})
    arrangement.refresh_from_db()
    assert arrangement.version_number == 2
    assert "1 stopped" in browser.post(f"{address}/stop/", follow=True).content.decode()
    assert browser.post(f"{address}/leave-out/", {"version": 2}).status_code == 404


def test_the_desk_keeps_ages_and_guardians(officer):
    child, guardian = CustomerFactory(), CustomerFactory()
    case = opened(child, officer)
    browser = sign_in(user_of(officer))
    address = f"/console/support/{case.number}"
    reference = {"guardian": str(guardian.public_id)}

    too_early = browser.post(f"{address}/guardians/", reference)
    assert too_early.status_code == 422
    browser.post(f"{address}/birth-date/", {"day": years_ago(12).isoformat()})
    assert is_minor(child.user, at=timezone.now())
    assert browser.post(f"{address}/birth-date/", {"day": "3000-01-01"}).status_code == 422
    browser.post(f"{address}/guardians/", reference)
    link = Guardianship.objects.get()
    assert link.begun_in == case.number
    page = browser.get(f"{address}/").content.decode()
    assert str(guardian.public_id) in page
    assert guardian.user.email not in page
    browser.post(f"{address}/guardians/{link.pk}/end/", {"reason": "mistake"})
    link.refresh_from_db()
    assert (link.end_reason, link.ended_in) == ("mistake", case.number)


def test_a_guardian_of_one_child_is_shown_for_no_other(officer):
    family, other = make_family(), make_family()
    case = opened(other.child, officer)

    with pytest.raises(NotAllowed):
        actions.end_guardianship_in(case, family.link, by=officer, reason="mistake")
