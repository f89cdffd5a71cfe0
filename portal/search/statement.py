"""The statement that answers a question: hits, what they could be narrowed by, and a page of them.

Only constants of this module become part of its text; whatever a reader typed is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.search.models import Kind

# A condition for each filter that a reader can set.
FILTERS = {
    "depths": "h.depth = ANY(%(depths)s)",
    "flows": "h.flow = ANY(%(flows)s)",
    "lives": "v.life = ANY(%(lives)s)",
    "sectors": "v.sector = ANY(%(sectors)s)",
    "owners": "v.owner_id = ANY(%(owners)s)",
    "audiences": "v.audience = ANY(%(audiences)s)",
}
_LIVES = "ARRAY['stable', 'beta', 'deprecated', 'draft', 'sunset']"
_ORDER = f"""ORDER BY array_position({_LIVES}, v.status::text),
       v.published_at DESC NULLS LAST, v.id DESC"""
_FITS = "d.words @@ to_tsquery('english', %(tsquery)s)"
_RANK = """(1000000 * (ts_rank(d.head, to_tsquery('english', %(tsquery)s))
       + CASE WHEN lower(d.title) = %(text)s THEN 1
           WHEN starts_with(lower(d.title), %(text)s) THEN 0.3 ELSE 0 END
       - CASE v.life WHEN 'deprecated' THEN 0.02 ELSE 0 END))::bigint"""
# The words come first, whatever the planner thinks of the versions: `OFFSET 0` keeps them apart.
_HIT = f"""SELECT d.id, d.kind, d.version_id, d.depth, d.flow, {_RANK} AS rank
     FROM (SELECT * FROM search_document d WHERE {{}} OFFSET 0) d
     JOIN visible v ON v.id = d.version_id"""  # noqa: S608 - constants of this module
# An API is found by the version that is used first, so it stands in the results once.
_BRANCHES = {
    Kind.API: f"{_HIT.format(f'd.kind = 1 AND {_FITS}')} AND v.place = 1 LIMIT %(most)s",
    Kind.OPERATION: f"{_HIT.format(f'd.kind = 2 AND {_FITS}')} LIMIT %(most)s",
    Kind.FIELD: f"{_HIT.format(f'd.kind = 3 AND {_FITS}')} LIMIT %(most)s",
    Kind.SCOPE: _HIT.format(f"d.kind = 4 AND {_FITS}").replace(
        "SELECT", "SELECT DISTINCT ON (d.title)", 1
    )
    + " ORDER BY d.title, v.place LIMIT %(most)s",
    Kind.PART: f"{_HIT.format(f'd.kind = 5 AND {_FITS}')} LIMIT %(most)s",
}
_METHOD = " AND d.method = %(method)s"
_PAGE = """
  SELECT d.id, d.kind, b.rank, d.title, d.note, d.method, d.address, d.depth, d.flow, d.scope,
    d.place_count, v.api, v.label, v.life, v.api_status
  FROM best b
  JOIN search_document d ON d.id = b.id
  JOIN visible v ON v.id = d.version_id
  ORDER BY d.kind, b.rank DESC, d.id"""


def statement_for(
    visible: str,
    *,
    kinds: Sequence[Kind],
    filters: Iterable[str],
    has_words: bool = True,
    has_method: bool = False,
    has_cursor: bool = False,
) -> str:
    """Return the statement; `visible` asks for the ids of the versions that may be seen."""
    branches = [_BRANCHES[kind] for kind in kinds]
    if has_method:
        branches = [branch.replace(" OFFSET 0", f"{_METHOD} OFFSET 0") for branch in branches]
    if not has_words:
        branches = [branch.replace(_FITS, "true") for branch in branches]
    conditions = [FILTERS[name] for name in filters]
    if has_cursor:
        conditions.append("(h.rank < %(rank)s OR h.rank = %(rank)s AND h.id > %(id)s)")
    return f"""
WITH visible AS MATERIALIZED (
  SELECT v.id, v.api_id, v.label, v.status AS life, a.name AS api, a.status AS api_status,
    a.sector, a.owner_id, a.audience, row_number() OVER (PARTITION BY v.api_id {_ORDER}) AS place
  FROM apis_apiversion v JOIN apis_api a ON a.id = v.api_id
  WHERE v.id IN ({visible})
),
hits AS MATERIALIZED (
  ({") UNION ALL (".join(branches)})
),
told AS (
  SELECT h.kind, h.depth, h.flow, v.life, v.sector, v.owner_id, v.audience, count(*) AS count
  FROM hits h JOIN visible v ON v.id = h.version_id
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
best AS (
  ({") UNION ALL (".join(_best(kind, conditions) for kind in kinds)})
),
page AS ({_PAGE}
)
SELECT (SELECT coalesce(json_agg(told), '[]') FROM told),
  (SELECT coalesce(json_agg(page), '[]') FROM page)
"""  # noqa: S608 - constants of this module, and a query of the ORM


def _best(kind: Kind, conditions: Sequence[str]) -> str:
    fits = " AND ".join([f"h.kind = {kind.value}", *conditions])
    return f"""SELECT h.id, h.rank FROM hits h JOIN visible v ON v.id = h.version_id
    WHERE {fits} ORDER BY h.rank DESC, h.id LIMIT %(size_{kind.value})s"""  # noqa: S608 - the same
