"""What a child may agree to: what a guardian has allowed, and no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, Customer, Item
from consent.arrangements.terms import clusters_of
from consent.minors.models import Approval
from consent.minors.questions import contents, is_minor, kept_from, standing_approval
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.errors import Conflict


class GuardianNeeded(Conflict):
    """The customer is a child, and no guardian has allowed this."""

    code = "guardian_needed"


class TooYoung(Conflict):
    """Data that nobody shares before a higher age than that of deciding alone."""

    code = "too_young"


def approval_for(
    customer: Customer,
    client: Client,
    *,
    uses: Sequence[Use],
    scopes: Collection[str],
    details: Sequence[dict[str, Any]],
    signs_in: bool,
    ends_at: datetime,
    at: datetime,
) -> Approval | None:
    """Return what allows a child to agree to this, None for who decides alone; raise otherwise.

    The customer is held: whoever approves or ends an approval holds them as well.
    """
    if not is_minor(customer.user, at=at):
        return None
    approval = standing_approval(customer.user, client, at=at)
    chosen = [use for use in uses if use.scope in scopes and use.cluster_code]
    if approval is None or approval.ends_at is None or ends_at > approval.ends_at:
        raise _needed()
    if signs_in and not approval.signs_in:
        raise _needed()
    allowed = approval.allows(contents(chosen, clusters_of(chosen)), list(details))
    if not allowed >= {use.scope for use in chosen}:
        raise _needed()
    return approval


def require_age(customer: Customer, items: Sequence[Item], *, at: datetime) -> None:
    """Refuse data that somebody of this age shares with nobody, whoever says yes to it."""
    wanted = [(item.scope.name, item.cluster) for item in items]
    if kept_from(customer.user, wanted, at=at):
        raise TooYoung(_("You are too young to share some of this."))


def approval_of(arrangement: Arrangement) -> Approval | None:
    """Return what a guardian had allowed, where the current version stands on it."""
    return Approval.objects.filter(
        pk__in=arrangement.versions.filter(number=arrangement.version_number).values("approval")
    ).first()


def require_guardian(arrangement: Arrangement, *, at: datetime) -> None:
    """Refuse to let a child go on with what no guardian allows now."""
    child = arrangement.customer.user
    if not is_minor(child, at=at):
        return
    approval = standing_approval(child, arrangement.client, at=at)
    shared = {item.scope.name for item in current_items(arrangement)}
    if approval is None or not shared <= set(approval.scopes):
        raise _needed()


def _needed() -> GuardianNeeded:
    return GuardianNeeded(_("Your parent or guardian has to allow this first."))
