from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.models import ALL_DATA, Customer
from consent.rights import actions, attesting, clock, recipients, restricting
from consent.rights.models import DataRequest, Restriction, Task
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message, Preference
from tests.factories.consent import CustomerFactory, share
from tests.factories.people import UserFactory, member, staff

Kind, Status = DataRequest.Kind, DataRequest.Status


def codes_of(arrangement) -> list[str]:
    return [item.cluster.code for item in current_items(arrangement)]


def kinds(prefix: str = "") -> list[str]:
    found = Event.objects.filter(kind__startswith=prefix).order_by("pk")
    return list(found.values_list("kind", flat=True))


def complain(somebody, words: str = "You never answered me.") -> DataRequest:
    return actions.ask(somebody.user, by=somebody.by, kind=Kind.COMPLAINT, words=words)


def correction(somebody) -> DataRequest:
    return actions.ask(
        somebody.user,
        by=somebody.by,
        kind=Kind.RECTIFICATION,
        words="The dose is wrong.",
        cluster_codes=codes_of(somebody.first)[:1],
    )


def test_a_request_starts_its_clock_and_is_confirmed(leila):
    request = complain(leila)
    deliver_due()

    assert request.status == Status.RECEIVED
    assert request.due_at == clock.due_at(request.received_at)
    assert kinds("dsr.") == ["dsr.received"]
    mail = Message.objects.get(user=leila.user, kind="rights/received")
    assert request.number in mail.subject


def test_what_a_person_writes_is_sealed_and_in_no_event_or_mail(leila, mina):
    request = complain(leila, words="CANARY-WORDS about my illness")
    actions.answer_request(request, by=mina, answer="CANARY-ANSWER", is_granted=True)
    deliver_due()

    request.refresh_from_db()
    assert actions.words_of(request) == "CANARY-WORDS about my illness"
    assert actions.answer_of(request) == "CANARY-ANSWER"
    stored = str(
        [*DataRequest.objects.values(), *Event.objects.values(), *Message.objects.values()]
    )
    assert "CANARY-" not in stored


def test_nobody_asks_in_anothers_name(leila):
    other = actor_of(UserFactory())

    for by in (other, staff(Role.PRIVACY)):
        with pytest.raises(NotAllowed):
            actions.ask(leila.user, by=by, kind=Kind.COMPLAINT, words="x")

    assert not DataRequest.objects.exists()
    assert kinds("dsr.") == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"kind": Kind.COMPLAINT, "words": "  "}, id="no words"),
        pytest.param({"kind": Kind.ACCESS, "words": "x"}, id="a kind with its own action"),
        pytest.param({"kind": Kind.OBJECTION, "words": "x", "about": "y"}, id="unknown objection"),
        pytest.param({"kind": Kind.RECTIFICATION, "words": "x"}, id="no data named"),
        pytest.param(
            {"kind": Kind.RECTIFICATION, "words": "x", "cluster_codes": ["nothing"]},
            id="unknown data",
        ),
    ],
)
def test_a_request_that_says_too_little_is_refused(leila, wrong):
    with pytest.raises((Malformed, actions.WordsMissing)):
        actions.ask(leila.user, by=leila.by, **wrong)


def test_an_objection_to_news_by_mail_needs_nobody_to_weigh_it(leila):
    request = actions.ask(
        leila.user, by=leila.by, kind=Kind.OBJECTION, about="news", words="No more of it."
    )

    assert request.status == Status.COMPLETED
    assert not Preference.objects.get(user=leila.user).wants_mail


def test_another_objection_is_weighed_by_a_person(leila):
    request = actions.ask(
        leila.user, by=leila.by, kind=Kind.OBJECTION, about="use", words="I do not want it."
    )

    assert request.status == Status.RECEIVED


def test_a_request_can_be_taken_back_while_it_is_open(leila, mina):
    request = actions.cancel_request(complain(leila), by=leila.by)

    assert request.status == Status.CANCELLED
    for change in (
        lambda: actions.cancel_request(request, by=leila.by),
        lambda: actions.answer_request(request, by=mina, answer="x", is_granted=True),
        lambda: actions.extend_request(request, by=mina, reason="complex"),
    ):
        with pytest.raises(Conflict):
            change()


def test_more_time_is_taken_once_within_the_first_month_and_told(leila, mina):
    request = complain(leila)

    actions.extend_request(request, by=mina, reason="complex")
    deliver_due()

    request.refresh_from_db()
    assert request.due_at == clock.extended_due_at(request.received_at)
    assert Message.objects.filter(user=leila.user, kind="rights/extended").count() == 1
    with pytest.raises(Conflict):
        actions.extend_request(request, by=mina, reason="complex")


