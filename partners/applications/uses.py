"""What an application wants customers' data for, checked against the data vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from catalog.apis.models import Api
from catalog.scopes.models import DataCluster, Purpose, Scope
from partners.organizations.words import plain_line
from portal.errors import Refused

MAX_WHY = 160
# Nobody shares for longer than a year without being asked again.
MAX_DAYS = 365
MAX_LOOK_BACK_DAYS = 3650


class UseRefused(Refused):
    code = "use_refused"


@dataclass(frozen=True, slots=True)
class WantedUse:
    """A scope that is asked for; `why` reads on after "Why:", as in "to remind you in time.".

    `max_days` is the longest that customers may be asked to share it for, `look_back_days` how far
    back dated data may go: None where it has no dates.
    """

    scope: str
    purpose: str | None
    why: str
    is_required: bool
    retention_days: int
    max_days: int = MAX_DAYS
    look_back_days: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedUse:
    scope: Scope
    purpose: Purpose | None
    why: str
    is_required: bool
    retention_days: int
    max_days: int = MAX_DAYS
    look_back_days: int | None = None


def offered_scopes(organization_id: int) -> QuerySet[Scope]:
    """Return the scopes of the published APIs that the organization may know about."""
    apis = Api.objects.filter(status=Api.Status.PUBLISHED).open_to([organization_id])
    return Scope.objects.filter(api_slug__in=apis.values("slug"))


def check_uses(wanted: Sequence[WantedUse], *, organization_id: int) -> list[CheckedUse]:
    """Return the uses with their rows, or refuse the first one that the vocabulary forbids."""
    names = [use.scope for use in wanted]
    if len(set(names)) < len(names):
        raise UseRefused("A scope stands here twice.", code="scope_repeated")
    offered = offered_scopes(organization_id).filter(name__in=names)
    scopes = {scope.name: scope for scope in offered}
    clusters = {
        cluster.code: cluster
        for cluster in DataCluster.objects.filter(
            superseded_at=None, code__in=[scope.cluster_code for scope in scopes.values()]
        ).prefetch_related("purposes")
    }
    for name in names:
        if name not in scopes:
            raise UseRefused(f"There is no scope {name[:80]}.", code="scope_unknown")
    return [
        _check(use, scopes[use.scope], clusters.get(scopes[use.scope].cluster_code))
        for use in wanted
    ]


def _check(use: WantedUse, scope: Scope, cluster: DataCluster | None) -> CheckedUse:
    if cluster is None:
        # It opens no customer's data: nothing to explain, nothing to keep.
        return CheckedUse(scope, None, why="", is_required=False, retention_days=0)
    purposes = {
        purpose.code: purpose for purpose in cluster.purposes.all() if not purpose.superseded_at
    }
    if not use.purpose:
        raise UseRefused(f"Say what you need {scope} for.", code="purpose_missing")
    if use.purpose not in purposes:
        raise UseRefused(f"{scope} may not be used for that.", code="purpose_not_allowed")
    if not 0 < len(use.why.strip()) <= MAX_WHY:
        raise UseRefused(
            f"Tell customers in up to {MAX_WHY} characters why you need {scope}.", code="why_length"
        )
    try:
        plain_line(use.why)
    except ValidationError as error:
        raise UseRefused(error.messages[0], code="why_not_plain") from error
    if not 0 <= use.retention_days <= cluster.max_retention_days:
        raise UseRefused(
            f"{cluster.label} may be kept for at most {cluster.max_retention_days} days.",
            code="retention_too_long",
        )
    if not 1 <= use.max_days <= MAX_DAYS:
        raise UseRefused(
            f"Customers share for at most {MAX_DAYS} days, then you ask again.",
            code="period_too_long",
        )
    if use.look_back_days is not None and not 0 <= use.look_back_days <= MAX_LOOK_BACK_DAYS:
        raise UseRefused(
            f"Data may go back at most {MAX_LOOK_BACK_DAYS} days.", code="look_back_too_long"
        )
    if cluster.look_back(use.look_back_days) != use.look_back_days:
        raise UseRefused(
            f"{cluster.label} may go back at most {cluster.max_look_back_days} days: say how far"
            " back you need it.",
            code="look_back_too_long",
        )
    return CheckedUse(
        scope,
        purposes[use.purpose],
        use.why.strip(),
        use.is_required,
        use.retention_days,
        use.max_days,
        use.look_back_days,
    )
