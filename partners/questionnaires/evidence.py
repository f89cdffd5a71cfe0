"""What this slice has to know of files that partners hand in; who keeps the files tells it.

Until somebody does, no file is known: a question for files takes no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from partners.questionnaires.models import Assignment


class Keeper(Protocol):
    """Keeps the files of organizations, each under a reference that is a text."""

    def offered(self, organization_id: int) -> Sequence[tuple[str, str]]:
        """Return the references and names of the files that an answer may name."""

    def known(self, organization_id: int, references: Sequence[str]) -> set[str]:
        """Return which of them are files that this organization handed in."""

    def objections(
        self, assignment: Assignment, files: Mapping[str, Sequence[str]], *, at: datetime
    ) -> Mapping[str, str]:
        """Return why answers cannot be sent, by key of the question; `files` are those named.

        Not only files that answers name may object: also any that hangs on an answer otherwise.
        """

    def fresh(
        self, organization_id: int, references: Sequence[str], *, since: datetime | None
    ) -> list[str]:
        """Return which of them are still good to hand in again, and not older than `since`."""


class _Nobody:
    def offered(self, organization_id: int) -> Sequence[tuple[str, str]]:  # noqa: ARG002 - the protocol's
        return ()

    def known(self, organization_id: int, references: Sequence[str]) -> set[str]:  # noqa: ARG002 - the protocol's
        return set()

    def objections(
        self,
        assignment: Assignment,  # noqa: ARG002 - the protocol's
        files: Mapping[str, Sequence[str]],  # noqa: ARG002 - the protocol's
        *,
        at: datetime,  # noqa: ARG002 - the protocol's
    ) -> Mapping[str, str]:
        return {}

    def fresh(
        self,
        organization_id: int,  # noqa: ARG002 - the protocol's
        references: Sequence[str],  # noqa: ARG002 - the protocol's
        *,
        since: datetime | None,  # noqa: ARG002 - the protocol's
    ) -> list[str]:
        return []


_keeper: Keeper = _Nobody()


def keep_with(keeper: Keeper) -> None:
    """Let the slice that keeps files be asked from now on."""
    global _keeper  # noqa: PLW0603 - one keeper for the process, named when it starts
    _keeper = keeper


def keeper() -> Keeper:
    return _keeper
