"""Rules about scopes: declared, described, used, and no wider than what they are for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import WRITING, Normal, Stated, items, mapping, text
from catalog.specs.markdown import cut
from catalog.specs.resolver import MAX_READ
from catalog.specs.yaml_reader import escaped

_FORM = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*:[a-z0-9]+(?:[-_.:][a-z0-9]+)*")
# Scopes that OpenID Connect has named.
_STANDARD = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
_EVERYTHING = re.compile(r"(?:.*[:./])?(?:\*|all|full|everything|full[-_]?access|root|superuser)")


def scope_undeclared(normal: Normal) -> Iterator[Found]:
    declared = {name for _, name, _ in _declared(normal)}
    declared |= {text(mapping(one).get("name")) for one in items(normal.portal.get("scopes"))}
    for one in normal.operations:
        for scheme, name in _asked(normal, one):
            if scheme == "oauth2" and name not in declared:
                message = f"asks for {cut(name, 80)}, which is not declared."
                yield one.breach("scope-undeclared", message)


def scope_missing(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        for way in items(one.security):
            stated = list(islice(mapping(way).items(), MAX_READ))
            kinds = [normal.schemes.get(name, {}).get("type") for name, _ in stated]
            if "oauth2" in kinds and not any(items(names) for _, names in stated):
                yield one.breach("scope-missing", "asks for a token, and for no scope.")
                break


def scope_undescribed(normal: Normal) -> Iterator[Found]:
    for pointer, name, description in _declared(normal):
        if not text(description).strip():
            message = f"{cut(name, 80)} does not say what it opens."
            yield Found("scope-undescribed", pointer, message)


def scope_form(normal: Normal) -> Iterator[Found]:
    for pointer, name, _ in _declared(normal):
        if name not in _STANDARD and not _FORM.fullmatch(name):
            message = f"Write {cut(name, 80)} as a thing, a colon and a verb."
            yield Found("scope-form", pointer, message)


def scope_everything(normal: Normal) -> Iterator[Found]:
    for pointer, name, _ in _declared(normal):
        if _EVERYTHING.fullmatch(name[:200].lower()):
            yield Found("scope-everything", pointer, f"{cut(name, 80)} opens everything.")


def scope_reads_and_writes(normal: Normal) -> Iterator[Found]:
    reads = {name for one in normal.operations if one.method == "GET" for name in one.scopes}
    for one in normal.operations:
        # A question may be sent by POST: then its scope says that it reads.
        changing = [name for name in one.scopes if not name.endswith(":read")]
        if one.method in WRITING and changing and reads.issuperset(one.scopes):
            message = f"needs only {cut(one.scopes[0], 80)}, which also reads."
            yield one.breach("scope-reads-and-writes", message)


def scope_unused(normal: Normal) -> Iterator[Found]:
    used = {name for one in normal.operations for _, name in _asked(normal, one)}
    # A scope of a cluster opens fields, wherever they are.
    scopes = map(mapping, items(normal.portal.get("scopes")))
    used |= {text(one.get("name")) for one in scopes if one.get("cluster")}
    for pointer, name, _ in _declared(normal):
        if normal.operations and name not in used | _STANDARD:
            yield Found("scope-unused", pointer, f"No operation asks for {cut(name, 80)}.")


def _declared(normal: Normal) -> Iterator[tuple[str, str, object]]:
    """Yield pointer, name and description of each scope, once, however many flows have it."""
    seen: set[str] = set()
    for scheme, stated in normal.schemes.items():
        if stated.get("type") != "oauth2":
            continue
        for flow, parts in mapping(stated.get("flows")).items():
            at = f"{normal.scheme_at(scheme)}/flows/{escaped(flow)}/scopes"
            for name, description in mapping(mapping(parts).get("scopes")).items():
                if name not in seen:
                    seen.add(name)
                    yield f"{at}/{escaped(name)}", name, description


def _asked(normal: Normal, one: Stated) -> Iterator[tuple[str, str]]:
    for way in items(one.security):
        for name, scopes in islice(mapping(way).items(), MAX_READ):
            kind = text(normal.schemes.get(name, {}).get("type"))
            for scope in items(scopes):
                if isinstance(scope, str):
                    yield kind, scope


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "scope-undeclared": scope_undeclared,
    "scope-missing": scope_missing,
    "scope-undescribed": scope_undescribed,
    "scope-form": scope_form,
    "scope-everything": scope_everything,
    "scope-reads-and-writes": scope_reads_and_writes,
    "scope-unused": scope_unused,
}
