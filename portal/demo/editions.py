"""A second edition of the public directory, and the announced end of the first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes import ending
from catalog.specs import actions as specs
from portal.access.actors import Actor
from portal.demo import impact
from portal.events import log

GUIDE = "Read `phone_number` where you read `phone`. Everything else stays as it was."


def publish_second(first: Path, *, keeper: Actor, officer: Actor) -> None:
    """Publish it with one field renamed, and say half a year before when the first one ends."""
    text = first.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 2.0.0", 1)
    # The field and its place among the required ones; its examples and words stay.
    text = text.replace("place, phone]", "place, phone_number]")
    text = text.replace("        phone:\n", "        phone_number:\n")
    revision = specs.import_document(text.encode(), by=keeper, source="practitioners.v2.yaml")
    assert revision.version is not None, revision.reason  # noqa: S101 - the demo's own
    impact.assess(revision.version, author=keeper, officer=officer)
    specs.publish_version(revision.version, by=keeper)
    log.deliver_due()
    now = timezone.now()
    ending.announce_deprecation(
        ApiVersion.objects.get(api=revision.version.api, label="v1"),
        by=keeper,
        deprecated_at=now,
        sunset_at=now + timedelta(days=200),
        successor=revision.version,
        guide=GUIDE,
    )
    log.deliver_due()
