"""`python -m benchmarks.multitude`: a thousand descriptions, made of a hundred read once."""

from __future__ import annotations

import os
import sys
import time

import django
import psycopg

DESCRIPTIONS, OPERATIONS, FIELDS = 1_000, 50_000, 300_000

# A copy has its own name in every place where the original has one; the rest is as it was read.
_COPIES = {
    "apis_api": (
        {"slug": "left(x.slug, 70) || '-' || %(copy)s", "name": "left(x.name, 110) || %(copy)s"},
        "FROM apis_api x WHERE x.id = ANY(%(apis)s)",
    ),
    "apis_apiversion": (
        {"api_id": "b.id"},
        """FROM apis_apiversion x JOIN apis_api a ON a.id = x.api_id
        JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
        WHERE a.id = ANY(%(apis)s)""",
    ),
    "apis_operation": (
        {"version_id": "w.id"},
        """FROM apis_operation x JOIN apis_apiversion v ON v.id = x.version_id
        JOIN apis_api a ON a.id = v.api_id
        JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
        JOIN apis_apiversion w ON w.api_id = b.id AND w.label = v.label
        WHERE a.id = ANY(%(apis)s)""",
    ),
    "apis_field": (
        {"operation_id": "p.id"},
        """FROM apis_field x JOIN apis_operation o ON o.id = x.operation_id
        JOIN apis_apiversion v ON v.id = o.version_id JOIN apis_api a ON a.id = v.api_id
        JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
        JOIN apis_apiversion w ON w.api_id = b.id AND w.label = v.label
        JOIN apis_operation p ON p.version_id = w.id AND p.slug = o.slug
        WHERE a.id = ANY(%(apis)s)""",
    ),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.db import connection, transaction  # noqa: PLC0415 - once Django is set up
    from django.utils import timezone  # noqa: PLC0415

    from catalog.apis.models import Api, ApiVersion, Field, Operation  # noqa: PLC0415
    from catalog.specs.actions import import_document  # noqa: PLC0415
    from portal.access.actors import SYSTEM  # noqa: PLC0415
    from portal.search.indexing import index_versions  # noqa: PLC0415
    from tests.shared_documents import documents  # noqa: PLC0415

    found = documents("public/*")
    if not found:
        raise SystemExit("The public descriptions are not here.")
    for path in found:
        import_document(path.read_bytes(), by=SYSTEM, source=path.name)
    now = timezone.now()
    ApiVersion.objects.filter(status="draft").update(status="stable", published_at=now)
    Api.objects.filter(status="draft").update(status="published", published_at=now)
    originals = list(
        Api.objects.filter(versions__revisions__source__endswith=".json").values_list(
            "pk", flat=True
        )
    )
    copy = 0
    while not (
        ApiVersion.objects.count() >= DESCRIPTIONS
        and Operation.objects.count() >= OPERATIONS
        and Field.objects.count() >= FIELDS
    ):
        copy += 1
        with transaction.atomic(), connection.cursor() as cursor:
            for model in (Api, ApiVersion, Operation, Field):
                table = model._meta.db_table
                other, source = _COPIES[table]
                names = [
                    field.column for field in model._meta.concrete_fields if not field.primary_key
                ]
                values = [other.get(name, f"x.{name}") for name in names]
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} {source}",
                    {"copy": str(copy), "apis": originals},
                )
    begun = time.perf_counter()
    index_versions(list(ApiVersion.objects.values_list("pk", flat=True)))
    took = time.perf_counter() - begun
    # Only who owns the tables may; a deployment has autovacuum, which comes within minutes.
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_document")
        (documents_count,) = cursor.fetchone()
    print(
        ApiVersion.objects.count(), Operation.objects.count(), Field.objects.count(),
        documents_count, f"{took:.1f}", file=sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
