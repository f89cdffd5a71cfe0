"""What everybody who gives, issues or shows something asks about a person's age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings

from catalog.scopes.models import DataCluster, Purpose
from consent.minors.age import Birth
from consent.minors.models import Approval, BirthDate
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.accounts.models import User
from portal.events import people


def birth_of(person: User) -> Birth | None:
    """Return when a person was born, or None where nobody has told; the row alone says nothing."""
    kept = BirthDate.objects.filter(person=person).first()
    if kept is None:
        return None
    return Birth.read(people.unseal_for(person.pk, kept.sealed, context=context_of(person)))


def comes_of_age_at(person: User) -> datetime | None:
    birth = birth_of(person)
    return birth.comes_of_age_at(settings.AGE_OF_CONSENT) if birth else None


def is_minor(person: User, *, at: datetime) -> bool:
    """Whether a guardian has to decide with them at that instant; no job is needed to grow up."""
    grown_up_at = comes_of_age_at(person)
    return grown_up_at is not None and at < grown_up_at


def context_of(person: User) -> str:
    return f"minors_birthdate:{person.pk}:sealed"


def standing_approval(person: User, client: Client, *, at: datetime) -> Approval | None:
    """Return what a guardian has allowed the client to ask the child for, if anything."""
    found = Approval.objects.standing(at=at).filter(child=person, client=client)
    return found.select_related("guardianship").first()


def waiting_approval(person: User, client: Client, *, at: datetime) -> Approval | None:
    return Approval.objects.waiting(at=at).filter(child=person, client=client).first()


def contents(uses: Iterable[Use], clusters: Mapping[str, DataCluster]) -> list[dict[str, Any]]:
    """Return uses as they are put to a guardian: in words that can no longer change."""
    return [
        {**asdict(use), "cluster_version": clusters[use.cluster_code].version}
        for use in uses
        if use.cluster_code in clusters
    ]


def uses_in(asked: Iterable[Mapping[str, Any]]) -> list[Use]:
    """Return the uses that were put to a guardian."""
    return [
        Use(**{name: value for name, value in line.items() if name != "cluster_version"})
        for line in asked
    ]


def kept_from(
    person: User, wanted: Iterable[tuple[str, DataCluster]], *, at: datetime
) -> frozenset[str]:
    """Return the scopes that open data which this person is too young to share, even with others.

    `wanted` are scopes with their clusters. Who has no date of birth on record is grown up.
    """
    limited = {scope: cluster.min_age for scope, cluster in wanted if cluster.min_age}
    birth = birth_of(person) if limited else None
    if birth is None:
        return frozenset()
    return frozenset(scope for scope, years in limited.items() if birth.is_minor(years, at=at))


def opened(
    uses: Iterable[Use], clusters: Mapping[str, DataCluster]
) -> list[tuple[str, DataCluster]]:
    """Return the scopes of the uses that open data, each with its cluster."""
    return [(use.scope, clusters[use.cluster_code]) for use in uses if use.cluster_code in clusters]


def profiling(uses: Sequence[Use]) -> frozenset[str]:
    """Return the scopes that are wanted for a picture of the person, in words of then or of now."""
    asked = {use.purpose_id for use in uses if use.purpose_id}
    if not asked:
        return frozenset()
    marked = Purpose.objects.filter(is_profiling=True).values("code")
    found = Purpose.objects.filter(pk__in=asked, code__in=marked).values_list("pk", flat=True)
    blocked = frozenset(found)
    return frozenset(use.scope for use in uses if use.purpose_id in blocked)
