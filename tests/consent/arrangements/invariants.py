"""What holds after every step, whatever was done: the invariants that rows can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from consent.arrangements.events import ArrangementEvent as Kind
from consent.arrangements.models import ArrangementVersion, Item, Receipt
from consent.arrangements.receipts import canonical, digest
from consent.oauth.models import AccessToken, RefreshToken
from portal import secrets
from portal.events.log import heard_by
from portal.events.models import Event
from portal.events.people import reference_of
from tests.consent.arrangements.shadow import KEPT, REPLAYS_KEPT, RUNNING, App, Issued, Sharing

AGREED = {Kind.GIVEN, Kind.AMENDED, Kind.EXTENDED, Kind.RENEWED, Kind.RESUMED}
BECOMES = {
    Kind.PAUSED: "paused",
    Kind.RESUMED: "active",
    Kind.WITHDRAWN: "withdrawn",
    Kind.REVOKED: "revoked",
    Kind.EXPIRED: "expired",
    Kind.INVALIDATED: "invalidated",
}
# Nothing but a status changes, so there is nothing to prove.
UNPROVED = {Kind.RECONSENT_REQUIRED}
YEAR = timedelta(hours=365 * 24)

_ISSUED = """
SELECT count(*) FILTER (
           WHERE issued.user_id IS NOT NULL
             AND (issued.arrangement_id IS NULL OR version_number < 1 OR issued.epoch < 1)
       ),
       count(*) FILTER (
           WHERE arrangement.status NOT IN ('active', 'paused')
             AND issued.epoch >= arrangement.epoch
       ),
       count(*) FILTER (WHERE issued.version_number > arrangement.version)
FROM (
    SELECT user_id, arrangement_id, version_number, epoch FROM oauth_grant
    UNION ALL SELECT user_id, arrangement_id, version_number, epoch FROM oauth_accesstoken
    UNION ALL SELECT user_id, arrangement_id, version_number, epoch FROM oauth_refreshtoken
) AS issued
LEFT JOIN (
    SELECT id, status, epoch, version_number AS version FROM arrangements_arrangement
) AS arrangement ON arrangement.id = issued.arrangement_id
"""


# Every row that a step may have changed, and the newest of those that are only ever added.
_ROWS = """
SELECT arrangement.id, status, version_number, epoch, ends_at,
       (SELECT count(*) FROM arrangements_arrangementversion AS version
        WHERE version.arrangement_id = arrangement.id),
       (SELECT max(number) FROM arrangements_arrangementversion AS version
        WHERE version.arrangement_id = arrangement.id),
       (SELECT max(id) FROM events_event)
