"""Many small decisions with one reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from partners.reviews.actions import cast_vote
from partners.reviews.models import Review, Verdict
from portal.access.actors import Actor
from portal.errors import Conflict, Refused

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    decided: list[Review] = field(default_factory=list)
    refused: list[tuple[Review, str]] = field(default_factory=list)


def decide_together(
    seen: Mapping[int, str], *, by: Actor, verdict: Verdict, reason: str
) -> Outcome:
    """Decide each by itself, as if it were opened, and say which could not be.

    `seen` has the digest of what was shown for each review. What needs two people is read one by
    one, so it is never among them.
    """
    if not seen or len(seen) > AT_ONCE:
        raise Refused(f"Choose up to {AT_ONCE} of them.", code="choose_fewer")
    if not reason.strip():
        why = "Give one reason for all of them. The partners read it."
        raise Refused(why, code="reason_needed", errors={"reason": [why]})
    outcome = Outcome()
    for review in Review.objects.filter(pk__in=seen).with_story().order_by("due_at", "pk"):
        try:
            if not review.can_be_decided_together:
                raise Conflict("Two people have to read it.", code="needs_two")
            cast_vote(review, by=by, verdict=verdict, reason=reason, digest=seen[review.pk])
        except Refused as refusal:
            outcome.refused.append((review, str(refusal)))
        else:
            outcome.decided.append(review)
    return outcome
