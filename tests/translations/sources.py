"""Every phrase that the portal says in more than one language, read from where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "catalog", "partners", "consent")
_CALLS = {
    "_": "gettext",
    "gettext": "gettext",
    "gettext_lazy": "gettext",
    "gettext_noop": "gettext",
    "ngettext": "ngettext",
    "ngettext_lazy": "ngettext",
    "pgettext": "pgettext",
    "pgettext_lazy": "pgettext",
    "npgettext": "npgettext",
}
_TEXT = r"u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(((?:[^()'\"]|{_TEXT})*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Phrase:
    """`plural` is empty where there is none, `context` tells two meanings of one word apart."""

    text: str
    plural: str = ""
    context: str = ""


def phrases() -> dict[Phrase, list[str]]:
    """Return each phrase with the files that say it."""
    found: dict[Phrase, list[str]] = {}
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            _add(found, _in_template(path), path)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            _add(found, _in_code(path), path)
    return found


def _add(found: dict[Phrase, list[str]], said: Iterator[Phrase], path: Path) -> None:
    for phrase in said:
        places = found.setdefault(phrase, [])
        if (place := path.relative_to(ROOT).as_posix()) not in places:
            places.append(place)


def _in_template(path: Path) -> Iterator[Phrase]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for name, arguments in _CALL.findall(code):
        call = ast.parse(f"{name}({arguments.strip()})", mode="eval").body
        assert isinstance(call, ast.Call)
        yield from _phrase(name, call)


def _in_code(path: Path) -> Iterator[Phrase]:
    source = path.read_text(encoding="utf-8")
    if "gettext" not in source:
        return
    tree = ast.parse(source)
    named = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from _phrase(named.get(node.func.id, ""), node)


def _phrase(name: str, call: ast.Call) -> Iterator[Phrase]:
    kind = _CALLS.get(name)
    texts = [each.value for each in call.args if isinstance(each, ast.Constant)]
    if kind is None or not texts or not all(isinstance(text, str) for text in texts):
        return
    said = [str(text) for text in texts]
    if kind == "gettext":
        yield Phrase(said[0])
    elif kind == "ngettext":
        yield Phrase(said[0], plural=said[1])
    elif kind == "pgettext":
        yield Phrase(said[1], context=said[0])
    else:
        yield Phrase(said[1], plural=said[2], context=said[0])
