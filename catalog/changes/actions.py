from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes.comparisons import comparison_of
from catalog.changes.events import ChangeEvent
from catalog.changes.models import Comparison, Entry
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record


def draft_entry(revision: SpecRevision, *, by: Actor) -> Entry | None:
    """Write down what a description changed; None where it changed nothing.

    What breaks callers of a version that is out already is told at once. The rest waits a little
    for somebody to find better words, and a draft version's entry for its version.
    """
    require(by, Permission.DRAFT_CHANGE)
    version = revision.version
    if version is None or Entry.objects.filter(revision=revision).exists():
        return None
    if version.published_at is None or revision.imported_at <= version.published_at:
        return _draft_version(version, revision, by=by)
    before = _revision_before(revision)
    comparison = comparison_of(before, revision) if before else None
    if comparison is not None and not comparison.change_count:
        return None
    grace = timedelta(hours=settings.CHANGELOG_GRACE_HOURS)
    with transaction.atomic():
        entry, is_new = Entry.objects.get_or_create(
            revision=revision,
            defaults={
                "api": version.api,
                "version": version,
                "kind": Entry.Kind.REVISION,
                "comparison": comparison,
                "title": _changed(version, comparison),
                "due_at": timezone.now() + grace,
            },
        )
        if is_new:
            _record(ChangeEvent.DRAFTED, entry, by=by)
            if entry.is_breaking:
                publish_entry(entry, by=by)
    return entry


@transaction.atomic
def edit_entry(entry: Entry, *, by: Actor, title: str, words: str) -> None:
    """Say it better. What is published stays as people read it."""
    require(by, Permission.EDIT_CHANGE)
    drafts = Entry.objects.drafts().filter(pk=entry.pk)
    if not drafts.update(title=title, words=words):
        raise Conflict("This entry is published, so its words stay.", code="entry_published")
    entry.title, entry.words = title, words
    _record(ChangeEvent.EDITED, entry, by=by)


@transaction.atomic
def publish_entry(entry: Entry, *, by: Actor) -> None:
    """Tell everybody; those whose programs are touched hear of it themselves."""
    require(by, Permission.PUBLISH_CHANGE)
    if entry.version.published_at is None:
        raise Conflict(
            f"{entry.version} is not published yet; its entry comes with it.",
            code="version_not_published",
        )
    entry.move_to(Entry.Status.PUBLISHED, published_at=timezone.now())
    _record(ChangeEvent.PUBLISHED, entry, by=by)


def publish_version_entry(version: ApiVersion, *, by: Actor) -> None:
    """Publish what was drafted for the version, or draft it now; a second time changes nothing."""
    current = version.revisions.current().first()
    if current is None:
        return
    entry = _draft_version(version, current, by=by)
    if entry.status == Entry.Status.DRAFT:
        publish_entry(entry, by=by)


def publish_due_entries() -> int:
    """Publish what nobody published in time; return how many."""
    published = 0
    for entry in Entry.objects.due(at=timezone.now()).select_related("version__api", "comparison"):
        try:
            publish_entry(entry, by=SYSTEM)
        except Conflict:
            continue  # Somebody was faster.
        published += 1
    return published


def _draft_version(version: ApiVersion, revision: SpecRevision, *, by: Actor) -> Entry:
    """Keep one draft for a version, against the version that was out before it."""
    before = _version_before(version)
    comparison = comparison_of(before, revision) if before else None
    with transaction.atomic():
        entry, is_new = Entry.objects.get_or_create(
            version=version,
            kind=Entry.Kind.VERSION,
            defaults={
                "api": version.api,
                "revision": revision,
                "comparison": comparison,
                "title": f"{version.label} is published",
            },
        )
        if is_new:
            _record(ChangeEvent.DRAFTED, entry, by=by)
        elif (entry.revision_id or 0) < revision.pk:
            # Read again before it was published: the newest description counts.
            drafts = Entry.objects.drafts().filter(pk=entry.pk)
            drafts.update(revision=revision, comparison=comparison)
            entry.refresh_from_db()
    return entry


def _version_before(version: ApiVersion) -> SpecRevision | None:
    """Return the description of the version that was published last before this one."""
    earlier = version.api.versions.filter(published_at__isnull=False).exclude(pk=version.pk)
    if version.published_at is not None:
        earlier = earlier.filter(published_at__lte=version.published_at)
    newest = earlier.order_by("-published_at", "-pk").first()
    return newest.revisions.current().first() if newest else None


def _revision_before(revision: SpecRevision) -> SpecRevision | None:
    earlier = SpecRevision.objects.filter(version=revision.version_id, pk__lt=revision.pk)
    return earlier.exclude(status=SpecRevision.Status.REJECTED).order_by("-pk").first()


def _changed(version: ApiVersion, comparison: Comparison | None) -> str:
    count = comparison.breaking_count if comparison else 0
    if count:
        return f"{version.label} changed: {count} breaking change{'' if count == 1 else 's'}"
    return f"{version.label} changed"


def _record(kind: ChangeEvent, entry: Entry, *, by: Actor) -> None:
    record(
        kind,
        entry,
        by=by,
        api=entry.api.slug,
        label=entry.version.label,
        entry_kind=entry.kind,
        breaking_count=entry.comparison.breaking_count if entry.comparison else 0,
    )
