"""What a guardian sees of a child's sharing: the consent in its fixed words, never the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from catalog.scopes.models import DataCluster, Purpose
from consent.arrangements import overview, wording
from consent.arrangements.cases import told_by_scope
from consent.arrangements.models import Arrangement
from consent.arrangements.vocabulary import GUARDIAN_GONE
from consent.minors.models import Approval, Guardianship
from consent.minors.questions import is_minor
from portal.access.actors import Actor
from portal.accounts.models import User

ANSWERED = (Approval.Status.APPROVED, Approval.Status.REFUSED, Approval.Status.ENDED)
RECENT = 10


@dataclass(frozen=True, slots=True)
class Child:
    link: Guardianship
    waiting_count: int
    running_count: int


def children_of(actor: Actor, *, at: datetime) -> list[Child]:
    """Return whom the person decides with now; who has come of age is not among them."""
    links = Guardianship.objects.visible_to(actor).select_related("child").order_by("begun_at")
    found = [link for link in links if is_minor(link.child, at=at)]
    waits = Approval.objects.waiting(at=at).filter(child__in=[link.child_id for link in found])
    waiting = dict(waits.values_list("child").annotate(Count("pk")).order_by())
    runs = Arrangement.objects.running(at=at).filter(
        customer__user__in=[link.child_id for link in found]
    )
    running = dict(runs.values_list("customer__user").annotate(Count("pk")).order_by())
    return [
        Child(link, waiting.get(link.child_id, 0), running.get(link.child_id, 0)) for link in found
    ]


def waiting_of(child: User, *, at: datetime) -> list[Approval]:
    waiting = Approval.objects.waiting(at=at).filter(child=child).order_by("asked_at")
    return list(waiting.select_related("client__application__organization"))


def answered_of(child: User) -> list[Approval]:
    """Return what was answered last, newest first; which guardian it was is not said."""
    answered = Approval.objects.filter(
        Q(status__in=ANSWERED), child=child, decided_at__isnull=False
    ).order_by("-decided_at")
    return list(answered.select_related("client__application")[:RECENT])


def sharing_of(child: User, *, at: datetime) -> list[overview.Sharing]:
    running = Arrangement.objects.running(at=at).filter(customer__user=child)
    found = running.select_related("client__application__organization", "customer__user")
    return overview.told(list(found.order_by("-given_at")), at=at)


def waits_for_confirmation(arrangement: Arrangement) -> bool:
    return arrangement.pause_reason == GUARDIAN_GONE


def lines_of(approval: Approval) -> list[dict[str, Any]]:
    """Return what was asked, in the words of the versions that were asked for."""
    asked: Sequence[dict[str, Any]] = approval.asked
    codes = {line["cluster_code"] for line in asked}
    clusters = {
        (cluster.code, cluster.version): cluster
        for cluster in DataCluster.objects.filter(code__in=codes)
    }
    purposes = Purpose.objects.in_bulk({line["purpose_id"] for line in asked})
    cases = told_by_scope(approval.details)
    return [
        wording.line_of(
            clusters[line["cluster_code"], line["cluster_version"]],
            scope=line["scope"],
            reason=line["why"],
            days=line["retention_days"],
            purpose=purposes.get(line["purpose_id"]),
            look_back_days=line["look_back_days"],
        )
        | {"is_required": line["is_required"], "details": cases.get(line["scope"], ())}
        for line in asked
    ]
