"""What the demo's customers asked about their own data, in one state each."""

from __future__ import annotations

from datetime import datetime, timedelta

from consent.rights import actions, attesting, deleting
from consent.rights.models import DataRequest, Task
from partners.applications.models import Client
from portal.accounts.models import User
from portal.demo.clock import at
from portal.demo.people import customer, person
from portal.events import log

Kind = DataRequest.Kind


def complain_and_hear(email: str, *, officer: str, at_: datetime) -> None:
    """Let somebody complain, and the privacy officer answer two days later."""
    with at(at_):
        request = actions.ask(
            User.objects.get(email=email),
            by=person(email),
            kind=Kind.COMPLAINT,
            words="The mail about the end of a sharing came a day late.",
        )
        log.deliver_due()
    with at(at_ + timedelta(days=2)):
        actions.read_request(request, by=person(officer))
        actions.answer_request(
            request,
            by=person(officer),
            answer="You are right, and we are sorry. The mail server stood still for a night; the"
            " sharing itself had ended on time.",
            is_granted=True,
        )
        log.deliver_due()


def ask_to_correct(email: str, *, officer: str, at_: datetime) -> None:
    """Let somebody ask for a correction that the officer has read and works on."""
    with at(at_):
        request = actions.ask(
            User.objects.get(email=email),
            by=person(email),
            kind=Kind.RECTIFICATION,
            words="One of my medicines ended in spring. It still says that I take it.",
            cluster_codes=["prescriptions"],
        )
        log.deliver_due()
    with at(at_ + timedelta(days=1)):
        actions.read_request(request, by=person(officer))
        log.deliver_due()


def ask_to_delete(client: Client, email: str, *, at_: datetime, answered_by: str = "") -> None:
    """Let somebody ask an application to delete; who answers says three days later that it did."""
    with at(at_):
        request = deleting.ask_to_delete(customer(email), client.application, by=person(email))
        log.deliver_due()
    if not answered_by:
        return
    with at(at_ + timedelta(days=3)):
        task = Task.objects.select_related("application").get(request=request)
        attesting.attest_task(task, by=person(answered_by), evidence="HH-118")
        log.deliver_due()