def test_no_more_time_is_taken_once_the_month_is_over(leila, mina):
    request = complain(leila)
    received = timezone.now() - timedelta(days=40)
    DataRequest.objects.update(received_at=received, due_at=clock.due_at(received))

    with pytest.raises(actions.TooLate):
        actions.extend_request(request, by=mina, reason="complex")

    assert DataRequest.objects.overdue(at=timezone.now()).get() == request


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SECURITY, Role.REVIEWER, Role.CATALOG])
def test_only_a_privacy_officer_reads_and_answers(leila, role):
    request, by = complain(leila), staff(role)

    for change in (
        lambda: actions.read_request(request, by=by),
        lambda: actions.answer_request(request, by=by, answer="x", is_granted=True),
        lambda: actions.extend_request(request, by=by, reason="many"),
        lambda: restricting.restrict_meanwhile(request, by=by),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_reading_a_request_is_written_down_and_begins_the_work(leila, mina):
    request = complain(leila)

    assert actions.read_request(request, by=mina) == "You never answered me."

    request.refresh_from_db()
    assert (request.status, kinds("dsr.")[-1]) == (Status.IN_PROGRESS, "dsr.read")


def test_a_correction_is_told_to_who_has_or_had_that_data_and_without_values(leila, mina):
    request = correction(leila)

    actions.answer_request(request, by=mina, answer="Put right.", is_granted=True)

    task = Task.objects.get()
    assert (task.application, task.action) == (leila.first.client.application, "rectify")
    event = Event.objects.get(kind="data.rectified")
    assert event.organization_id == task.application.organization_id
    assert event.facts["clusters"] == request.cluster_codes
    assert event.facts["subject_id"] == str(task.subject)
    assert "dose" not in str(event.facts)


def test_a_correction_that_is_turned_down_is_nobodys_news(leila, mina):
    actions.answer_request(correction(leila), by=mina, answer="It is right.", is_granted=False)

    assert not Task.objects.exists()
    assert kinds("dsr.")[-1] == "dsr.refused"


def test_a_restriction_holds_at_once_for_the_chosen_data_only(leila):
    (code, *_) = codes_of(leila.first)

    restriction = restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])

    customer = Customer.objects.get(pk=leila.customer.pk)
    assert customer.restricts(code)
    assert not customer.restricts(codes_of(leila.second)[0])
    assert restriction.request.status == Status.COMPLETED
    assert Task.objects.get().action == Task.Action.RESTRICT
    leila.first.refresh_from_db()
    assert (leila.first.status, leila.first.version_number) == ("active", 1)


def test_two_restrictions_end_one_by_one(leila):
    everything = restricting.restrict(leila.customer, by=leila.by, cluster_codes=[ALL_DATA])
    code = codes_of(leila.first)[0]
    one = restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])

    restricting.lift(everything, by=leila.by)

    assert Customer.objects.get(pk=leila.customer.pk).restricted == [code]
    restricting.lift(one, by=leila.by)
    restricting.lift(one, by=leila.by)
    assert Customer.objects.get(pk=leila.customer.pk).restricted == []
    assert kinds("dsr.restriction_lifted") == ["dsr.restriction_lifted"] * 2


def test_staff_lift_only_what_the_person_was_told_of_before(leila, mina):
    request = correction(leila)
    restriction = restricting.restrict_meanwhile(request, by=mina)

    with pytest.raises(NotAllowed):
        restricting.lift(restriction, by=mina)
    lifts_at = restricting.announce_lifting(restriction, by=mina)
    deliver_due()

    assert lifts_at >= timezone.now() + timedelta(days=2)
    assert Message.objects.filter(kind="rights/lifting_announced", user=leila.user).exists()
    assert restricting.lift_due() == 0
    assert Customer.objects.get(pk=leila.customer.pk).restricted == request.cluster_codes
    told = timezone.now() - timedelta(days=4)
    Restriction.objects.update(told_at=told, lifts_at=told + clock.TOLD_BEFORE)
    assert (restricting.lift_due(), restricting.lift_due()) == (1, 0)
    assert Customer.objects.get(pk=leila.customer.pk).restricted == []


def test_staff_do_not_end_a_pause_that_its_person_set(leila, mina):
    restriction = restricting.restrict(leila.customer, by=leila.by, cluster_codes=[ALL_DATA])

    with pytest.raises(NotAllowed):
        restricting.announce_lifting(restriction, by=mina)


def test_what_was_asked_for_during_a_pause_needs_no_answer_after_it(leila, partner):
    code = codes_of(leila.first)[0]
    restriction = restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])
    task = Task.objects.get()

    restricting.lift(restriction, by=leila.by)

    task.refresh_from_db()
    assert (task.status, task.is_open) == (Task.Status.MOOT, False)
    with pytest.raises(Conflict):
        attesting.attest_task(task, by=partner)


