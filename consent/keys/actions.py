"""Make, rotate and give up signing keys. Each algorithm has a key that signs and a published spare.

The spare is planned to take over when the signing key's time ends, so the change happens by the
clock even while no job runs. `_settle` writes down what the clock decided and plans one step ahead.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from consent.keys import ring
from consent.keys.events import KeyEvent
from consent.keys.models import SigningKey
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import NotFound
from portal.events.log import record

# Both cost nothing to make and are there from the first JWKS on; an RSA key waits to be asked for.
ALWAYS = (SigningKey.Algorithm.ES256, SigningKey.Algorithm.EDDSA)
Status = SigningKey.Status


@transaction.atomic
def ensure(algorithm: str = ALWAYS[0]) -> None:
    """Make the keys of that algorithm, and the usual ones, unless somebody has."""
    _take_turns()
    at = timezone.now()
    for wanted in dict.fromkeys((*ALWAYS, algorithm)):
        if not _of(wanted).filter(status=Status.ACTIVE).exists():
            _settle(wanted, at=at, by=SYSTEM)


@transaction.atomic
def rotate(algorithm: str, *, by: Actor) -> SigningKey:
    """Let the spare take over, as soon as every verifier can know it, and return the next signer.

    A key that has signed for less than the lead is new enough: asking twice rotates once.
    """
    require(by, Permission.ROTATE_KEY)
    _take_turns()
    at = timezone.now()
    signer, spare = _settle(algorithm, at=at, by=by)
    if _instant(signer.activated_at) > at - settings.KEY_LEAD:
        return signer
    switch = max(at, _instant(spare.published_at) + settings.KEY_LEAD)
    if switch < _instant(spare.activated_at):
        _plan(signer, spare, switch=switch)
        record(KeyEvent.ROTATION_ASKED, signer, by=by, kid=signer.kid, at=switch.isoformat())
        _settle(algorithm, at=at, by=by)
    return SigningKey.objects.get(pk=spare.pk)


def rotate_due(*, at: datetime) -> int:
    """Write down what the clock decided for every algorithm; return how many keys moved."""
    with transaction.atomic():
        _take_turns()
        before = _moves_so_far()
        for algorithm in in_use():
            _settle(algorithm, at=at, by=SYSTEM)
        return len(_moves_so_far() - before)


@transaction.atomic
def compromise(kid: str, *, by: Actor, reason: str) -> None:
    """Trust the key no more, from now on and everywhere; the spare signs at once.

    Verifiers outside keep what they cached for at most the JWKS's max-age. Twice is once.
    """
    require(by, Permission.COMPROMISE_KEY)
    _take_turns()
    at = timezone.now()
    key = SigningKey.objects.filter(kid=kid).first()
    if key is None:
        raise NotFound(f"There is no signing key {kid}.")
    if key.status == Status.COMPROMISED:
        return
    key.move_to(Status.COMPROMISED, compromised_at=at, sealed_private="")
    record(KeyEvent.COMPROMISED, key, by=by, kid=kid, algorithm=key.algorithm, reason=reason)
    ring.changed()
    _settle(key.algorithm, at=at, by=by)


def in_use() -> list[str]:
    known = SigningKey.objects.values_list("algorithm", flat=True).distinct()
    return sorted({*ALWAYS, *known})


def _settle(algorithm: str, *, at: datetime, by: Actor) -> tuple[SigningKey, SigningKey]:
    """Bring the statuses up to the clock; return the key that signs and the published spare."""
    for key in _of(algorithm).filter(status=Status.ACTIVE, retiring_at__lte=at):
        _move(key, Status.RETIRING, KeyEvent.RETIRING, by=by)
    for key in _of(algorithm).filter(status=Status.RETIRING, retired_at__lte=at):
        _move(key, Status.RETIRED, KeyEvent.RETIRED, by=by, sealed_private="")
    spare = _of(algorithm).filter(status=Status.PUBLISHED).first()
    signer = _of(algorithm).filter(status=Status.ACTIVE).first()
    if signer is None:
        successor = spare or _publish(algorithm, at=at, starts=at, by=by)
        # It was planned for now or earlier; after a compromise it starts before its time.
        starts = min(_instant(successor.activated_at), at)
        _move(successor, Status.ACTIVE, KeyEvent.ACTIVATED, by=by, activated_at=starts)
        signer, spare = successor, None
    if spare is None:
        switch = max(_instant(signer.activated_at) + settings.KEY_PERIOD, at + settings.KEY_LEAD)
        spare = _publish(algorithm, at=at, starts=switch, by=by)
        _plan(signer, spare, switch=switch)
    return signer, spare


def _publish(algorithm: str, *, at: datetime, starts: datetime, by: Actor) -> SigningKey:
    key = SigningKey.fresh(algorithm, at=at)
    key.save()
    _move(key, Status.PUBLISHED, KeyEvent.PUBLISHED, by=by, published_at=at, activated_at=starts)
    return key


def _plan(signer: SigningKey, spare: SigningKey, *, switch: datetime) -> None:
    """Let one end where the other begins."""
    signer.retiring_at, signer.retired_at = switch, switch + settings.KEY_KEPT
    signer.save(update_fields=["retiring_at", "retired_at"])
    spare.activated_at = switch
    spare.save(update_fields=["activated_at"])
    ring.changed()


def _move(
    key: SigningKey, status: str, kind: KeyEvent, *, by: Actor, **changes: datetime | str
) -> None:
    key.move_to(status, **changes)
    record(kind, key, by=by, kid=key.kid, algorithm=key.algorithm)
    ring.changed()


def _of(algorithm: str) -> models.QuerySet[SigningKey]:
    return SigningKey.objects.filter(algorithm=algorithm)


def _moves_so_far() -> set[tuple[str, str]]:
    return set(SigningKey.objects.values_list("kid", "status"))


def _instant(planned: datetime | None) -> datetime:
    if planned is None:
        raise ValueError("A key in use has its instants.")
    return planned


def _take_turns() -> None:
    # Two processes that start together would both find no key; two rotations the same spare.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consent.keys'))")
