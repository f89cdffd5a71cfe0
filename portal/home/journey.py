"""How far a partner is on the way to the first live call. Pure: facts in, steps out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from portal.ui.addresses import address


class State(StrEnum):
    DONE = "done"
    CURRENT = "current"
    OPEN = "open"
    WAITING = "waiting"
    LOCKED = "locked"


class Questions(StrEnum):
    """Where the security questionnaire is."""

    NONE = "none"
    OPEN = "open"
    RETURNED = "returned"
    SENT = "sent"
    REJECTED = "rejected"


class Production(StrEnum):
    """Where the wish for real customers' data is."""

    NONE = "none"
    ASKED = "asked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Way:
    """Where the next move of a step is made: the name of a page, its arguments, the button."""

    page: str
    action: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    joined_at: datetime
    approved_at: datetime | None = None
    application_slug: str = ""
    application_name: str = ""
    registered_at: datetime | None = None
    has_called_sandbox: bool = False
    questions: Questions = Questions.NONE
    answered_count: int = 0
    question_count: int = 0
    production: Production = Production.NONE
    has_called_production: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`note` says with whom the step is and how long it takes, once it is done `done_at` stands."""

    title: str
    state: State
    note: str = ""
    detail: str = ""
    done_at: datetime | None = None
    way: Way | None = None
    progress: tuple[int, int] | None = None

    @property
    def address(self) -> str:
        return address(self.way.page, *self.way.args) if self.way else ""


@dataclass(frozen=True, slots=True)
class Journey:
    steps: tuple[Step, ...]

    @property
    def left_count(self) -> int:
        return sum(step.state is not State.DONE for step in self.steps)


def journey(facts: Facts) -> Journey:
    """Return the steps in order; the first that is with the partner is the current one."""
    steps = []
    has_current = False
    for step in _steps(facts):
        if step.state is State.CURRENT and has_current:
            step = replace(step, state=State.OPEN)  # noqa: PLW2901 - the same step, later
        has_current = has_current or step.state is State.CURRENT
        steps.append(step)
    return Journey(tuple(steps))


def _steps(facts: Facts) -> Iterator[Step]:
    yield Step("Create your organisation", State.DONE, done_at=facts.joined_at)
    yield _application(facts)
    yield _sandbox(facts)
    yield _questionnaire(facts)
    yield _review(facts)
    yield _access(facts)
    yield _live(facts)


def _application(facts: Facts) -> Step:
    title = "Register an application"
    if facts.application_slug:
        name = facts.application_name
        return Step(title, State.DONE, detail=name, done_at=facts.registered_at)
    return Step(
        title,
        State.CURRENT,
        "About 5 min, with you",
        "Say what it does and which data it needs. A sandbox client works at once.",
        way=Way("applications:register", "Register an application"),
    )


def _sandbox(facts: Facts) -> Step:
    title = "Call the sandbox"
    if facts.has_called_sandbox:
        return Step(title, State.DONE)
    if not facts.application_slug:
        return Step(title, State.LOCKED, "About 10 min, with you")
    return Step(
        title,
        State.CURRENT,
        "About 10 min, with you",
        "Make a secret, ask for a token and read what a made-up customer shares.",
        way=Way("applications:credentials", "Make a secret", (facts.application_slug, "sandbox")),
    )


def _questionnaire(facts: Facts) -> Step:
    title = "Answer the security questionnaire"
    if facts.approved_at or facts.questions in {Questions.SENT, Questions.REJECTED}:
        return Step(title, State.DONE)
    detail = "You can stop at any time: every answer is kept as you give it."
    if facts.questions is Questions.RETURNED:
        detail = "Our reviewer asks you to look at some answers again."
    return Step(
        title,
        State.CURRENT,
        "About 10 min, with you",
        detail,
        way=Way("questionnaires:home", "Answer" if not facts.answered_count else "Continue"),
        progress=(facts.answered_count, facts.question_count) if facts.question_count else None,
    )


def _review(facts: Facts) -> Step:
    title = "We review your answers"
    if facts.approved_at:
        return Step(title, State.DONE, done_at=facts.approved_at)
    if facts.questions is Questions.REJECTED:
        return Step(title, State.LOCKED, detail="We said no this time. Your notices say why.")
    state = State.WAITING if facts.questions is Questions.SENT else State.LOCKED
    return Step(title, state, "Usually 2 working days, with us")


def _access(facts: Facts) -> Step:
    title = "Get production access"
    if facts.production is Production.OPEN:
        return Step(title, State.DONE)
    detail = "For the data that your application needs. Two of us look when it is sensitive."
    if facts.production is Production.ASKED:
        return Step(title, State.WAITING, "Usually the same day, with us", detail)
    if not (facts.approved_at and facts.application_slug):
        return Step(title, State.LOCKED, "Usually the same day, with us", detail)
    way = Way("subscriptions:request", "Ask for access", (facts.application_slug,))
    return Step(title, State.CURRENT, "About 5 min, with you", detail, way=way)


def _live(facts: Facts) -> Step:
    title = "Make your first live call"
    if facts.has_called_production:
        return Step(title, State.DONE)
    note = "About 10 min, with you"
    detail = "Swap the client and its secret, and ask one real customer for consent."
    if facts.production is not Production.OPEN:
        return Step(title, State.LOCKED, note, detail)
    slug = facts.application_slug
    way = Way("applications:credentials", "Make a production secret", (slug, "production"))
    return Step(title, State.CURRENT, note, detail, way=way)
