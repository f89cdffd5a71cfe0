from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import translation

from consent.arrangements import moments
from consent.arrangements.models import Arrangement, Customer
from consent.guardians import wording
from consent.minors.events import ApprovalEvent, BirthEvent, GuardianshipEvent
from consent.minors.models import Approval, Guardianship
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

TEMPLATE = "guardians/news"


@on(ApprovalEvent.REQUESTED)
def tell_who_decides(event: Event) -> None:
    approval = _approval(event)
    app = approval.client.application.name
    for link in _links(approval.child):
        when = moments.moment(approval.lapses_at, link.guardian.time_zone)
        _tell(
            event, link.guardian, "requested", link.get_absolute_url(),
            app=app, child=approval.child.given_name, when=when,
        )  # fmt: skip


@on(ApprovalEvent.APPROVED, ApprovalEvent.REFUSED)
def tell_the_child(event: Event) -> None:
    approval = _approval(event)
    what = event.kind.rpartition(".")[2]
    if what == "approved" and Arrangement.objects.filter(versions__approval=approval).exists():
        return  # It let something go on that was shared already.
    app = approval.client.application.name
    _tell(event, approval.child, what, reverse("arrangements:list"), app=app)


@on("consent.arrangement.given", "consent.arrangement.amended", "consent.arrangement.extended")
def tell_what_a_child_shares(event: Event) -> None:
    """Tell who decides with a child that something they allowed is shared now."""
    found = Arrangement.objects.select_related("customer__user", "client__application")
    arrangement = found.get(pk=UUID(event.subject.rpartition(":")[2]))
    version = arrangement.versions.get(number=int(event.facts["version"]))
    if version.approval_id is None:
        return
    child, app = arrangement.customer.user, arrangement.client.application.name
    for link in _links(child):
        when = moments.moment(version.ends_at, link.guardian.time_zone)
        _tell(
            event, link.guardian, "given", link.get_absolute_url(),
            app=app, child=child.given_name, when=when,
        )  # fmt: skip


@on(GuardianshipEvent.BEGUN, GuardianshipEvent.ENDED)
def tell_the_family(event: Event) -> None:
    link = Guardianship.objects.select_related("child", "guardian").get(
        pk=UUID(event.subject.rpartition(":")[2])
    )
    what = "begun"
    if event.kind == GuardianshipEvent.ENDED:
        is_grown_up = event.facts["reason"] == Guardianship.End.OF_AGE
        what = "of_age" if is_grown_up else "ended"
    named = {"child": link.child.given_name, "guardian": link.guardian.given_name}
    to_guardian = link.get_absolute_url() if what == "begun" else ""
    _tell(event, link.child, f"{what}.child", reverse("arrangements:list"), **named)
    _tell(event, link.guardian, f"{what}.guardian", to_guardian, **named)


@on(BirthEvent.CHANGED)
def tell_of_a_birth_date(event: Event) -> None:
    """Tell whom it is about, and who decides with them: nobody changes an age unseen."""
    child = Customer.objects.select_related("user").get(pk=int(event.subject.rpartition(":")[2]))
    named = {"child": child.user.given_name, "case": str(event.facts["case"])}
    _tell(event, child.user, "birth.child", reverse("arrangements:list"), **named)
    guardians = User.objects.filter(wards__in=event.facts["guardianships"]).distinct()
    for guardian in guardians:
        _tell(event, guardian, "birth.guardian", "", **named)


def _tell(event: Event, user: User, what: str, link: str, **named: str) -> None:
    if not user.is_active:
        return
    with translation.override(user.language):
        words = wording.news(what, **named)
    notify(user, key=f"{event.public_id}:{user.pk}", template=TEMPLATE, context=words, link=link)


def _approval(event: Event) -> Approval:
    found = Approval.objects.select_related("child", "client__application")
    return found.get(pk=UUID(event.subject.rpartition(":")[2]))


def _links(child: User) -> list[Guardianship]:
    found = Guardianship.objects.live().filter(child=child, guardian__is_active=True)
    return list(found.select_related("guardian").order_by("pk"))
