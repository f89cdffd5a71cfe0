"""Rows from a parsed description: operations keep their ids, fields are written anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db import connection

from catalog.apis.models import Api, ApiVersion, Audience, Field, Operation
from catalog.apis.parts import Part
from catalog.specs.markdown import cut
from catalog.specs.parser import ParsedApi, ParsedOperation
from catalog.specs.parts import ParsedPart
from portal.access.actors import Actor

BATCH = 500
_UPDATED = (
    "method", "path", "summary", "description_html", "tag", "position", "is_deprecated", "depth",
    "scopes", "security", "parameters", "request_body", "responses", "examples",
)  # fmt: skip


def store_api(parsed: ParsedApi, *, slug: str, by: Actor) -> Api:
    """Return the API, new as a draft; its name and summary follow the newest document.

    Whom a new one is for the document says; from then on people say it.
    """
    api, is_new = Api.objects.get_or_create(
        slug=slug,
        defaults={
            "name": cut(parsed.title, 120),
            "summary": parsed.summary,
            "sector": parsed.sector,
            "owner_id": by.person_id,
            "audience": parsed.audience or Audience.PUBLIC,
        },
    )
    if not is_new and api.status == Api.Status.DRAFT:
        api.name, api.summary = cut(parsed.title, 120), parsed.summary
        api.sector = parsed.sector or api.sector
        api.save(update_fields=["name", "summary", "sector"])
    return api


def store_version(api: Api, parsed: ParsedApi, *, grade: str) -> ApiVersion:
    version, _ = ApiVersion.objects.update_or_create(
        api=api,
        label=parsed.label,
        defaults={
            "number": parsed.number,
            "title": parsed.title,
            "description_html": parsed.description_html,
            "servers": list(parsed.servers),
            "grade": grade,
            "operation_count": parsed.operation_count,
            "kind": parsed.kind,
        },
    )
    return version


def store_operations(version: ApiVersion, parsed: Sequence[ParsedOperation]) -> None:
    """Make the version's operations those of the document. An operation that stays keeps its id."""
    _make_room(version, parsed)
    rows = [_row(version, one, position) for position, one in enumerate(parsed)]
    stored = Operation.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["version", "slug"],
        update_fields=_UPDATED,
    )
    Field.objects.filter(operation__version=version).delete()
    fields = (
        field
        for operation, one in zip(stored, parsed, strict=True)
        for field in _fields(operation, one)
    )
    _copy_fields(fields)


def store_parts(version: ApiVersion, parsed: Sequence[ParsedPart]) -> None:
    """Make the version's parts those of the document; their addresses are made of their names."""
    Part.objects.filter(version=version).delete()
    Part.objects.bulk_create(
        (
            Part(
                version=version,
                slug=one.slug,
                kind=one.kind,
                name=one.name,
                group=one.group,
                position=position,
                signature=one.signature,
                summary=one.summary,
                description_html=one.description_html,
                is_deprecated=one.is_deprecated,
                fields=[asdict(field) for field in one.fields],
            )
            for position, one in enumerate(parsed)
        ),
        batch_size=BATCH,
    )


def _make_room(version: ApiVersion, parsed: Sequence[ParsedOperation]) -> None:
    """Remove what is gone, and let go of routes that another operation may take over."""
    kept = {one.slug: (one.method, one.path) for one in parsed}
    gone: list[int] = []
    moved: list[int] = []
    known = Operation.objects.filter(version=version).values_list("pk", "slug", "method", "path")
    for key, slug, method, path in known:
        if slug not in kept:
            gone.append(key)
        elif kept[slug] != (method, path):
            moved.append(key)
    Operation.objects.filter(pk__in=gone).delete()
    for key in moved:
        Operation.objects.filter(pk=key).update(path=f"#{key}")


def _row(version: ApiVersion, one: ParsedOperation, position: int) -> Operation:
    return Operation(
        version=version,
        slug=one.slug,
        method=one.method,
        path=one.path,
        summary=one.summary,
        description_html=one.description_html,
        tag=one.tag,
        position=position,
        is_deprecated=one.is_deprecated,
        depth=one.depth,
        scopes=list(one.scopes),
        security=list(one.security),
        parameters=list(one.parameters),
        request_body=one.request_body,
        responses=list(one.responses),
        examples=one.examples,
    )


def _fields(operation: Operation, one: ParsedOperation) -> Iterable[tuple[object, ...]]:
    rows = zip(one.fields, one.field_scopes, strict=True)
    for position, (row, scope) in enumerate(rows):
        yield (
            operation.pk,
            position,
            row.pointer,
            row.name,
            row.type,
            row.nesting,
            row.description,
            row.is_required,
            row.revealed.depth,
            cut(scope, 80),
            row.revealed.cluster,
            row.revealed.retention_days,
            row.revealed.transform,
            json.dumps(row.constraints),
            row.example,
        )


def _copy_fields(rows: Iterable[tuple[object, ...]]) -> None:
    """Write the rows with COPY: one description has up to a hundred thousand of them."""
    statement = (
        "COPY apis_field (operation_id, position, pointer, name, type, nesting, description,"
        " is_required, depth, scope, cluster_code, retention_days, transform, constraints, example)"
        " FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
