"""Fill the documents of whole versions in a few statements, however many fields they have."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from catalog.apis.models import ApiVersion, Operation, Part
from portal.search.models import Document
from portal.search.spelling import LONGEST, SHORTEST, spellings

_LOCK = 0x5EA7C4
_SQL = Path(__file__).parent / "sql"
_APIS, _OPERATIONS, _FIELDS, _SCOPES, _PARTS, _NEW_WORDS = (
    (_SQL / f"{name}.sql").read_text()
    for name in ("apis", "operations", "fields", "scopes", "parts", "new_words")
)


@transaction.atomic
def index_versions(versions: Collection[int]) -> None:
    """Make the documents of these versions those of their operations; once more changes nothing."""
    chosen = {"versions": sorted(versions)}
    with connection.cursor() as cursor:
        # Two workers that hear of the same import would write each document twice.
        for version in chosen["versions"]:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, version % 2**31])
        cursor.execute("DELETE FROM search_document WHERE version_id = ANY(%(versions)s)", chosen)
        for statement in (_APIS, _OPERATIONS, _FIELDS, _SCOPES, _PARTS):
            cursor.execute(statement, chosen)
        cursor.execute(_NEW_WORDS, {**chosen, "shortest": SHORTEST, "longest": LONGEST})
        new = [word for (word,) in cursor.fetchall()]
        cursor.executemany(
            "INSERT INTO search_word (word, spellings) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [(word, spellings(word)) for word in sorted(new)],
        )


def index_due(*, limit: int = 50) -> int:
    """Index versions that hold something and have no document yet; return how many there were."""
    known = Document.objects.filter(version=OuterRef("pk"))
    operations = Operation.objects.filter(version=OuterRef("pk"))
    parts = Part.objects.filter(version=OuterRef("pk"))
    has_something = Exists(operations) | Exists(parts)
    due = ApiVersion.objects.filter(~Exists(known), has_something).order_by("pk")
    found = list(due.values_list("pk", flat=True)[:limit])
    for version in found:
        index_versions([version])
    return len(found)
