"""Fill the documents of whole versions in a few statements, however many fields they have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef

from catalog.apis.models import ApiVersion, Operation, Part
from catalog.guides.models import Guide
from portal.search.models import Document
from portal.search.spelling import LONGEST, SHORTEST, spellings

_LOCK = 0x5EA7C4
_SQL = Path(__file__).parent / "sql"
_APIS, _OPERATIONS, _FIELDS, _SCOPES, _PARTS, _GUIDES, _NEW_WORDS = (
    (_SQL / f"{name}.sql").read_text()
    for name in ("apis", "operations", "fields", "scopes", "parts", "guides", "new_words")
)


@transaction.atomic
def index_versions(versions: Collection[int]) -> None:
    """Make the documents of these versions those of their operations; once more changes nothing."""
    chosen: dict[str, list[int]] = {"versions": sorted(versions), "guides": []}
    with connection.cursor() as cursor:
        # Two workers that hear of the same import would write each document twice.
        for version in chosen["versions"]:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, version % 2**31])
        cursor.execute("DELETE FROM search_document WHERE version_id = ANY(%(versions)s)", chosen)
        for statement in (_APIS, _OPERATIONS, _FIELDS, _SCOPES, _PARTS):
            cursor.execute(statement, chosen)
        _learn_words(cursor, chosen)


@transaction.atomic
def index_guides(guides: Collection[int]) -> None:
    """Make the documents of these guides what their readers see; of others there is none."""
    chosen: dict[str, list[int]] = {"versions": [], "guides": sorted(guides)}
    with connection.cursor() as cursor:
        # Held until the end, so that two workers do not write the same one.
        cursor.execute("SELECT 1 FROM guides_guide WHERE id = ANY(%(guides)s) FOR UPDATE", chosen)
        cursor.execute("DELETE FROM search_document WHERE guide_id = ANY(%(guides)s)", chosen)
        cursor.execute(_GUIDES, chosen)
        _learn_words(cursor, chosen)


def index_due(*, limit: int = 50) -> int:
    """Index versions and guides that have no document yet; return how many there were."""
    known = Document.objects.filter(version=OuterRef("pk"))
    operations = Operation.objects.filter(version=OuterRef("pk"))
    parts = Part.objects.filter(version=OuterRef("pk"))
    has_something = Exists(operations) | Exists(parts)
    due = ApiVersion.objects.filter(~Exists(known), has_something).order_by("pk")
    found = list(due.values_list("pk", flat=True)[:limit])
    for version in found:
        index_versions([version])
    unknown = ~Exists(Document.objects.filter(guide=OuterRef("pk")))
    published = Guide.objects.filter(unknown, status=Guide.Status.PUBLISHED).order_by("pk")
    if guides := list(published.values_list("pk", flat=True)[:limit]):
        index_guides(guides)
    return len(found) + len(guides)


def _learn_words(cursor: CursorWrapper, chosen: Mapping[str, list[int]]) -> None:
    """Know the words of these documents when somebody spells them nearly so."""
    cursor.execute(_NEW_WORDS, {**chosen, "shortest": SHORTEST, "longest": LONGEST})
    new = [word for (word,) in cursor.fetchall()]
    cursor.executemany(
        "INSERT INTO search_word (word, spellings) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [(word, spellings(word)) for word in sorted(new)],
    )
