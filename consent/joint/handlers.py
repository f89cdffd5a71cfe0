from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, Customer, Item
from consent.joint import wording
from consent.joint.holders import held_with_others
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

TEMPLATE = "joint/news"
REPLACED = "replaced"


@on(ArrangementEvent.GIVEN, ArrangementEvent.AMENDED, ArrangementEvent.EXTENDED)
def tell_other_holders(event: Event) -> None:
    """Tell whom it concerns that something of theirs is shared, or for longer."""
    version = int(event.facts["version"])
    now = _holders(event, version)
    known = _holders(event, version - 1) if event.kind == ArrangementEvent.AMENDED else set()
    _tell(event, "shared", now - known)


@on(ArrangementEvent.WITHDRAWN, ArrangementEvent.REVOKED, ArrangementEvent.EXPIRED)
@on(ArrangementEvent.INVALIDATED)
def tell_of_the_end(event: Event) -> None:
    """Note it on their page of news; nobody has to do anything, so nobody is mailed."""
    if event.facts["reason"] != REPLACED:
        _tell(event, "ended", _holders(event, int(event.facts["version"])), by_mail=False)


def _holders(event: Event, version: int) -> set[tuple[int, str]]:
    """Return who else holds what that version is about, each with the thing."""
    arrangement = _arrangement_of(event)
    items = _items_of(arrangement, version)
    return {
        (holder, one.name)
        for one in held_with_others(arrangement.customer)
        if any(one.is_in(item) for item in items)
        for holder in one.thing.holders
    }


def _tell(event: Event, what: str, holders: set[tuple[int, str]], *, by_mail: bool = True) -> None:
    arrangement = _arrangement_of(event)
    person, app = arrangement.customer.user.given_name, arrangement.client.application.name
    found = Customer.objects.select_related("user").filter(pk__in={pk for pk, _thing in holders})
    for customer in found.filter(user__is_active=True).order_by("pk"):
        with translation.override(customer.user.language):
            words = wording.news(what, person=person, app=app)
        notify(
            customer.user,
            key=f"{event.public_id}:{customer.user_id}:joint",
            template=TEMPLATE,
            context=words,
            link=reverse("arrangements:list"),
            by_mail=by_mail,
        )


def _arrangement_of(event: Event) -> Arrangement:
    found = Arrangement.objects.select_related("customer__user", "client__application")
    return found.get(pk=UUID(event.subject.rpartition(":")[2]))


def _items_of(arrangement: Arrangement, version: int) -> QuerySet[Item]:
    found = Item.objects.filter(version__arrangement=arrangement, version__number=version)
    return found.select_related("cluster")