FROM arrangements_arrangement AS arrangement
WHERE customer_id = %s
"""


@dataclass
class Seen:
    """What was looked at already, so that each row is checked once."""

    customer: int
    account: int
    event: int = 0
    version: int = 0
    receipt: int = 0
    folded: dict[UUID, str] = field(default_factory=dict)
    proofs: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    person: str = ""


def check(apps: Iterable[App], seen: Seen) -> None:
    """Compare the arrangements; where anything was recorded since, look at all that is new."""
    sharings = {sharing.pk: sharing for app in apps for sharing in app.sharings}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [seen.customer])
        rows = cursor.fetchall()
    # I5: state, version, epoch and end of each.
    assert {row[0] for row in rows} == sharings.keys()
    for pk, status, version, epoch, ends_at, count, last, _ in rows:
        ought = sharings[pk]
        assert (status, epoch, ends_at) == (ought.status, ought.epoch, ought.ends_at)
        assert version == count == last == ought.version
    if rows and rows[0][-1] != seen.event:
        items_are_as_they_ought_to_be(sharings, seen)
        nothing_stands_alone_or_outlives_its_consent()
        the_log_tells_the_same_story(sharings, seen)
        every_change_has_its_proof(seen)
        versions_are_complete_and_within_bounds(seen)


def items_are_as_they_ought_to_be(sharings: Mapping[UUID, Sharing], seen: Seen) -> None:
    """I5, I7: of each the current items are what was chosen last, no more and no fewer."""
    items: dict[UUID, set[str]] = {pk: set() for pk in sharings}
    current = Item.objects.filter(
        version__arrangement__customer=seen.customer,
        version__number=F("version__arrangement__version_number"),
    )
    for pk, scope in current.values_list("version__arrangement", "scope__name"):
        items[pk].add(scope)
    assert items == {pk: set(sharing.scopes) for pk, sharing in sharings.items()}


def forget(rows: Iterable[Issued], at: datetime) -> None:
    """Follow the purge: what is gone is recognised no more."""
    for row in rows:
        is_old = row.ends_at < at - KEPT
        is_used = row.over_at is not None and row.over_at < at - REPLAYS_KEPT
        is_refresh = row not in row.sharing.codes and not row.is_access
        row.is_gone = row.is_gone or is_old or (is_refresh and is_used)


def tokens_count_exactly_while_they_ought_to(
    issued: Iterable[Issued], at: datetime, *, customer_is_active: bool
) -> None:
    """I1, I3, I4, I19: of every token there is, what the portal says is what the shadow says."""
    live = {
        token.token_checksum
        for model, path in ((AccessToken, "application__application__organization"),
                            (RefreshToken, "application"))
        for token in model.objects.select_related(path, "arrangement", "user")
        if token.is_live(at=at)
    }  # fmt: skip
    ought = {
        secrets.digest(token.raw)
        for token in issued
        if customer_is_active
        and token.counts(at)
        and not (token.is_access and token.app.is_suspended)
    }
    assert live == ought


def nothing_stands_alone_or_outlives_its_consent() -> None:
    """I2, I3, I4: each code and token has its arrangement, and none is of a later one."""
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED)
        assert cursor.fetchone() == (0, 0, 0)


def the_log_tells_the_same_story(sharings: Mapping[UUID, Sharing], seen: Seen) -> None:
    """I5, I12, I13: the events add up to the state, each is promised, and only the person gives."""
    events = list(Event.objects.filter(pk__gt=seen.event).order_by("pk"))
    promised = Counter(
        Event.objects.filter(pk__gt=seen.event, deliveries__isnull=False).values_list(
            "pk", flat=True
        )
    )
    for event in events:
        seen.event = event.pk
        assert promised[event.pk] == len(heard_by(event.kind))
        if event.kind not in set(Kind):
            continue
        seen.person = seen.person or f"user:{reference_of(seen.account)}"
        kind, pk = Kind(event.kind), UUID(event.subject.partition(":")[2])
        seen.events[kind] += 1
        before = seen.folded.get(pk)
        assert (before is None) == (kind == Kind.GIVEN)
        assert before is None or before in RUNNING
        seen.folded[pk] = BECOMES.get(kind, before or "active")
        if kind in AGREED:
            assert event.actor == seen.person
        else:
            assert event.actor != seen.person or kind in {
                Kind.NARROWED, Kind.SHORTENED, Kind.PAUSED, Kind.WITHDRAWN
            }  # fmt: skip
    assert seen.folded == {pk: sharing.status for pk, sharing in sharings.items()}


def every_change_has_its_proof(seen: Seen) -> None:
    """I14: one receipt for each event that changed something, and each keeps its digest."""
    for receipt in Receipt.objects.filter(pk__gt=seen.receipt).order_by("pk"):
        seen.receipt = receipt.pk
        seen.proofs[receipt.event_kind] += 1
        assert receipt.sha256 == digest(receipt.body)
        assert canonical(receipt.body) == canonical({**receipt.body})
    assert seen.proofs == Counter(
        {kind: count for kind, count in seen.events.items() if kind not in UNPROVED}
    )


def versions_are_complete_and_within_bounds(seen: Seen) -> None:
    """I6, I8, I9, I10: numbered on, complete, at most a year; a narrowing is less than before."""
    versions = ArrangementVersion.objects.filter(pk__gt=seen.version).order_by("pk")
    for version in versions.prefetch_related("items"):
        seen.version = version.pk
        assert version.ends_at <= version.created_at + YEAR
        items = {_content(item) for item in version.items.all()}
        assert items
        assert version.notice_sha256 == digest(version.notice)
        if version.number == 1:
            continue
        before = version.arrangement.versions.get(number=version.number - 1)
        kept = {_content(item) for item in before.items.all()}
        if version.change == ArrangementVersion.Change.NARROWED:
            assert items < kept
            assert version.ends_at <= before.ends_at
        if version.change == ArrangementVersion.Change.SHORTENED:
            assert items == kept
            assert version.ends_at < before.ends_at


def _content(item: Item) -> tuple[object, ...]:
    assert item.purpose_id
    assert item.cluster_id
    fields = canonical(item.fields)
    return item.scope_id, item.cluster_id, item.purpose_id, item.retention_days, fields
