from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from partners.questionnaires import content
from partners.questionnaires.content import BrokenContent, Content, semver_of
from partners.questionnaires.digest import digest_of
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import Template, TemplateVersion
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events.log import record


class NotLater(Conflict):
    code = "version_not_later"


class KeyChanged(Conflict):
    code = "question_key_changed"


@transaction.atomic
def publish_template(
    document: Mapping[str, Any], *, by: Actor, author: User | None = None
) -> TemplateVersion:
    """Make a questionnaire's next version; a document that is known changes nothing.

    Whoever wrote it does not publish it. What comes with the portal has no author here.
    """
    require(by, Permission.PUBLISH_QUESTIONNAIRE)
    if author is not None and author.pk == by.person_id:
        raise NotAllowed("Somebody else has to publish what you wrote.", code="own_draft")
    try:
        asked = content.check(document)
    except BrokenContent as error:
        raise Malformed(f"This is no questionnaire. {error}", code="broken_content") from error
    template, _ = Template.objects.get_or_create(
        code=document["code"], defaults={"title": asked.title}
    )
    Template.objects.select_for_update().get(pk=template.pk)
    sha256 = digest_of(document)
    known = template.versions.filter(sha256=sha256).first()
    if known is not None:
        return known
    newest = template.newest
    if newest is not None:
        _refuse_wrong_successor(newest, document["version"], asked)
    version = TemplateVersion.objects.create(
        template=template,
        number=newest.number + 1 if newest else 1,
        document=dict(document),
        sha256=sha256,
        author=author,
        published_by_id=by.person_id,
    )
    record(
        QuestionnaireEvent.PUBLISHED,
        version,
        by=by,
        code=template.code,
        number=version.number,
        version=version.semver,
    )
    return version


def _refuse_wrong_successor(newest: TemplateVersion, semver: str, asked: Content) -> None:
    """Keep versions in order and keys stable: answers are carried from one to the next by key."""
    if semver_of(semver) <= semver_of(newest.semver):
        raise NotLater(f"Version {newest.semver} is published. Give this one a later number.")
    before = newest.content.by_key
    for question in asked.questions:
        old = before.get(question.key)
        if old is not None and old.kind != question.kind:
            raise KeyChanged(
                f"“{question.key}” was a question of the kind {old.kind}. Give the new question a "
                "key of its own."
            )
