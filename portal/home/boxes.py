"""The five things between a partner and production. Pure: facts in, boxes out.

Each box says where it is, with whom, since when, and what happens next: nobody has to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.ui.addresses import address


class State(StrEnum):
    YOURS = "yours"
    OURS = "ours"
    RETURNED = "returned"
    REFUSED = "refused"
    DONE = "done"
    LATER = "later"


class Found(StrEnum):
    """Where something that we decide on is: the answers, or the wish for access."""

    NONE = "none"
    OPEN = "open"
    RETURNED = "returned"
    SENT = "sent"
    REFUSED = "refused"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of something that we decide on; `since` is when it came to be so."""

    found: Found = Found.NONE
    since: datetime | None = None
    due_at: datetime | None = None
    reason: str = ""
    # What its page is called in the address.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    joined_at: datetime
    introduced_at: datetime | None = None
    has_domain: bool = False
    application: str = ""
    agreements: Decided = Decided()
    answers: Decided = Decided()
    answered_at: datetime | None = None
    access: Decided = Decided()


@dataclass(frozen=True, slots=True)
class Way:
    """Where the next move is made: the name of a page, its arguments, and the button's words."""

    page: str
    words: str
    args: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return address(self.page, *self.args)


@dataclass(frozen=True, slots=True)
class Box:
    """`waits_for` is who moves next, in words; `since` is how long that has been so."""

    title: str
    state: State
    waits_for: str
    next: str
    since: datetime | None = None
    due_at: datetime | None = None
    reason: str = ""
    way: Way | None = None


YOU = "You"
US = "Meridian"
NOBODY = ""


def boxes(facts: Facts) -> tuple[Box, ...]:
    """Return the five boxes, always in this order."""
    return (
        _organization(facts),
        _agreements(facts),
        _answers(facts),
        _sandbox(facts),
        _access(facts),
    )


def _organization(facts: Facts) -> Box:
    title = "Organisation"
    if facts.introduced_at is None:
        return Box(
            title,
            State.YOURS,
            YOU,
            "Say who you are: the name that customers and our reviewers will know you by.",
            since=facts.joined_at,
            way=Way("organizations:join", "Say who you are"),
        )
    if not facts.has_domain:
        return Box(
            title,
            State.DONE,
            NOBODY,
            "Prove that a domain is yours, if your people are to sign in your way.",
            since=facts.introduced_at,
            way=Way("organizations:domains", "Prove a domain"),
        )
    return Box(title, State.DONE, NOBODY, "Nothing.", since=facts.introduced_at)


def _agreements(facts: Facts) -> Box:
    title, agreements = "Agreements", facts.agreements
    if agreements.found is not Found.OPEN:
        return Box(title, State.DONE, NOBODY, "Nothing.", since=agreements.since)
    return Box(
        title,
        State.YOURS,
        YOU,
        "An owner or a signer of yours reads and accepts what is in force.",
        since=agreements.since,
        due_at=agreements.due_at,
        way=Way("agreements:list", "Read and accept"),
    )


def _answers(facts: Facts) -> Box:
    title, answers = "Security questions", facts.answers
    if answers.found is Found.APPROVED:
        return Box(title, State.DONE, NOBODY, "Nothing.", since=answers.since)
    if answers.found is Found.SENT:
        return Box(
            title,
            State.OURS,
            US,
            "A reviewer reads your answers and tells you.",
            since=answers.since,
            due_at=answers.due_at,
        )
    if answers.found is Found.REFUSED:
        return Box(
            title,
            State.REFUSED,
            YOU,
            "Read why. When that has changed, write to us, and you answer anew.",
            since=answers.since,
            reason=answers.reason,
            way=Way("questionnaires:home", "See your answers"),
        )
    if answers.found is Found.RETURNED:
        return Box(
            title,
            State.RETURNED,
            YOU,
            "Look at the answers that our reviewer asks about, and send them again.",
            since=answers.since,
            reason=answers.reason,
            way=Way("questionnaires:home", "Look at them again"),
        )
    if answers.found is Found.NONE:
        return Box(title, State.LATER, NOBODY, "We put the questions together in a moment.")
    return Box(
        title,
        State.YOURS,
        YOU,
        "Answer them. You can stop at any time: every answer is kept as you give it.",
        since=answers.since,
        way=Way("questionnaires:home", "Answer"),
    )


def _sandbox(facts: Facts) -> Box:
    title = "Sandbox"
    if facts.answered_at is not None:
        return Box(title, State.DONE, NOBODY, "Nothing.", since=facts.answered_at)
    if not facts.application:
        way = Way("applications:register", "Register an application")
        return Box(title, State.YOURS, YOU, "Register an application.", facts.joined_at, way=way)
    return Box(
        title,
        State.YOURS,
        YOU,
        "Call the sandbox with your application. This turns green by itself.",
        since=facts.joined_at,
        way=Way("sandbox:first_call", "Make the first call"),
    )


def _access(facts: Facts) -> Box:
    title, access = "Access", facts.access
    ask = Way("subscriptions:request", "Ask for access", (facts.application,))
    if access.found is Found.APPROVED:
        return Box(title, State.DONE, NOBODY, "Register a key and go live.", since=access.since)
    if access.found is Found.SENT:
        return Box(
            title,
            State.OURS,
            US,
            "We look at what you asked for. Two of us do when it is sensitive.",
            since=access.since,
            due_at=access.due_at,
            way=Way(
                "subscriptions:access_request", "See the request", (facts.application, access.name)
            ),
        )
    if access.found is Found.REFUSED:
        return Box(
            title,
            State.REFUSED,
            YOU,
            "Change what you ask for, and ask again.",
            since=access.since,
            reason=access.reason,
            way=Way("applications:scopes", "Change what you ask for", (facts.application,)),
        )
    if facts.answers.found is not Found.APPROVED or not facts.application:
        return Box(title, State.LATER, NOBODY, "You ask once we have approved your answers.")
    return Box(
        title,
        State.YOURS,
        YOU,
        "Ask for the data that your application needs, and no more.",
        since=facts.answers.since,
        way=ask,
    )
