from __future__ import annotations

from typing import Any

from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import Assignment
from portal.access.actors import Actor
from portal.events.log import Fact, record


def tell(kind: QuestionnaireEvent, assignment: Assignment, *, by: Actor, **facts: Fact) -> None:
    """Record what happened to an assignment, with whose it is and in which round."""
    about: dict[str, Any] = {
        "organization_id": assignment.organization_id,
        "round": assignment.round,
        **facts,
    }
    record(kind, assignment, by=by, **about)
