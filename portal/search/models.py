from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.guides.models import Guide
from catalog.scopes.models import Depth


class Kind(models.IntegerChoices):
    API = 1, "APIs"
    OPERATION = 2, "Operations"
    FIELD = 3, "Fields"
    SCOPE = 4, "Scopes"
    PART = 5, "Messages, types and calls"
    GUIDE = 6, "Guides"


class Flow(models.TextChoices):
    """How a program gets in, as a reader chooses by it."""

    CUSTOMER = "customer", "A customer agrees"
    APPLICATION = "application", "The application alone"
    OPEN = "open", "No token"


class Document(models.Model):
    """Something that can be found, as it is shown in a list, beside the words that find it.

    Who may see it is never written here: every question asks the version itself, or the guide.
    """

    kind = models.PositiveSmallIntegerField(choices=Kind)
    # A guide is of no version, and may be for all APIs.
    api = models.ForeignKey(Api, models.CASCADE, null=True, related_name="+")
    version = models.ForeignKey(ApiVersion, models.CASCADE, null=True, related_name="+")
    guide = models.ForeignKey(Guide, models.CASCADE, null=True, related_name="+")
    operation = models.ForeignKey(Operation, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=200)
    # A second line: the path of an operation, where a field is found, what a scope is for.
    note = models.CharField(max_length=500, blank=True, default="")
    method = models.CharField(max_length=8, blank=True, default="")
    address = models.CharField(max_length=700)
    depth = models.PositiveSmallIntegerField(choices=Depth, null=True)
    # Empty where nothing is called.
    flow = models.CharField(max_length=12, choices=Flow, blank=True, default=Flow.OPEN)
    scope = models.CharField(max_length=80, blank=True, default="")
    # In how many operations a field of this name stands.
    place_count = models.PositiveIntegerField(default=1)
    # Few words, by which hits are ranked; reading the long ones of every hit would cost far more.
    head = SearchVectorField()
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="document_of_a_version_or_a_guide",
                condition=Q(version__isnull=False, api__isnull=False, guide__isnull=True)
                | Q(version__isnull=True, guide__isnull=False),
            ),
        ]
        indexes = [
            *(
                GinIndex(
                    fields=["words"],
                    name=f"search_{kind.name.lower()}_words",
                    condition=Q(kind=kind),
                    fastupdate=False,
                )
                for kind in Kind
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Word(models.Model):
    """A word that stands somewhere, under each of its spellings with up to two letters left out."""

    word = models.CharField(max_length=24, primary_key=True)
    spellings = ArrayField(models.CharField(max_length=8))

    class Meta:
        indexes = [GinIndex(fields=["spellings"], name="search_word_spellings", fastupdate=False)]

    def __str__(self) -> str:
        return self.word


class MissQuerySet(models.QuerySet["Miss"]):
    def told(self) -> Self:
        """Return what enough visitors looked for that its words may be read."""
        return self.exclude(term="")


class Miss(models.Model):
    """What was searched for and not found. Nobody who searched is in here.

    Until several visitors asked the same, not even its words are: only a keyed digest, and one
    for each visitor that fits this question alone.
    """

    ENOUGH = 3

    digest = models.BinaryField(unique=True)
    visitors = ArrayField(models.BinaryField(), default=list)
    visitor_count = models.PositiveIntegerField(default=1)
    term = models.CharField(max_length=200, blank=True, default="")
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    objects = MissQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="miss_words_need_several_visitors",
                condition=Q(term="") | Q(visitor_count__gte=3),
            ),
        ]
        indexes = [models.Index(fields=["-visitor_count", "-last_at"], name="miss_by_weight")]

    def __str__(self) -> str:
        return self.term or "not enough visitors"
