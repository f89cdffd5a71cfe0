from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber, TruncMonth
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.scorecards.models import Score
from catalog.scorecards.score import parts_of, score_of
from catalog.scorecards.signals import signals_of
from catalog.specs.models import SpecRevision

AT_ONCE = 200
WHOLE_FOR = timedelta(days=400)


def write_scores(versions: Iterable[ApiVersion]) -> int:
    """Write down each score that is not what it was; return how many. No event: it is no news."""
    return sum(_write(chunk) for chunk in _chunks(versions))


def thin_out(*, at: datetime) -> int:
    """Keep of each month that is long ago only the last score of each version."""
    place = Window(
        RowNumber(),
        partition_by=[F("version"), TruncMonth("at")],
        order_by=[F("at").desc(), F("pk").desc()],
    )
    old = Score.objects.filter(at__lt=at - WHOLE_FOR).annotate(place=place)
    gone = list(old.filter(place__gt=1).values_list("pk", flat=True))
    count, _ = Score.objects.filter(pk__in=gone).delete()
    return count


@transaction.atomic
def _write(versions: Sequence[ApiVersion]) -> int:
    now = timezone.now()
    keys = sorted(version.pk for version in versions)
    # One writer at a time for each version: two would both add the same row.
    list(ApiVersion.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    latest = Score.objects.filter(version__in=keys).latest_of_each()
    known = {one.version_id: one for one in latest}
    current = SpecRevision.objects.current().filter(version__in=keys)
    revisions = dict(current.values_list("version_id", "pk"))
    made = []
    for key, signals in signals_of(versions, at=now).items():
        owner_id = next(one.api.owner_id for one in versions if one.pk == key)
        score = Score(
            version_id=key,
            revision_id=revisions[key],
            owner_id=owner_id,
            points=score_of(signals),
            parts=Score.written(parts_of(signals)),
            errors=signals.errors,
            warnings=signals.warnings,
            hints=signals.hints,
            at=now,
        )
        if key not in known or not score.says_the_same_as(known[key]):
            made.append(score)
    Score.objects.bulk_create(made)
    return len(made)


def _chunks(versions: Iterable[ApiVersion]) -> Iterator[Sequence[ApiVersion]]:
    chunk: list[ApiVersion] = []
    for version in versions:
        chunk.append(version)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
