"""What is missing of an operation, as conditions that the database compares."""

from __future__ import annotations

from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from catalog.apis.models import Api, ApiVersion, Field, Operation
from catalog.scopes.models import Depth

_FIELDS = Field.objects.filter(operation=OuterRef("pk"))
# An answer without fields has nothing to be classified.
IS_CLASSIFIED = Q(Exists(_FIELDS.filter(depth__isnull=False))) | ~Exists(_FIELDS)
HAS_OWNER = Q(owner__isnull=False) | Q(version__api__owner__isnull=False)
# What needs no token is open on purpose, as long as it reveals nothing.
HAS_SCOPE = ~Q(scopes=[]) | Q(security=[], depth=Depth.PUBLIC)
# As usage and decisions name it.
KEY = Concat(
    "version__api__slug", Value("/"), "version__label", Value("/"), "slug", output_field=CharField()
)


def exposed(*, at: datetime) -> QuerySet[Operation]:
    """Return the operations that callers can reach at that instant, with their keys."""
    versions = ApiVersion.objects.answering(at=at).filter(api__status__in=Api.PUBLIC_STATUSES)
    return Operation.objects.filter(version__in=versions).annotate(usage_key=KEY)
