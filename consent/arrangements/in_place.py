"""What others did in a customer's place, in the words of the pages and of mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as later

from consent.arrangements.record import GUARDIAN, HOLDER, SUPPORT
from portal.events.models import Event

_TITLES = {
    ("withdrawn", GUARDIAN): later("Your parent or guardian stopped sharing with %(app)s"),
    ("paused", GUARDIAN): later("%(app)s waits for a parent or guardian"),
    ("renewed", GUARDIAN): later("Your parent or guardian lets %(app)s go on"),
    ("resumed", GUARDIAN): later("%(app)s goes on"),
    ("withdrawn", SUPPORT): later("Meridian stopped sharing with %(app)s, as you asked"),
    ("held_back", HOLDER): later("Somebody who holds it, too, stopped one thing for %(app)s"),
    ("released", HOLDER): later("%(app)s sees one of your things again"),
    ("narrowed", SUPPORT): later("Meridian left something out for %(app)s, as you asked"),
}


def title_of(event: Event, app: str) -> str:
    """Return what somebody else did there, or nothing where it was the customer."""
    kind, place = event.kind.rpartition(".")[2], str(event.facts.get("in_place", ""))
    title = _TITLES.get((kind, place))
    return title % {"app": app} if title else ""


def is_told_otherwise(event: Event) -> bool:
    """Whether another message says it already."""
    return event.kind.endswith(".resumed") and bool(event.facts.get("in_place"))
