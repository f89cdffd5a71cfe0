"""Which of a customer's things a consent is about: these prescriptions, those accounts.

Some data comes in things that a customer can tell apart. Whoever keeps them says what there is of a
kind, under references of its own; a consent holds the references that the customer picked, and no
name of any of them.

A thing may have several holders: whoever keeps it names the others, under one reference for all.
Each may share it alone; what one has stopped for an application, no other can share with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.scopes.models import DataCluster
from consent.arrangements.access import EVERY
from consent.arrangements.customers import Customer
from consent.arrangements.models import Item
from consent.arrangements.models.joint import stopped_for
from consent.arrangements.terms import NotOffered
from partners.applications.models import Application
from portal.errors import Refused


@dataclass(frozen=True, slots=True)
class Selectable:
    """One thing of a customer. With `why_not` it is shown and cannot be picked.

    `holders` are the customers, by their keys, who hold it, too, and may know that this one does.
    """

    reference: str
    label: str
    why_not: str = ""
    holders: tuple[int, ...] = ()


Keeper = Callable[[Customer], Sequence[Selectable]]
Picks = Mapping[str, Collection[str]]
_KEEPERS: dict[str, Keeper] = {}


class NothingPicked(Refused):
    """Data that comes in several things was chosen, and none of the things."""

    code = "nothing_picked"


def keep(kind: str, keeper: Keeper) -> None:
    """Let the keeper say what customers have of a kind."""
    _KEEPERS[kind] = keeper


def selectable(customer: Customer, kind: str) -> Sequence[Selectable]:
    """Return what the customer has of a kind, in the order in which it is shown."""
    keeper = _KEEPERS.get(kind)
    return keeper(customer) if keeper else ()


def kinds() -> Collection[str]:
    """Return the kinds of things that are kept of customers."""
    return _KEEPERS.keys()


def offered(customer: Customer, kind: str, application: Application) -> list[Selectable]:
    """Return what the customer has of a kind; what another holder stopped cannot be picked."""
    stopped = stopped_for(application.pk, [kind]).get(kind, frozenset())
    why_not = _("Somebody who holds it, too, stopped this for %(app)s.") % {"app": application.name}
    return [
        replace(one, why_not=one.why_not or why_not) if one.reference in stopped else one
        for one in selectable(customer, kind)
    ]


def held_back(customer: Customer, kind: str, application: Application) -> list[Selectable]:
    """Return what of a kind is not seen although all there are is shared."""
    return [one for one in offered(customer, kind, application) if one.why_not]


def questions(
    customer: Customer, uses: Iterable[tuple[str, DataCluster]], *, application: Application
) -> list[dict[str, Any]]:
    """Return what a screen asks, for scopes and their clusters: a question for each kind of thing.

    The choices are references alone: what is kept of a screen does not name what somebody has.
    """
    asked: dict[str, dict[str, Any]] = {}
    for scope, cluster in uses:
        words = cluster.resources
        if not words:
            continue
        spoken = words_of(words)
        kind = words["kind"]
        question = asked.setdefault(
            kind,
            {
                "kind": kind,
                "label": spoken["label"],
                "every": spoken["every"],
                "scopes": [],
                "choices": [_choice(one) for one in offered(customer, kind, application)],
            },
        )
        question["scopes"].append(scope)
    return list(asked.values())


def words_of(resources: Mapping[str, Any]) -> dict[str, str]:
    """Return what a cluster calls its things, in the language that is spoken now."""
    spoken = resources.get("translations", {}).get(get_language() or "", {})
    return {name: spoken.get(name, resources[name]) for name in ("label", "every")}


def pick(
    customer: Customer, items: Sequence[Item], picks: Picks, *, application: Application
) -> None:
    """Say in each item which things it is about; raise where that is not said, or not possible."""
    for kind in {item.cluster.resources["kind"] for item in items if item.cluster.resources}:
        picked = frozenset(picks.get(kind, ()))
        if not picked:
            raise NothingPicked(_("Choose which of them you want to share, or all of them."))
        possible = {
            one.reference for one in offered(customer, kind, application) if not one.why_not
        }
        if picked - possible - {EVERY}:
            raise NotOffered("One of these cannot be shared.")
        for item in items:
            if item.cluster.resources.get("kind") == kind:
                item.resources = [EVERY] if EVERY in picked else sorted(picked)


def every(clusters: Iterable[DataCluster]) -> dict[str, list[str]]:
    """Return the pick of all there is of each kind."""
    return {cluster.resources["kind"]: [EVERY] for cluster in clusters if cluster.resources}


def told(
    customer: Customer, items: Iterable[Item], *, application: Application
) -> dict[str, list[Selectable]]:
    """Return the picked things of each kind, in the words that the customer knows them by.

    All there are has no names. What its keeper no longer knows is still shared, and still named.
    """
    picked: dict[str, list[str]] = {}
    for item in items:
        if item.cluster.resources:
            picked.setdefault(item.cluster.resources["kind"], []).extend(item.resources or ())
    return {
        kind: _named(offered(customer, kind, application), dict.fromkeys(references))
        for kind, references in picked.items()
        if EVERY not in references
    }


def _choice(one: Selectable) -> dict[str, Any]:
    joint = {"is_joint": True} if one.holders and not one.why_not else {}
    return {"reference": one.reference, "why_not": one.why_not, **joint}


def _named(kept: Iterable[Selectable], references: Iterable[str]) -> list[Selectable]:
    known = {one.reference: one for one in kept}
    order = {reference: place for place, reference in enumerate(known)}
    nameless = _("No longer among yours")
    found = [known.get(one) or Selectable(one, nameless) for one in references]
    return sorted(found, key=lambda one: order.get(one.reference, len(order)))


def picked_before(items: Iterable[Item]) -> set[tuple[str, str]]:
    """Return kinds and references that items are about, to begin an amendment with."""
    return {
        (item.cluster.resources["kind"], reference)
        for item in items
        if item.cluster.resources
        for reference in item.resources or ()
    }
