"""What the portal itself tells customers about their data: each version in the words shown."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Max, Subquery
from django.urls import reverse
from django.utils import timezone

from portal.triggers import as_written, never_emptied

PRIVACY = "privacy"
# The language that every version has: who reads another one gets this rather than an older text.
FALLBACK = "en"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def in_force(self, *, at: datetime, code: str = PRIVACY) -> Self:
        """Return the texts, one in each language, of the version that counts at that instant."""
        started = self.filter(code=code, effective_at__lte=at)
        newest = started.values("code").annotate(newest=Max("version")).values("newest")
        return started.filter(version=Subquery(newest))

    def material_since(self, version: int, *, at: datetime, code: str = PRIVACY) -> Self:
        """Return what has taken effect after that version and changes what people agreed to."""
        return self.filter(code=code, version__gt=version, effective_at__lte=at, is_material=True)


class Notice(models.Model):
    """One version of a notice in one language, as it was shown: immutable.

    `is_material` says that it changes what people agreed to, so that whoever has a screen with an
    older one open is asked anew. `sha256` is over the text as UTF-8.
    """

    code = models.SlugField(max_length=40, default=PRIVACY)
    version = models.PositiveIntegerField()
    locale = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    is_material = models.BooleanField()
    effective_at = models.DateTimeField()
    published_at = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version", "locale"], name="notice_once_per_language"
            ),
        ]
        triggers = [
            as_written("notice_immutable"),
            never_emptied("notice_keep_all", what="the notices"),
        ]

    def __str__(self) -> str:
        return f"{self.code}@{self.version} ({self.locale})"

    def get_absolute_url(self) -> str:
        return reverse("notices:version", args=[self.version])


def in_language(notices: models.QuerySet[Notice], language: str) -> Notice | None:
    """Return the text for who reads that language (BCP 47): exactly, broadly, or in English."""
    texts = {notice.locale: notice for notice in notices}
    wanted = (language, language.partition("-")[0], FALLBACK)
    return next((texts[locale] for locale in wanted if locale in texts), None)
