"""`python -m benchmarks.multitude`: a thousand descriptions, made of a hundred read once."""

from __future__ import annotations

import os
import sys
import time

import django

DESCRIPTIONS, OPERATIONS, FIELDS = 1_000, 50_000, 300_000

# A copy has its own name in every place where the original has one; the rest is as it was read.
_APIS = """
INSERT INTO apis_api (slug, name, summary, sector, owner_id, status, created_at, published_at)
SELECT left(slug, 70) || '-' || %(copy)s, name || ' ' || %(copy)s, summary, sector, owner_id,
  status,
  created_at, published_at
FROM apis_api WHERE id = ANY(%(apis)s)
ON CONFLICT DO NOTHING
"""
_VERSIONS = """
INSERT INTO apis_apiversion (api_id, label, number, title, description_html, servers, grade,
  operation_count, status, created_at, published_at)
SELECT b.id, v.label, v.number, v.title, v.description_html, v.servers, v.grade,
  v.operation_count,
  v.status, v.created_at, v.published_at
FROM apis_apiversion v JOIN apis_api a ON a.id = v.api_id
JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
WHERE a.id = ANY(%(apis)s)
"""
_OPERATIONS = """
INSERT INTO apis_operation (version_id, slug, method, path, summary, description_html, tag,
  position,
  is_deprecated, depth, scopes, security, parameters, request_body, responses, examples)
SELECT w.id, o.slug, o.method, o.path, o.summary, o.description_html, o.tag, o.position,
  o.is_deprecated,
  o.depth, o.scopes, o.security, o.parameters, o.request_body, o.responses, o.examples
FROM apis_operation o JOIN apis_apiversion v ON v.id = o.version_id JOIN apis_api a ON a.id =
  v.api_id
JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
JOIN apis_apiversion w ON w.api_id = b.id AND w.label = v.label
WHERE a.id = ANY(%(apis)s)
"""
_FIELDS = """
INSERT INTO apis_field (operation_id, position, pointer, name, type, nesting, description,
  is_required,
  depth, scope, cluster_code, retention_days, transform)
SELECT p.id, f.position, f.pointer, f.name, f.type, f.nesting, f.description, f.is_required,
  f.depth,
  f.scope, f.cluster_code, f.retention_days, f.transform
FROM apis_field f JOIN apis_operation o ON o.id = f.operation_id
JOIN apis_apiversion v ON v.id = o.version_id JOIN apis_api a ON a.id = v.api_id
JOIN apis_api b ON b.slug = left(a.slug, 70) || '-' || %(copy)s
JOIN apis_apiversion w ON w.api_id = b.id AND w.label = v.label
JOIN apis_operation p ON p.version_id = w.id AND p.slug = o.slug
WHERE a.id = ANY(%(apis)s)
"""


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
            for statement in (_APIS, _VERSIONS, _OPERATIONS, _FIELDS):
                cursor.execute(statement, {"copy": str(copy), "apis": originals})
    begun = time.perf_counter()
    index_versions(list(ApiVersion.objects.values_list("pk", flat=True)))
    took = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*) FROM search_document")
        (documents_count,) = cursor.fetchone()
    print(
        ApiVersion.objects.count(), Operation.objects.count(), Field.objects.count(),
        documents_count, f"{took:.1f}", file=sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
