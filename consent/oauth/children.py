"""What a child is shown: what their guardian allowed, or how to ask them; nothing that tempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from consent.arrangements.models import ArrangementVersion, Customer, Duration, Management
from consent.arrangements.periods import ONCE, Period, periods_for
from consent.arrangements.terms import clusters_of
from consent.arrangements.wording import NEVER_SEEN
from consent.minors.models import Guardianship
from consent.minors.questions import (
    contents,
    is_minor,
    profiling,
    standing_approval,
    waiting_approval,
)
from consent.oauth.wishes import Wishes
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.accounts.models import User

ALLOWED = "allowed"


class Step(StrEnum):
    """Where the question stands: to be asked, allowed in part at least, or never to be asked."""

    ASK = "ask"
    CHOOSE = "choose"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Stage:
    """How a question is put to a child: with which of the uses, and until when at most."""

    step: Step
    uses: tuple[Use, ...]
    words: tuple[str, ...]
    ends_at: datetime | None = None


def stage_for(
    customer: Customer,
    client: Client,
    uses: Sequence[Use],
    wishes: Wishes | None,
    *,
    signs_in: bool,
    kept: Collection[str] = (),
    at: datetime,
) -> Stage | None:
    """Return how a child is asked at that instant; None for who decides alone.

    `kept` are scopes that somebody of this age shares with nobody: where the application needs one
    of them, nobody is asked.
    """
    if any(use.is_required and use.scope in kept for use in uses):
        return Stage(Step.BLOCKED, (), _too_young_words(client))
    if not is_minor(customer.user, at=at):
        return None
    blocked = profiling(uses)
    if any(use.is_required and use.scope in blocked for use in uses):
        return Stage(Step.BLOCKED, (), _blocked_words(client))
    asked = [use for use in uses if use.cluster_code and use.scope not in {*blocked, *kept}]
    approval = standing_approval(customer.user, client, at=at)
    if approval is not None and (approval.signs_in or not signs_in):
        details = [detail.as_json() for detail in wishes.details] if wishes else []
        allowed = approval.allows(contents(asked, clusters_of(asked)), details)
        shown = tuple(use for use in asked if use.scope in allowed)
        if all(use.scope in allowed for use in asked if use.is_required) and (shown or signs_in):
            return Stage(Step.CHOOSE, shown, _allowed_words(), approval.ends_at)
    # What the app could do without is not put before a child; the guardian sees all of it.
    needed = tuple(use for use in asked if use.is_required)
    return Stage(Step.ASK, needed, _asking_words(customer.user, client, at=at))


def put(
    notice: dict[str, Any],
    stage: Stage,
    wishes: Wishes | None,
    *,
    at: datetime,
    running: ArrangementVersion | None,
) -> dict[str, Any]:
    """Return the notice as a child is shown it."""
    notice = notice | {"child": {"step": str(stage.step), "words": list(stage.words)}}
    if stage.step != Step.CHOOSE:
        left = {name: value for name, value in notice.items() if name != "resources"}
        for line in left["needed"]:
            line["needs_tick"] = False
        # A guardian may allow more than what stands here, so only what holds anyhow is promised.
        return left | {"periods": [], "unseen": [str(words) for words in NEVER_SEEN]}
    management = wishes.management if wishes is not None else ""
    until = stage.ends_at or at
    offered = [one for one in periods_for((), at=at) if one.code == ONCE]
    if running is not None and management != Management.CREATE:
        # “Once” would end what runs within the hour, and what joins it makes nothing longer.
        offered = [] if running.duration == Duration.FIXED else offered
        until = min(until, running.ends_at) if management == Management.MERGE else until
    offered.append(Period(ALLOWED, _("As long as you may"), until))
    shortened = [replace(one, ends_at=min(one.ends_at, until)) for one in offered]
    return notice | {"periods": [period.as_json() for period in shortened]}


def waits_for_another(notice: Mapping[str, Any]) -> bool:
    """Whether a yes to what was shown only asks somebody else."""
    return bool(notice.get("child")) and notice["child"]["step"] != Step.CHOOSE


def _asking_words(child: User, client: Client, *, at: datetime) -> tuple[str, ...]:
    words = [
        _("You are under %(age)d. A parent or guardian decides with you.")
        % {"age": settings.AGE_OF_CONSENT},
        _("Ask them, and they see what the app would like. Nothing is shared now."),
    ]
    if not Guardianship.objects.live().filter(child=child).exists():
        words.append(
            _("Nobody is linked to your account yet. Ask a parent or guardian to call %(phone)s.")
            % {"phone": settings.HOLDER["phone"]}
        )
    elif waiting_approval(child, client, at=at):
        words.append(_("You have asked already. They have not answered yet."))
    return tuple(words)


def _allowed_words() -> tuple[str, ...]:
    return (
        _("Your parent or guardian said yes to what stands here, and to nothing else."),
        _("You still choose yourself. You can say no, and you can stop it later."),
    )


def _too_young_words(client: Client) -> tuple[str, ...]:
    return (
        _("%(app)s needs data that nobody of your age may share, not even with a parent.")
        % {"app": client.application.name},
        _("So this is not for you yet, and nothing is shared."),
    )


def _blocked_words(client: Client) -> tuple[str, ...]:
    app = {"app": client.application.name}
    return (
        _("%(app)s makes a picture of the people who use it: what they do and what they like.")
        % app,
        _("Nobody may do that with children. So this is not for you yet, and nothing is shared."),
    )
