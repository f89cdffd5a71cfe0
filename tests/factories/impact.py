"""Assessments that are whole, from the first answer to the officer's signature."""

from __future__ import annotations

from catalog.apis.models import ApiVersion
from catalog.impact.actions import (
    decide_assessment,
    open_assessment,
    submit_assessment,
    write_assessment,
)
from catalog.impact.models import Assessment
from catalog.impact.questions import CODES, Level, Risk
from portal.access.actors import Actor, Role
from tests.factories.people import staff

ANSWERS = dict.fromkeys(CODES, "As our demo world says.")
RISKS = [Risk("Somebody reads it who should not.", Level.LOW, Level.HIGH, "Scopes and consent.")]
OPINION = "Each field has its reason, and customers can stop it."


def written(version: ApiVersion, *, by: Actor | None = None) -> Assessment:
    """Return an assessment of the version that answers all that is asked."""
    author = by or staff(Role.CATALOG)
    assessment = open_assessment(version, by=author)
    write_assessment(assessment, by=author, answers=ANSWERS, risks=RISKS)
    return assessment


def submitted(version: ApiVersion, *, by: Actor | None = None) -> Assessment:
    author = by or staff(Role.CATALOG)
    assessment = written(version, by=author)
    submit_assessment(assessment, by=author)
    return assessment


def assessed(version: ApiVersion, *, by: Actor | None = None) -> Assessment:
    """Return the version's assessment with a privacy officer's yes."""
    assessment = submitted(version)
    decide_assessment(assessment, by=by or staff(Role.PRIVACY), opinion=OPINION, is_approved=True)
    return assessment
