from __future__ import annotations

from typing import Any

from consent.notices.actions import Words, publish_notice
from consent.notices.models import Notice
from portal.access.actors import SYSTEM

ENGLISH = Words("How we handle your data", "## What we keep\n\nOnly what you see here.")
FRENCH = Words("Comment nous traitons vos données", "## Ce que nous gardons\n\nRien d’autre.")


def published(**changes: Any) -> Notice:
    """Publish the next version of the privacy notice and return its English text."""
    changes = {"words": {"en": ENGLISH}, "by": SYSTEM, "is_material": True} | changes
    notices = publish_notice(changes.pop("words"), **changes)
    return next(notice for notice in notices if notice.locale == "en")