def test_recipients_are_those_who_may_read_it_now_or_have_read_it(leila):
    first, second = leila.first.client.application, leila.second.client.application
    code = codes_of(leila.first)[0]
    stranger = share()

    assert recipients.recipients_of(leila.customer, [code]) == [first]
    leila.second.readings.create(
        operation_key="a", hour=timezone.now(), cluster_codes=[code], last_read_at=timezone.now()
    )
    assert recipients.recipients_of(leila.customer, [code]) == [first, second]
    assert recipients.recipients_of(leila.customer, [ALL_DATA]) == [first, second]
    assert stranger.client.application not in recipients.recipients_of(leila.customer, [ALL_DATA])


def asked(somebody) -> Task:
    restricting.restrict(
        somebody.customer, by=somebody.by, cluster_codes=codes_of(somebody.first)[:1]
    )
    return Task.objects.get()


def test_a_recipient_attests_what_it_did(leila, partner):
    task = asked(leila)

    done = attesting.attest_task(task, by=partner, evidence="Ticket 7")

    assert (done.status, done.attested_by_id) == (Task.Status.DONE, partner.person_id)
    assert done.acknowledged_at == done.closed_at
    assert Event.objects.get(kind="data.restriction_confirmed").facts["reason"] == ""
    with pytest.raises(Conflict):
        attesting.attest_task(task, by=partner)


def test_an_exemption_needs_one_of_the_reasons(leila, partner):
    task = asked(leila)

    with pytest.raises(attesting.ReasonMissing):
        attesting.attest_task(task, by=partner, exemption="we would rather not")
    exempt = attesting.attest_task(task, by=partner, exemption="law")

    assert (exempt.status, exempt.exemption) == (Task.Status.EXEMPT, "law")


def test_another_partner_and_a_mere_viewer_attest_nothing(leila):
    task = asked(leila)
    for by in (
        member(leila.second.client.application.organization, Role.OWNER),
        member(leila.first.client.application.organization, Role.VIEWER),
        staff(Role.PRIVACY),
    ):
        with pytest.raises(NotAllowed):
            attesting.attest_task(task, by=by)
        with pytest.raises(NotAllowed):
            attesting.acknowledge_task(task, by=by)


def test_silence_for_72_hours_is_told_to_the_people_of_both_sides_once(leila, partner, mina):
    task = asked(leila)
    Task.objects.update(created_at=timezone.now() - clock.ACKNOWLEDGED_WITHIN)

    assert (recipients.escalate_unacknowledged(), recipients.escalate_unacknowledged()) == (1, 0)
    deliver_due()

    task.refresh_from_db()
    assert task.attempt_count == 2
    assert Message.objects.filter(kind="rights-partner/late", user_id=partner.person_id).exists()
    assert Message.objects.filter(
        kind="rights-staff/recipient_late", user_id=mina.person_id
    ).exists()


def test_who_said_that_it_knows_is_not_silent(leila, partner):
    task = asked(leila)
    attesting.acknowledge_task(task, by=partner)
    Task.objects.update(created_at=timezone.now() - timedelta(days=9))

    assert recipients.escalate_unacknowledged() == 0


def test_a_task_is_late_by_the_clock_and_a_job_writes_it_down_once(leila, partner):
    task = asked(leila)
    Task.objects.update(due_at=timezone.now())

    assert list(Task.objects.late(at=timezone.now())) == [task]
    assert (recipients.write_down_overdue(), recipients.write_down_overdue()) == (1, 0)
    task.refresh_from_db()
    assert task.status == Task.Status.OVERDUE
    assert kinds("data.")[-1] == "data.restriction_overdue"
    assert attesting.attest_task(task, by=partner).status == Task.Status.DONE


def test_the_database_keeps_states_and_dates_together(leila):
    request = complain(leila)

    for change in (
        {"status": "completed"},
        {"ended_at": timezone.now()},
        {"extended_at": timezone.now()},
        {"due_at": request.received_at},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            DataRequest.objects.filter(pk=request.pk).update(**change)
    task = asked(leila)
    for change in (
        {"status": "done"},
        {"status": "overdue"},
        {"exemption": "law"},
        {"closed_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**change)


def test_a_customer_without_any_app_may_restrict_too(db):
    customer = CustomerFactory()

    restricting.restrict(customer, by=actor_of(customer.user), cluster_codes=[ALL_DATA])

    assert not Task.objects.exists()
    assert Customer.objects.get(pk=customer.pk).restricted == [ALL_DATA]
