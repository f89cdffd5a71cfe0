from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consent.notices.events import NoticeEvent
from consent.notices.models import FALLBACK, PRIVACY, Notice, in_language
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed
from portal.events.log import record


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in one language; `text` is Markdown."""

    title: str
    text: str


class TooEarly(Conflict):
    """A version that would take effect before the one it follows."""

    code = "notice_too_early"


@transaction.atomic
def publish_notice(
    words: Mapping[str, Words],
    *,
    by: Actor,
    is_material: bool,
    effective_at: datetime | None = None,
    code: str = PRIVACY,
) -> list[Notice]:
    """Publish the next version in all its languages; from `effective_at` on it is what counts.

    A published text is never changed: a correction is a version. Versions take effect in their
    order, and never in the past.
    """
    require(by, Permission.PUBLISH_NOTICE)
    if FALLBACK not in words or any(not one.title or not one.text for one in words.values()):
        raise Malformed("A notice has a title and a text, in English at least.")
    _take_turns(code)
    now = timezone.now()
    starts = max(effective_at or now, now)
    last = Notice.objects.filter(code=code).order_by("-version").first()
    if last is not None and starts < last.effective_at:
        raise TooEarly(f"Version {last.version} takes effect later than that.")
    published = [
        Notice.objects.create(
            code=code,
            version=last.version + 1 if last else 1,
            locale=locale,
            title=one.title,
            text=one.text,
            sha256=hashlib.sha256(one.text.encode()).hexdigest(),
            is_material=is_material,
            effective_at=starts,
            published_at=now,
        )
        for locale, one in sorted(words.items())
    ]
    record(
        NoticeEvent.PUBLISHED,
        published[0],
        by=by,
        code=code,
        version=published[0].version,
        locales=sorted(words),
        is_material=is_material,
        effective_at=starts.isoformat(),
    )
    return published


def reference_to(*, language: str, at: datetime, code: str = PRIVACY) -> dict[str, Any] | None:
    """Return what a screen keeps of the notice it shows, or nothing while none is published."""
    notice = in_language(Notice.objects.in_force(at=at, code=code), language)
    if notice is None:
        return None
    return {
        "code": notice.code,
        "version": notice.version,
        "locale": notice.locale,
        "title": notice.title,
        "effective_at": notice.effective_at.astimezone(UTC).isoformat(),
        "sha256": notice.sha256,
        "url": f"{settings.ISSUER}{notice.get_absolute_url()}",
    }


def referred(reference: Mapping[str, Any] | None) -> Notice | None:
    """Return the notice that a screen showed, whatever counts by now."""
    if not reference:
        return None
    named = {name: reference[name] for name in ("code", "version", "locale")}
    return Notice.objects.get(**named)


def is_outdated(reference: Mapping[str, Any] | None, *, at: datetime) -> bool:
    """Whether a material version has taken effect since the screen was shown."""
    version = reference["version"] if reference else 0
    code = reference["code"] if reference else PRIVACY
    return Notice.objects.material_since(version, at=at, code=code).exists()


def _take_turns(code: str) -> None:
    # Two officers at once would both write the same number, and one would see an error page.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"consent.notices:{code}"])
