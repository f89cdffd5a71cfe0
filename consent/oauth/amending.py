"""What is different on a screen that asks about something which runs already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from consent.arrangements.models import ArrangementVersion, Item
from consent.arrangements.wording import line_of_item
from consent.oauth.models import AuthorizationIntent

NEW, CHANGED, SAME = "new", "changed", "same"
# What a person would call a change of what they agreed to.
_SAID = ("cluster", "summary", "permissions", "why", "kept_for", "look_back", "is_required")


def mark_differences(
    notice: Mapping[str, Any], running: ArrangementVersion, *, keeps_the_rest: bool
) -> dict[str, Any]:
    """Return the notice with what is new, what changed and from what, and what falls away.

    Only differences are marked, so that nobody has to look for them; what `keeps_the_rest` adds to
    what runs takes nothing away.
    """
    before = _lines_of(running)
    asked = [*notice["needed"], *notice["optional"]]
    for line in asked:
        line.update(_mark(line, before.get(line["scope"])))
        # What is needed, sensitive and agreed to already was ticked then.
        line["needs_tick"] = line.get("needs_tick", False) and line["mark"] != SAME
    named = {line["scope"] for line in asked}
    gone = [line for scope, line in before.items() if scope not in named]
    return {
        **notice,
        "removed": [] if keeps_the_rest else gone,
        "runs_until": running.arrangement.ends_at.astimezone(UTC).isoformat(),
        # A yes to what the customer has paused starts it again.
        "is_paused": running.arrangement.paused_at is not None,
    }


def shown_around(intent: AuthorizationIntent) -> dict[str, Any]:
    """Return what a screen shows beside its notice: the lines in groups, and where we are.

    What stays as it is stands by itself, ticked where it was a choice.
    """
    notice = intent.notice
    parts = ("needed", "optional")
    groups = {part: _without(notice[part], SAME) for part in parts}
    same = [line for part in parts for line in _only(notice[part], SAME)]
    days = max((line["kept_days"] for part in parts for line in notice[part]), default=0)
    until = notice.get("runs_until")
    return {
        "groups": groups | {"same": same},
        "is_amendment": until is not None,
        "runs_until": datetime.fromisoformat(until) if until else None,
        "longest_kept": days,
        "host": urlsplit(settings.ISSUER).netloc,
    }


def _lines_of(version: ArrangementVersion) -> dict[str, dict[str, Any]]:
    items = Item.objects.filter(version=version).select_related(
        "scope", "cluster", "purpose", "version"
    )
    return {item.scope.name: line_of_item(item) for item in items.order_by("pk")}


def _mark(line: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before is None:
        return {"mark": NEW}
    if all(line.get(name) == before.get(name) for name in _SAID):
        return {"mark": SAME}
    was = {name: before[name] for name in ("kept_for", "why") if before[name] != line[name]}
    return {"mark": CHANGED, "was": was}


def _only(lines: Collection[dict[str, Any]], mark: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("mark") == mark]


def _without(lines: Collection[dict[str, Any]], mark: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("mark") != mark]
