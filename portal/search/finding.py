"""One question over APIs, operations, fields and scopes, answered by one statement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from catalog.apis.models import ApiVersion
from portal.access.actors import Actor
from portal.search.models import Kind
from portal.search.spelling import SHORTEST, nearest, spellings
from portal.search.statement import FILTERS, statement_for
from portal.search.wording import Wording
from portal.statements import cursor_of

# Of more hits of one kind than this the rest is neither counted nor ranked: nobody reads them.
MOST_HITS = 1000
_MOST_CANDIDATES = 400
# What results can be narrowed by: the name of the filter, and where a hit says what it is.
FACETS = {
    "depths": "depth",
    "flows": "flow",
    "lives": "life",
    "sectors": "sector",
    "owners": "owner_id",
    "audiences": "audience",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Each holds what may be; an empty one holds everything."""

    depths: Collection[int] = ()
    flows: Collection[str] = ()
    lives: Collection[str] = ()
    sectors: Collection[str] = ()
    owners: Collection[int] = ()
    audiences: Collection[str] = ()

    def chosen(self) -> dict[str, list[Any]]:
        return {name: list(getattr(self, name)) for name in FILTERS if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Page:
    """How many rows of each kind, and after which row (its rank and id) of the only kind."""

    sizes: Mapping[Kind, int]
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    kind: int
    rank: int
    title: str
    note: str
    method: str
    address: str
    depth: int | None
    flow: str
    scope: str
    place_count: int
    api: str
    label: str
    life: str
    api_status: str

    @property
    def cursor(self) -> str:
        return f"{self.rank}.{self.id}"


@dataclass(frozen=True, slots=True)
class Found:
    hits: Mapping[int, Sequence[Hit]] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
    # For each filter what can be chosen, and how many results that would leave.
    facets: Mapping[str, Mapping[Any, int]] = field(default_factory=dict)
    # The words that were found instead of those that were typed.
    meant: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def find(wording: Wording, *, actor: Actor, filters: Filters, page: Page) -> Found:
    """Return the best rows of each kind; where no word fits, for words that are spelled nearly so.

    Those are taken from the whole catalog, and never told: only what is found with them is, and
    that the actor may see.
    """
    if not wording.words and not wording.method:
        return Found()
    found = _find(wording, wording.tsquery, actor, filters, page)
    if found.facets or not (near := _near(wording)):
        return found
    meant = tuple(word for words in near for word in words)
    tsquery = " & ".join(f"({' | '.join(f'{word}:*' for word in words)})" for words in near)
    return replace(_find(wording, tsquery, actor, filters, page), meant=meant)


def _find(
    wording: Wording,
    tsquery: str,
    actor: Actor,
    filters: Filters,
    page: Page,
) -> Found:
    visible, parameters = _visible_to(actor)
    statement = statement_for(
        visible,
        kinds=[Kind.OPERATION] if wording.method else list(Kind),
        filters=filters.chosen(),
        has_words=bool(tsquery),
        has_method=bool(wording.method),
        has_cursor=page.after is not None,
    )
    rank, last = page.after or (0, 0)
    asked = {
        **parameters,
        **filters.chosen(),
        **{f"size_{kind}": page.sizes.get(kind, 0) for kind in Kind},
        "tsquery": tsquery,
        "text": wording.text.lower(),
        "method": wording.method,
        "most": MOST_HITS,
        "rank": rank,
        "id": last,
    }
    # To plan it takes longer than to find what is rare: the server does it once for a connection.
    with cursor_of(connection) as cursor:
        cursor.execute(statement, asked)
        told, rows = (_read(part) for part in cursor.fetchone() or ("[]", "[]"))
    hits: dict[int, list[Hit]] = {}
    for row in rows:
        hits.setdefault(row["kind"], []).append(Hit(**row))
    everything = Counter[int]()
    for group in told:
        everything[group["kind"]] += group["count"]
    return Found(
        hits=hits,
        counts=_counts(told, filters),
        facets={name: _facet(told, name, filters) for name in FACETS} if told else {},
        is_cut=any(count >= MOST_HITS for count in everything.values()),
    )


def _visible_to(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the catalog's own question for what the actor may see, its values under names."""
    shown = ("id", "api_id", "status", "published_at")
    query = ApiVersion.objects.visible_to(actor).order_by().values(*shown).query
    sql, values = query.sql_with_params()
    names = [f"visible_{place}" for place in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def _counts(told: Sequence[Mapping[str, Any]], filters: Filters) -> dict[int, int]:
    counts = Counter[int]()
    for group in told:
        if _fits(group, filters):
            counts[group["kind"]] += group["count"]
    return dict(counts)


def _facet(told: Sequence[Mapping[str, Any]], name: str, filters: Filters) -> dict[Any, int]:
    """Count by one facet what all the other filters leave."""
    counts = Counter[Any]()
    for group in told:
        if _fits(group, filters, but=name):
            counts[group[FACETS[name]]] += group["count"]
    return {value: count for value, count in counts.most_common() if value not in {None, ""}}


def _fits(group: Mapping[str, Any], filters: Filters, *, but: str = "") -> bool:
    return all(
        name == but or group[FACETS[name]] in chosen for name, chosen in filters.chosen().items()
    )


def _near(wording: Wording) -> list[list[str]]:
    """Return for each word those that were probably meant, or nothing if none is another."""
    near: list[list[str]] = []
    for word in wording.words:
        found: list[str] = []
        if len(word) >= SHORTEST and word.isalpha():
            found = nearest(word, _sharing_a_spelling(word))
        near.append(found or [word])
    pairs = zip(wording.words, near, strict=True)
    is_other = any(not each.startswith(word) for word, words in pairs for each in words)
    return near if is_other else []


# For each spelling a look into the index: asked for all at once, the planner reads every word.
_SHARING = """
SELECT w.word
FROM unnest(%s::varchar[]) AS s(spelling)
CROSS JOIN LATERAL (SELECT word FROM search_word WHERE spellings @> ARRAY[s.spelling] OFFSET 0) w
"""


def _sharing_a_spelling(word: str) -> list[str]:
    """Return the words that share most spellings with this one."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, [spellings(word)])
        shared = Counter(found for (found,) in cursor.fetchall())
    return [found for found, _ in shared.most_common(_MOST_CANDIDATES)]


def _read(part: Any) -> Any:
    return json.loads(part) if isinstance(part, str) else part
