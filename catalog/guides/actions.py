from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalog.apis.models import Api
from catalog.guides.events import GuideEvent
from catalog.guides.models import Guide, Revision
from catalog.guides.reading import markup_in
from catalog.specs.naming import slugify
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record

# Addresses of other pages that stand where a guide's would.
_TAKEN = frozenset({"index"})


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    summary: str
    text: str


@transaction.atomic
def write_guide(words: Words, *, by: Actor, kind: str, api: Api | None) -> Guide:
    """Begin a guide that nobody reads yet; its address is made of its title and stays."""
    require(by, Permission.WRITE_GUIDE)
    _refuse_markup(words)
    guide = Guide.objects.create(slug=_free_slug(words.title), kind=kind, api=api)
    _write(guide, words, by=by, number=1)
    return guide


@transaction.atomic
def revise_guide(guide: Guide, words: Words, *, by: Actor, based_on: int) -> Revision:
    """Write it anew beside what readers see; the same words again leave no trace."""
    require(by, Permission.WRITE_GUIDE)
    newest = _locked(guide).newest
    if newest.number != based_on:
        raise Conflict(
            "Somebody else wrote it anew since you began. Copy your words, and open it again.",
            code="guide_changed",
        )
    if words == Words(newest.title, newest.summary, newest.text):
        return newest
    _refuse_markup(words)
    return _write(guide, words, by=by, number=newest.number + 1)


@transaction.atomic
def restore_revision(revision: Revision, *, by: Actor) -> Revision:
    """Take the words of an earlier revision again, as a new one: the history only grows."""
    require(by, Permission.WRITE_GUIDE)
    guide = _locked(revision.guide)
    words = Words(revision.title, revision.summary, revision.text)
    number = guide.newest.number + 1
    return _write(guide, words, by=by, number=number, restored_from=revision.number)


@transaction.atomic
def publish_guide(guide: Guide, *, by: Actor) -> None:
    """Let readers see what was written last."""
    require(by, Permission.PUBLISH_GUIDE)
    locked = _locked(guide)
    newest, now = locked.newest, timezone.now()
    if locked.status == Guide.Status.DRAFT:
        locked.move_to(Guide.Status.PUBLISHED, shown=newest, published_at=now)
    elif locked.shown_id != newest.pk:
        locked.shown, locked.published_at = newest, now
        locked.save(update_fields=["shown", "published_at"])
    else:
        return
    _record(GuideEvent.PUBLISHED, locked, by=by, number=newest.number)


@transaction.atomic
def withdraw_guide(guide: Guide, *, by: Actor) -> None:
    """Take it away from its readers at once; its history stays."""
    require(by, Permission.PUBLISH_GUIDE)
    locked = _locked(guide)
    number = locked.shown.number if locked.shown else 0
    locked.move_to(Guide.Status.DRAFT, shown=None, published_at=None)
    _record(GuideEvent.WITHDRAWN, locked, by=by, number=number)


def _locked(guide: Guide) -> Guide:
    found = Guide.objects.select_for_update(of=("self",)).select_related("api", "shown")
    return found.get(pk=guide.pk)


def _write(
    guide: Guide, words: Words, *, by: Actor, number: int, restored_from: int | None = None
) -> Revision:
    revision = Revision.objects.create(
        guide=guide,
        number=number,
        title=words.title,
        summary=words.summary,
        text=words.text,
        written_by_id=by.person_id,
        restored_from=restored_from,
    )
    _record(GuideEvent.WRITTEN, guide, by=by, number=number)
    return revision


def _free_slug(title: str) -> str:
    wanted = slugify(title, max_length=70) or "guide"
    taken = {*Guide.objects.filter(slug__startswith=wanted).values_list("slug", flat=True), *_TAKEN}
    count = 1
    slug = wanted
    while slug in taken:
        count += 1
        slug = f"{wanted}-{count}"
    return slug


def _refuse_markup(words: Words) -> None:
    if line := markup_in(words.text):
        said = f"Line {line} is HTML. Write it as Markdown, or put it between backticks."
        raise Refused(said, code="guide_not_markdown", errors={"text": [said]})


def _record(kind: GuideEvent, guide: Guide, *, by: Actor, number: int) -> None:
    api = guide.api.slug if guide.api else ""
    record(kind, guide, by=by, guide=guide.slug, about=api, revision=number)
