"""What the code says about roles, states and events, as pages for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from portal.access.actors import Role
from portal.access.permissions import CARRIED_BY, Permission
from portal.events.log import heard_by
from portal.states import Stateful

_NOTE = (
    "Written by `make docs` from {source}; a test compares the two. Change the code, not this page."
)


def pages() -> dict[str, str]:
    """Return the generated documents by file name, those of slices with a `documents.py` too."""
    return {
        "permissions.md": _page(_permissions()),
        "states.md": _page(_states()),
        "events.md": _page(_events()),
    } | {name: _page(lines) for name, lines in _of_slices()}


def _of_slices() -> Iterator[tuple[str, Iterable[str]]]:
    for app in sorted(config.name for config in apps.get_app_configs()):
        if _is_ours(app) and find_spec(f"{app}.documents") is not None:
            for name, lines in import_module(f"{app}.documents").documents().items():
                yield (
                    name,
                    [
                        lines[0],
                        _NOTE.format(source=f"`{app.replace('.', '/')}`") + "\n",
                        *lines[1:],
                    ],
                )


def _permissions() -> Iterator[str]:
    yield "# Who may do what\n"
    yield _NOTE.format(source="`portal/access/permissions.py`") + "\n"
    yield (
        "Staff hold a role over everything, members hold theirs inside one organization, a customer"
        " over what is their own.\n"
    )
    roles = [role for role in Role if any(role in carriers for carriers in CARRIED_BY.values())]
    yield from _table(
        ["permission", *(role.replace("_", " ") for role in roles)],
        (
            [
                f"`{permission}`",
                *("yes" if role in CARRIED_BY[permission] else "" for role in roles),
            ]
            for permission in Permission
        ),
    )
    idle = [f"`{role}`" for role in Role if role not in roles]
    if idle:
        yield f"\nCarries none of these, and only reads: {', '.join(idle)}."


def _states() -> Iterator[str]:
    yield "# The lives of things\n"
    yield _NOTE.format(source="the `moves` of each `Stateful` model") + "\n"
    yield "A move that is not here is refused. Where nothing follows, that is the end."
    for model in sorted(apps.get_models(), key=lambda model: (model.__module__, model.__name__)):
        if not issubclass(model, Stateful):
            continue
        yield f"\n## {model.__name__}\n\n`{model.__module__}`: {_first_line(model)}\n"
        yield from _table(
            ["from", "to"],
            (
                [f"`{status}`", ", ".join(f"`{one}`" for one in sorted(targets))]
                for status, targets in model.moves.items()
            ),
        )


def _events() -> Iterator[str]:
    yield "# What is recorded, and who hears of it\n"
    yield _NOTE.format(source="each slice's `events.py` and `handlers.py`") + "\n"
    yield (
        "Handlers hear of an event after its commit, at least once. What nobody hears of is kept"
        " for the audit log."
    )
    for name in sorted(config.name for config in apps.get_app_configs()):
        kinds = _kinds_of(name)
        if kinds:
            yield f"\n## `{name}`\n"
            yield from _table(["kind", "heard by"], ([f"`{one}`", _handlers(one)] for one in kinds))


def _kinds_of(app: str) -> list[str]:
    if not _is_ours(app):
        return []
    if find_spec(f"{app}.events") is None:
        return []
    found = vars(import_module(f"{app}.events")).values()
    enums = [one for one in found if isinstance(one, type) and issubclass(one, StrEnum)]
    return [str(kind) for enum in enums if enum is not StrEnum for kind in enum]


def _is_ours(app: str) -> bool:
    return app.partition(".")[0] in {"portal", "catalog", "partners", "consent"}


def _handlers(kind: str) -> str:
    return "<br>".join(f"`{name.replace('.handlers.', '.')}`" for name in sorted(heard_by(kind)))


def _first_line(model: type[Stateful]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
