"""What we hold about a person, in sections and pages: theirs, and nobody else's.

Names of recipients are in it, for a person has a right to them. Names of people who work here or at
a recipient are not, nor is anything that would open something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from consent.arrangements.export import arrangement_of
from consent.arrangements.models import Arrangement, Reading, Receipt
from consent.minors.models import Guardianship
from consent.minors.questions import birth_of
from consent.rights.actions import answer_of, words_of
from consent.rights.models import DataRequest, Disclosure, Task
from consent.rights.retention import network_of
from partners.organizations.countries import NAME_OF
from portal.accounts.models import User
from portal.events.models import Event
from portal.events.people import reference_of
from portal.notifications.models import Message

Kind = DataRequest.Kind
Page = tuple[list[dict[str, Any]], int | None]
PAGE_SIZE = 250
SECTIONS: Mapping[str, tuple[str, ...]] = {
    Kind.ACCESS: (
        "account",
        "sessions",
        "arrangements",
        "receipts",
        "readings",
        "disclosures",
        "history",
        "notices",
        "requests",
        "kept_for",
    ),
    # What the person gave, or agreed to, in a form for programs (Art. 20).
    Kind.PORTABILITY: ("account", "arrangements", "requests"),
}


def after(kind: DataRequest.Kind, section: str, position: int | None) -> tuple[str, int] | None:
    """Return what is read next, or nothing at the end; an empty section is before the first."""
    names = SECTIONS[kind]
    if position is not None:
        return section, position
    following = names.index(section) + 1 if section else 0
    return (names[following], 0) if following < len(names) else None


def read(person: User, section: str, position: int) -> Page:
    """Return a page of a section, and where it goes on."""
    if section in _ALL_AT_ONCE:
        return _ALL_AT_ONCE[section](person), None
    rows, tell = _PAGED[section](person)
    page = list(rows[position : position + PAGE_SIZE + 1])
    following = position + PAGE_SIZE if len(page) > PAGE_SIZE else None
    return [tell(row) for row in page[:PAGE_SIZE]], following


def _account(person: User) -> list[dict[str, Any]]:
    birth = birth_of(person)
    factors = Authenticator.objects.filter(user=person).order_by("pk")
    return [
        {
            "name": person.name,
            "email": person.email,
            "language": person.locale,
            "time_zone": person.time_zone,
            "joined_at": person.joined_at,
            "last_signed_in_at": person.last_login,
            "source": _("You gave us these when you signed up, or later."),
            "born_on": birth.day if birth else None,
            "guardianships": [
                {
                    "you_are": "child" if one.child_id == person.pk else "guardian",
                    "since": one.begun_at,
                    "ended_at": one.ended_at,
                    "reason": one.end_reason,
                }
                for one in Guardianship.objects.filter(Q(child=person) | Q(guardian=person))
            ],
            "email_addresses": list(
                EmailAddress.objects.filter(user=person).values("email", "verified", "primary")
            ),
            "ways_to_sign_in": [
                {"kind": one.type, "added_at": one.created_at, "used_at": one.last_used_at}
                for one in factors
            ],
            "works_for": [
                {"organization": one.organization.name, "roles": one.roles, "since": one.joined_at}
                for one in person.memberships.select_related("organization")
            ],
        }
    ]


def _sessions(person: User) -> list[dict[str, Any]]:
    return [
        {
            "began_at": one.created_at,
            "seen_at": one.last_seen_at,
            "network": network_of(one.ip),
            "browser": one.user_agent,
        }
        for one in UserSession.objects.filter(user=person).order_by("pk")
    ]


def _requests(person: User) -> list[dict[str, Any]]:
    tasks = Task.objects.filter(request__person=person).select_related("application__organization")
    by_request: dict[int, list[dict[str, Any]]] = {}
    for task in tasks.order_by("pk"):
        by_request.setdefault(task.request_id, []).append(
            {
                "recipient": task.application.organization.name,
                "application": task.application.name,
                "asked_to": task.action,
                "state": task.status,
                "asked_at": task.created_at,
                "due_at": task.due_at,
                "answered_at": task.closed_at,
                "reason": task.get_exemption_display() if task.exemption else "",
            }
        )
    return [
        {
            "number": one.number,
            "kind": one.kind,
            "state": one.status,
            "about": one.cluster_codes or one.about,
            "received_at": one.received_at,
            "due_at": one.due_at,
            "ended_at": one.ended_at,
            "your_words": words_of(one),
            "our_answer": answer_of(one),
            "recipients": by_request.get(one.pk, []),
        }
        for one in DataRequest.objects.filter(person=person).order_by("pk")
    ]


def _kept_for(_person: User) -> list[dict[str, Any]]:
    return [
        {"what": what, "until": until}
        for what, until in (
            (_("Your account"), _("You close it")),
            (
                _("Agreements, receipts and the log of what happened"),
                _("6 years after an agreement ends, without your name once you close your account"),
            ),
            (_("Each hour in which an app looked"), _("13 months, then by the month")),
            (_("Networks you signed in from"), _("90 days")),
            (_("A copy like this one"), _("You fetch it, or 24 hours")),
        )
    ]


def _arrangements(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    mine = Arrangement.objects.filter(customer__user=person)
    rows = mine.select_related("client__application__organization").order_by("given_at", "pk")
    return rows, _arrangement


def _arrangement(arrangement: Arrangement) -> dict[str, Any]:
    organization = arrangement.client.application.organization
    return arrangement_of(arrangement) | {
        "recipient": {
            "name": organization.name,
            "city": organization.city,
            "country": NAME_OF.get(organization.country, organization.country),
            "website": organization.website,
        },
        "source": _("You agreed to it; the application read the data from Meridian."),
        "decided_by_a_program_alone": False,
    }


def _receipts(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    mine = Receipt.objects.filter(version__arrangement__customer__user=person)
    return mine.order_by("pk").values("number", "event_kind", "sha256", "body"), dict


def _readings(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    mine = Reading.objects.filter(arrangement__customer__user=person)
    columns = ("arrangement_id", "operation_key", "hour", "cluster_codes", "read_count")
    return mine.order_by("pk").values(*columns), dict


def _disclosures(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    mine = Disclosure.objects.filter(arrangement__customer__user=person)
    columns = ("arrangement_id", "cluster_code", "month", "read_count")
    return mine.order_by("pk").values(*columns), dict


def _history(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    own = f"user:{reference_of(person.pk)}"

    def tell(event: Event) -> dict[str, Any]:
        kind = event.actor.partition(":")[0]
        known = {"user": _("somebody who works here"), "client": _("an application")}
        who = known.get(kind, "Meridian")
        return {
            "at": event.recorded_at,
            "what": event.kind,
            "who": _("you") if event.actor == own else who,
            # A session's name would let two copies be joined; it says nothing to its owner.
            "facts": {name: fact for name, fact in event.facts.items() if name != "session"},
        }

    return Event.objects.of_person(person.pk).order_by("pk"), tell


def _notices(person: User) -> tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]:
    mine = Message.objects.filter(user=person, is_sensitive=False).order_by("pk")
    return mine.values("created_at", "address", "subject", "text", "sent_at", "read_at"), dict


_ALL_AT_ONCE: Mapping[str, Callable[[User], list[dict[str, Any]]]] = {
    "account": _account,
    "sessions": _sessions,
    "requests": _requests,
    "kept_for": _kept_for,
}
_PAGED: Mapping[str, Callable[[User], tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]]] = {
    "arrangements": _arrangements,
    "receipts": _receipts,
    "readings": _readings,
    "disclosures": _disclosures,
    "history": _history,
    "notices": _notices,
}
