"""What Ines wrote about each API before it was published, and what Mina said to it."""

from __future__ import annotations

from catalog.apis.models import ApiVersion
from catalog.impact import actions
from catalog.impact.exposure import exposure_of
from catalog.impact.questions import Level, Risk
from portal.access.actors import Actor

ANSWERS = {
    "why": "Customers let an app do what they do by hand today, and stop it whenever they like.",
    "whose": "Customers with an account. Some are ill, so nothing here is shown before they agree.",
    "least": "Free text, exact addresses and numbers that lead elsewhere are left out or masked.",
    "who_receives": "Partners whose security answers were approved by two people, each for the"
    " purposes that they named.",
    "how_long": "No longer than the vocabulary says for each kind of data. Partners attest what"
    " they deleted.",
    "control": "Each kind of data is ticked on its own. The next call after a stop is refused.",
    "asked": "Eight customers tried the screens, and Priya read the description before you.",
}
RISKS = [
    Risk(
        "An app shows somebody else what a customer takes.",
        Level.LOW,
        Level.HIGH,
        "Short periods, one kind of data at a time, and a list of all that was read.",
    ),
    Risk(
        "Two partners put their data about one person together.",
        Level.MEDIUM,
        Level.MEDIUM,
        "Each application gets names and numbers of its own.",
    ),
]
OPINION = (
    "Each field has its purpose and its end, and nothing is shared that nobody ticked."
    " Look again when the next kind of data is added."
)


def assess(version: ApiVersion, *, author: Actor, officer: Actor) -> None:
    """Let the owner write and the officer sign, where something is revealed about people."""
    if not exposure_of(version):
        return
    assessment = actions.open_assessment(version, by=author)
    actions.write_assessment(assessment, by=author, answers=ANSWERS, risks=RISKS)
    actions.submit_assessment(assessment, by=author)
    actions.decide_assessment(assessment, by=officer, opinion=OPINION, is_approved=True)
