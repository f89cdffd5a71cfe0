from __future__ import annotations

from typing import Any

from django.db import transaction

from partners.drafts.events import DraftEvent
from partners.drafts.models import Draft, Source
from partners.drafts.reading import asvs, loose, oscal, vsaq
from partners.drafts.reading.keys import NotReadable
from partners.questionnaires import content
from partners.questionnaires.content import BrokenContent
from partners.questionnaires.models import TemplateVersion
from partners.questionnaires.publishing import publish_template
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Malformed
from portal.events.log import record

MAX_NOTES = 200


def import_draft(
    body: bytes, *, by: Actor, source: Source, code: str = "", title: str = "", level: int = 1
) -> Draft:
    """Read a file into a draft, with notes on what was left out; it asks nobody anything yet."""
    require(by, Permission.DRAFT_QUESTIONNAIRE)
    try:
        document, notes = _read(body, source, code=code, title=title, level=level)
        content.check(document)
    except (BrokenContent, NotReadable) as error:
        raise Malformed(f"This file cannot be read. {error}", code="not_readable") from error
    with transaction.atomic():
        draft = Draft.objects.create(
            source=source,
            document=document,
            notes=notes[:MAX_NOTES],
            author=User.objects.get(pk=by.person_id or 0),
        )
        record(
            DraftEvent.IMPORTED,
            draft,
            by=by,
            source=source.value,
            code=document["code"],
            left_out_count=len(notes),
        )
    return draft


@transaction.atomic
def publish_draft(draft: Draft, *, by: Actor) -> TemplateVersion:
    """Make it a version that can be assigned; whoever brought it leaves that to somebody else."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("author").get(pk=draft.pk)
    version = publish_template(draft.document, by=by, author=draft.author)
    draft.move_to(Draft.Status.PUBLISHED, version=version)
    record(DraftEvent.PUBLISHED, draft, by=by, code=version.template.code, version=version.semver)
    return version


@transaction.atomic
def discard_draft(draft: Draft, *, by: Actor) -> None:
    require(by, Permission.DRAFT_QUESTIONNAIRE)
    draft.move_to(Draft.Status.DISCARDED)
    record(DraftEvent.DISCARDED, draft, by=by)


def _read(
    body: bytes, source: Source, *, code: str, title: str, level: int
) -> tuple[dict[str, Any], list[str]]:
    raw = loose.loads(body)
    match source:
        case Source.ASVS:
            return asvs.read(raw, level=level), []
        case Source.OSCAL:
            return oscal.read(raw), []
        case Source.VSAQ:
            result = vsaq.read(raw, code=code, title=title)
            return result.document, result.notes
        case Source.OURS:
            if not isinstance(raw, dict):
                raise NotReadable("It is no JSON object.")
            return raw, []
