from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.plans.actions import open_plans
from catalog.scopes.actions import learn_vocabulary
from catalog.scopes.binding import Binding, Bound
from catalog.specs.events import SpecEvent, VersionEvent
from catalog.specs.gates import gaps_of
from catalog.specs.models import Finding, SpecRevision
from catalog.specs.naming import api_slug, host_of
from catalog.specs.parser import ParsedApi
from catalog.specs.reading import Description, read_description
from catalog.specs.storing import store_api, store_operations, store_parts, store_version
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record


class NotReady(Conflict):
    """Something is missing before it may be published; `code` is that of the gravest gap."""

    code = "not_ready"


def read_here(raw: bytes) -> Description:
    return read_description(raw, max_bytes=settings.SPEC_MAX_BYTES)


def import_document(
    raw: bytes,
    *,
    by: Actor,
    source: str,
    slug: str | None = None,
    read: Callable[[bytes], Description] = read_here,
) -> SpecRevision:
    """Read an API description into the catalog; the same bytes twice change nothing.

    A document from which no API can be read is kept too, as a rejected revision that says why.
    `slug` names the API where the caller knows better than the document. What strangers wrote is
    read elsewhere: `catalog.imports` hands in a `read` that tells what another process made of it.
    """
    require(by, Permission.IMPORT_SPEC)
    digest = hashlib.sha256(raw).hexdigest()
    known = SpecRevision.objects.current_of(digest, slug=slug)
    if known is not None:
        return known
    try:
        description = read(raw)
        with transaction.atomic():
            return _store(description, raw, digest, by=by, source=source, slug=slug)
    except Refused as refusal:
        return _reject(raw, digest, by=by, source=source, refusal=refusal)


@transaction.atomic
def publish_version(version: ApiVersion, *, by: Actor) -> None:
    """Show the version to everybody, and let applications ask for it."""
    require(by, Permission.PUBLISH_VERSION)
    api = Api.objects.select_for_update().get(pk=version.api_id)
    now = timezone.now()
    if gaps := gaps_of(version, at=now):
        raise NotReady(" ".join(gap.words for gap in gaps), code=gaps[0].code)
    version.move_to(ApiVersion.Status.STABLE, published_at=version.published_at or now)
    if api.status in {Api.Status.DRAFT, Api.Status.IN_REVIEW}:
        api.move_to(Api.Status.PUBLISHED, published_at=now)
    elif api.status != Api.Status.PUBLISHED:
        raise Conflict(f"{api} is {api.status}, so nothing new is published.")
    open_plans(api, by=by)
    record(
        VersionEvent.PUBLISHED, version, by=by, api=api.slug, label=version.label,
        grade=version.grade,
    )  # fmt: skip


def named_by(source: str, parsed: ParsedApi) -> ParsedApi:
    """Return the API with a name: its own, or that of its file where it says none."""
    if parsed.slug and parsed.title:
        return parsed
    stem = PurePosixPath(source).stem
    slug = parsed.slug or api_slug(title=stem, host=host_of(source))
    return replace(parsed, slug=slug, title=parsed.title or stem[:200] or "API without a title")


def _store(
    description: Description, raw: bytes, digest: str, *, by: Actor, source: str, slug: str | None
) -> SpecRevision:
    parsed, grading = named_by(source, description.api), description.grading
    api = store_api(parsed, slug=slug or parsed.slug, by=by)
    version = store_version(api, parsed, grade=grading.letter)
    # Held by whoever imports into this version, until the revisions and operations agree.
    ApiVersion.objects.select_for_update().get(pk=version.pk)
    current = SpecRevision.objects.filter(version=version, status=SpecRevision.Status.CURRENT)
    current.update(status=SpecRevision.Status.SUPERSEDED)
    revision = SpecRevision.objects.create(
        version=version,
        status=SpecRevision.Status.CURRENT,
        source=source[:500],
        format=description.format,
        sha256=digest,
        byte_count=len(raw),
        raw=raw,
        grade=grading.letter,
        points=grading.points,
        lost=[list(pair) for pair in grading.lost],
        operation_count=parsed.operation_count,
        imported_by_id=by.person_id,
    )
    Finding.objects.bulk_create(
        Finding(
            revision=revision,
            rule=found.rule,
            severity=found.severity,
            pointer=found.pointer,
            line=found.line,
            message=found.message,
        )
        for found in grading.findings
    )
    store_operations(version, parsed.operations)
    store_parts(version, parsed.parts)
    _teach(api, version, parsed, by=by)
    record(
        SpecEvent.IMPORTED,
        revision,
        by=by,
        api=api.slug,
        label=version.label,
        version_id=version.pk,
        grade=revision.grade,
        operation_count=revision.operation_count,
        sha256=digest,
    )
    return revision


def _teach(api: Api, version: ApiVersion, parsed: ParsedApi, *, by: Actor) -> None:
    if parsed.vocabulary is None:
        return
    place = f"{api.slug}/{version.label}"
    fields = [
        Bound(
            operation_key=f"{place}/{operation.slug}",
            pointer=row.pointer,
            cluster=row.revealed.cluster,
            transform=row.revealed.transform,
            permission=row.revealed.permission,
        )
        for operation in parsed.operations
        for row in operation.fields
        # Leaves only: a whole object would reveal the fields of another cluster inside of it.
        if row.is_leaf and row.revealed.cluster
    ]
    learn_vocabulary(
        api.slug, dict(parsed.vocabulary), by=by, binding=Binding(place, tuple(fields))
    )


@transaction.atomic
def _reject(raw: bytes, digest: str, *, by: Actor, source: str, refusal: Refused) -> SpecRevision:
    known = SpecRevision.objects.rejected().filter(sha256=digest, reason_code=refusal.code).first()
    if known is not None:
        return known
    revision = SpecRevision.objects.create(
        status=SpecRevision.Status.REJECTED,
        source=source[:500],
        sha256=digest,
        byte_count=len(raw),
        # What is too large is not kept either.
        raw=raw if len(raw) <= settings.SPEC_MAX_BYTES else b"",
        reason_code=refusal.code,
        reason=str(refusal)[:300],
        imported_by_id=by.person_id,
    )
    record(SpecEvent.REJECTED, revision, by=by, reason=refusal.code, sha256=digest)
    return revision
