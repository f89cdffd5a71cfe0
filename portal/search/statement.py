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
    "lives": "h.life = ANY(%(lives)s)",
    "sectors": "h.sector = ANY(%(sectors)s)",
    "owners": "h.owner_id = ANY(%(owners)s)",
    "audiences": "h.audience = ANY(%(audiences)s)",
}
_LIVES = "ARRAY['stable', 'beta', 'deprecated', 'draft', 'sunset']"
# The version to use first of an API.
_FIRST = f"""array_position({_LIVES}, v.status::text), v.published_at DESC NULLS LAST, v.id DESC"""
_FITS = "d.words @@ to_tsquery('english', %(tsquery)s)"
_RANK = """(1000000 * (ts_rank(d.head, to_tsquery('english', %(tsquery)s))
       + CASE WHEN lower(d.title) = %(text)s THEN 1
           WHEN starts_with(lower(d.title), %(text)s) THEN 0.3 ELSE 0 END
       - CASE v.status WHEN 'deprecated' THEN 0.02 ELSE 0 END))::bigint"""
_HIT = f"""SELECT d.id, d.kind, d.version_id, d.depth, d.flow, v.status AS life, a.sector,
       a.owner_id, a.audience, {_RANK} AS rank
     FROM"""
# How it is walked must not hang on what the planner knows of tables that were just filled: the
# words come first, from their index; each hit is looked for in the hashed set of versions, which
# `IS TRUE` keeps from becoming a join; what is left is looked up by key.
_FOUND = """(SELECT d.* FROM search_document d WHERE d.kind = {kind} AND {fits}
       AND (d.version_id IN (SELECT id FROM {versions})) IS TRUE LIMIT %(most)s) d
     JOIN apis_apiversion v ON v.id = d.version_id
     JOIN apis_api a ON a.id = v.api_id"""
_OF_VERSIONS = f"{_HIT} {_FOUND.replace('{versions}', 'visible')}"
_BRANCHES = {
    # An API is found by the version that is used first, so it stands in the results once.
    Kind.API: f"{_HIT} {_FOUND.replace('{versions}', 'firsts')}",
    Kind.OPERATION: _OF_VERSIONS,
    Kind.FIELD: _OF_VERSIONS,
    Kind.SCOPE: _OF_VERSIONS.replace("SELECT", "SELECT DISTINCT ON (d.title)", 1)
    + f" ORDER BY d.title, {_FIRST}",
    Kind.PART: _OF_VERSIONS,
    # A guide is seen with its API, which the version to use first stands for, or by everybody.
    Kind.GUIDE: f"""{_HIT.replace("d.version_id", "v.id AS version_id")}
     (SELECT * FROM search_document d WHERE d.kind = {{kind}} AND {{fits}} OFFSET 0) d
     JOIN guides_guide g ON g.id = d.guide_id AND g.status = 'published'
     LEFT JOIN firsts f ON f.api_id = d.api_id
     LEFT JOIN apis_apiversion v ON v.id = f.id
     LEFT JOIN apis_api a ON a.id = v.api_id
     WHERE d.api_id IS NULL OR f.id IS NOT NULL
     LIMIT %(most)s""",  # noqa: S608 - constants of this module
}
_METHOD = "d.method = %(method)s"
_PAGE = """
  SELECT d.id, d.kind, b.rank, d.title, d.note, d.method, d.address, d.depth, d.flow, d.scope,
    d.place_count, coalesce(a.name, '') AS api, coalesce(v.label, '') AS label,
    coalesce(v.status, '') AS life, coalesce(a.status, '') AS api_status
  FROM best b
  JOIN search_document d ON d.id = b.id
  LEFT JOIN apis_apiversion v ON v.id = b.version_id
  LEFT JOIN apis_api a ON a.id = v.api_id
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
    """Return the statement; `visible` asks for the versions that may be seen."""
    fits = [_FITS] * has_words + [_METHOD] * has_method
    branches = [_BRANCHES[kind].format(kind=kind.value, fits=" AND ".join(fits)) for kind in kinds]
    conditions = [FILTERS[name] for name in filters]
    if has_cursor:
        conditions.append("(h.rank < %(rank)s OR h.rank = %(rank)s AND h.id > %(id)s)")
    return f"""
WITH visible AS MATERIALIZED ({visible}),
firsts AS MATERIALIZED (
  SELECT DISTINCT ON (v.api_id) v.id, v.api_id FROM visible v ORDER BY v.api_id, {_FIRST}
),
hits AS MATERIALIZED (
  ({") UNION ALL (".join(branches)})
),
told AS (
  SELECT h.kind, h.depth, h.flow, h.life, h.sector, h.owner_id, h.audience, count(*) AS count
  FROM hits h
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
    return f"""SELECT h.id, h.version_id, h.rank FROM hits h
    WHERE {fits} ORDER BY h.rank DESC, h.id LIMIT %(size_{kind.value})s"""  # noqa: S608 - the same
