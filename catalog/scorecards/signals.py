"""What the score is made from, for many versions in a few statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q

from catalog.apis.models import ApiVersion, Field, Operation
from catalog.impact.standing import standings_of
from catalog.rules.models import Override, levels_for
from catalog.rules.rulebook import ERROR, INFO, WARNING
from catalog.scorecards.score import Signals
from catalog.specs.models import Finding, SpecRevision


def signals_of(versions: Sequence[ApiVersion], *, at: datetime) -> dict[int, Signals]:
    """Return the signals of each version that has a description, by its key."""
    current = SpecRevision.objects.current().filter(version__in=versions)
    points = dict(current.values_list("version_id", "points"))
    levels = _levels(versions, at=at)
    described = _shares(
        Operation.objects.filter(version__in=versions).values_list("version_id"),
        ~Q(description_html=""),
    )
    classified = _shares(
        Field.objects.filter(operation__version__in=versions).values_list("operation__version_id"),
        Q(depth__isnull=False),
    )
    standings = standings_of(versions, at=at)
    return {
        version.pk: Signals(
            grade_points=points[version.pk],
            errors=levels[version.pk][ERROR],
            warnings=levels[version.pk][WARNING],
            hints=levels[version.pk][INFO],
            has_owner=version.api.owner_id is not None,
            has_contact=bool(version.api.technical_contact or version.api.support_url),
            # Without an operation or a field there is nothing that nobody has described.
            described=described.get(version.pk, 1.0),
            classified=classified.get(version.pk, 1.0),
            is_covered=standings[version.pk].is_covered,
        )
        for version in versions
        if version.pk in points
    }


def _levels(versions: Sequence[ApiVersion], *, at: datetime) -> dict[int, Counter[str]]:
    """Count the rules that each version breaks, by their levels as they are then."""
    apis = {version.api_id: version.api for version in versions}
    standing = list(Override.objects.in_force(at=at).reaching(apis.values()))
    known = {key: levels_for(api, standing) for key, api in apis.items()}
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    broken = Finding.objects.filter(
        revision__version__in=versions, revision__status=SpecRevision.Status.CURRENT
    ).values_list("revision__version_id", "revision__version__api_id", "rule", "severity")
    for version, api, rule, severity in broken.distinct():
        counts[version][known[api].get(rule, severity)] += 1
    return counts


def _shares(rows: object, wanted: Q) -> dict[int, float]:
    counted = rows.annotate(every=Count("pk"), some=Count("pk", filter=wanted))  # type: ignore[attr-defined] # a values_list of any model
    return {key: some / every for key, every, some in counted}
