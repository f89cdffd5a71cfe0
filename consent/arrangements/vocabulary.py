"""The words of an arrangement."""

from __future__ import annotations

from django.db import models


class Attention(models.TextChoices):
    """Why a customer should look at something that runs."""

    ASKED_AGAIN = "asked_again"
    APP_SUSPENDED = "app_suspended"
    ENDS_SOON = "ends_soon"


class Duration(models.TextChoices):
    """For how long: once only, which is over within the hour, or until an instant."""

    ONE_TIME = "one_time"
    FIXED = "fixed"


class Management(models.TextChoices):
    """What an application asks to be done with what it may already see (Grant Management §5)."""

    CREATE = "create"
    MERGE = "merge"
    REPLACE = "replace"
