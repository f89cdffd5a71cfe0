"""The special categories of personal data (GDPR Art. 9 (1)), as a description names them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Special(models.TextChoices):
    """Data about these is shared by explicit consent alone: by a tick of its own."""

    RACE = "racial_or_ethnic_origin", _("racial or ethnic origin")
    POLITICS = "political_opinions", _("political opinions")
    BELIEFS = "religious_or_philosophical_beliefs", _("religious or philosophical beliefs")
    UNION = "trade_union_membership", _("trade union membership")
    GENETIC = "genetic", _("genetic data")
    BIOMETRIC = "biometric", _("biometric data")
    HEALTH = "health", _("health")
    SEXUALITY = "sex_life_or_orientation", _("sex life or sexual orientation")
