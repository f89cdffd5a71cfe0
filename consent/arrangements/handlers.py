from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from consent.arrangements import in_place, moments, wording
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, Item, Receipt
from consent.arrangements.pseudonyms import pseudonym_of
from consent.arrangements.vocabulary import OF_AGE
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.events.hints import hint
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

REPLACED = "replaced"
ENDINGS = (
    ArrangementEvent.WITHDRAWN,
    ArrangementEvent.REVOKED,
    ArrangementEvent.EXPIRED,
    ArrangementEvent.INVALIDATED,
)
# After these an application sees less, without an end.
LESS = (ArrangementEvent.NARROWED, ArrangementEvent.HELD_BACK)


@on("consent.arrangement.*")
def tell_the_customer(event: Event) -> None:
    """Confirm every change to the person whose data it is; what a thing reveals is never mailed."""
    if event.facts["reason"] == REPLACED:
        return  # What took its place is confirmed by itself.
    if in_place.is_told_otherwise(event):
        return
    if together := event.facts.get("together"):
        _tell_of_all(event, str(together))
        return
    arrangement = _arrangement_of(event)
    user, application = arrangement.customer.user, arrangement.client.application
    # To be asked again changes nothing that was agreed to, and has none.
    receipt = Receipt.objects.filter(event=event).first()
    with translation.override(user.language):
        context = _words(event, receipt)
    by_others = bool(context["title"])
    notify(
        user,
        key=f"{event.public_id}:{user.pk}",
        template=f"arrangements/{'for_you' if by_others else event.kind.rpartition('.')[2]}",
        context=context,
        link=reverse("arrangements:arrangement", args=[application.slug]),
    )


@on("partners.application.closed", "partners.organization.closed")
def end_with_the_partner(event: Event) -> None:  # noqa: ARG001 - what is due stands in the database
    """Have written down, outside of this delivery, what ended with a partner; there may be many."""
    transaction.on_commit(lambda: hint("consent.arrangements.tasks.end_with_closed_partners"))


@on(*ENDINGS)
def tell_the_partner(event: Event) -> None:
    """Say which pseudonym has ended and by when to delete; not who it is, nor why."""
    if event.facts["reason"] == REPLACED:
        return  # The same customer shares on, in the same words or others.
    arrangement = _arrangement_of(event)
    application = arrangement.client.application
    subject = pseudonym_of(arrangement.customer, application)
    delete_by = wording.delete_by(arrangement.ended_at or arrangement.ends_at)
    people = people_of(application.organization_id, Role.OWNER, Role.SECURITY_CONTACT)
    for user in people.distinct():
        notify(
            user,
            key=f"{event.public_id}:{user.pk}:partner",
            template="arrangements-partner/ended",
            context={
                "application": application.name,
                "subject_id": str(subject),
                "delete_by": moments.moment(delete_by, "UTC"),
            },
            link=f"/apps/{application.slug}/",
        )


def _tell_of_all(event: Event, together: str) -> None:
    """Confirm in one message what ended by one click, whichever of its events is heard first."""
    user = _arrangement_of(event).customer.user
    ended = Event.objects.of_person(user.pk).filter(
        kind__in=list(ENDINGS), facts__together=together
    )
    arrangements = [_arrangement_of(one) for one in ended.order_by("pk")]
    receipts = Receipt.objects.filter(
        version__arrangement__in=arrangements, event_kind__in=list(ENDINGS)
    )
    numbers = receipts.order_by("pk").values_list("number", flat=True)
    at = arrangements[-1].ended_at or event.recorded_at
    with translation.override(user.language):
        apps = sorted({one.client.application.name for one in arrangements})
        context: dict[str, str | int] = {
            "applications": ", ".join(apps),
            "count": len(arrangements),
            "happened_at": moments.moment(at, user.time_zone),
            "delete_by": moments.moment(wording.delete_by(at), user.time_zone),
            "receipts": ", ".join(numbers),
        }
    notify(
        user,
        key=f"{together}:{user.pk}",
        template="arrangements/all_stopped",
        context=context,
        link=reverse("arrangements:list"),
    )


def _words(event: Event, receipt: Receipt | None) -> dict[str, str | int]:
    arrangement = _arrangement_of(event)
    application, zone = arrangement.client.application, arrangement.customer.user.time_zone
    version, reason = int(event.facts["version"]), str(event.facts["reason"])
    happened_at = receipt.created_at if receipt else event.recorded_at
    ends_at = datetime.fromisoformat(str(event.facts["ends_at"]))
    labels = _labels(arrangement, version)
    left_out = [label for label in _labels(arrangement, version - 1) if label not in labels]
    return {
        "application": application.name,
        "by_whom": wording.by_whom(application),
        "labels": wording.listed(labels) or str(wording.NO_DATA),
        "left_out": wording.listed(left_out) or _("One of the things that you picked")
        if event.kind in LESS
        else "",
        "happened_at": moments.moment(happened_at, zone),
        "ends_at": moments.moment(ends_at, zone),
        "delete_by": moments.moment(wording.delete_by(happened_at), zone),
        "ending": wording.ending(reason),
        # What somebody else did in the customer's place; nothing where it was the customer.
        "title": in_place.title_of(event, application.name),
        "is_over": event.kind in ENDINGS,
        "is_of_age": event.facts.get("notice") == OF_AGE,
        "by_app": wording.is_of_the_app(reason),
        "receipt": receipt.number if receipt else "",
    }


def _labels(arrangement: Arrangement, version: int) -> list[str]:
    items = Item.objects.filter(version__arrangement=arrangement, version__number=version)
    return [
        item.cluster.spoken()["label"] for item in items.select_related("cluster").order_by("pk")
    ]


def _arrangement_of(event: Event) -> Arrangement:
    found = Arrangement.objects.select_related(
        "client__application__organization", "customer__user"
    )
    return found.get(pk=UUID(event.subject.rpartition(":")[2]))
