from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.imports.models import ImportDocument

KEPT_FOR = timedelta(days=7)


def forget_old_bodies() -> int:
    """Let go of what was sent and never read: after a week nobody tries it again."""
    old = ImportDocument.objects.filter(ended_at__lt=timezone.now() - KEPT_FOR)
    return old.exclude(body=None).update(body=None)
