"""The words of an arrangement."""

from __future__ import annotations

from django.db import models

# What a young adult is asked again for: a guardian had said yes.
OF_AGE = "of_age"
# Why something is paused that its guardian can no longer answer for.
GUARDIAN_GONE = "guardian_gone"


class Attention(models.TextChoices):
    """Why a customer should look at something that runs."""

    ASKED_AGAIN = "asked_again"
    GUARDIAN_GONE = "guardian_gone"
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
