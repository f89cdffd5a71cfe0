"""The pages of the catalog as Markdown, for people's notes and for programs that read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.apis.constraints import with_limits
from catalog.apis.models import Api, ApiVersion, Operation
from catalog.apis.pages import Revealed
from catalog.apis.plain import cell, code, fenced, plain
from catalog.apis.rows import FieldRow
from catalog.scopes.models import Depth
from portal.ui.addresses import address


def list_text(apis: Iterable[Api]) -> str:
    rows = [f"- {_link(api.name, api.get_absolute_url())}: {cell(api.summary)}" for api in apis]
    return _joined(["# APIs", "", *rows])


def api_text(
    version: ApiVersion,
    *,
    base_url: str,
    note: str,
    revealed: Sequence[Revealed],
    operations: Iterable[Operation],
) -> str:
    api = version.api
    lines = [
        f"# {cell(api.name)} {cell(version.label)}",
        "",
        cell(api.summary),
        "",
        f"- Version: {cell(version.label)}, {note}",
        f"- Base URL: {code(base_url)}",
        f"- Changelog: {address('changes:changelog_text', api.slug)}",
        f"- Guides: {address('guides:of_api_text', api.slug)}",
        f"- Status: {address('status:status_text', api.slug)}",
        "",
        plain(version.description_html),
        "",
    ]
    if revealed:
        lines += ["## Data and scopes", "", *_table("Scope", "Customer reads", "Depth", "Keep for")]
        lines += [_scope_line(row) for row in revealed]
    lines += ["", "## Operations", ""]
    lines += [
        f"- {code(one.method)} {code(one.path)}: {_link(one.summary, one.get_absolute_url())}"
        for one in operations
    ]
    return _joined(lines)


def operation_text(
    shown: Operation,
    *,
    needs: Sequence[Revealed],
    rows: Sequence[FieldRow],
    refusals: Sequence[Mapping[str, Any]],
    sample: str,
    body: Any,
) -> str:
    """Return an operation with all of its parameters, fields and refusals."""
    lines = [
        f"# {cell(shown.summary)}",
        "",
        f"{code(f'{shown.method} {shown.path}')} of " + _version_link(shown.version),
        "",
        plain(shown.description_html),
        "",
        "## What you need",
        "",
        *_needs(shown, needs),
    ]
    if shown.parameters:
        heads = ("Name", "In", "Type", "What it does", "Limits", "Example")
        lines += ["", "## Parameters", "", *_table(*heads)]
        lines += [
            f"| {code(one.get('name', ''))} | {cell(one.get('in', ''))} | {_type_of(one)} |"
            f" {_one_line(one.get('description_html', ''))} |"
            f" {_limits(one['limits'], one['such_as'])} |"
            for one in map(with_limits, shown.parameters)
        ]
    if fields := shown.request_body.get("fields"):
        lines += ["", "## Body", ""]
        lines += _table("Name", "Type", "What it does", "Limits", "Example")
        lines += [
            f"| {code(one.get('name', ''))} | {_type_of(one)} |"
            f" {cell(one.get('description', ''))} | {_limits(one['limits'], one['such_as'])} |"
            for one in map(with_limits, fields)
        ]
    if rows:
        lines += ["", "## Response", ""]
        heads = ("Field", "Type", "Depth", "Revealed by", "Keep for", "What it is")
        lines += _table(*heads, "Limits", "Example")
        lines += [_field_line(row) for row in rows]
    if refusals:
        lines += [
            "",
            "## When it does not work",
            "",
            *_table("Answer", "What happened", "What to do"),
        ]
        lines += [_refusal_line(one) for one in refusals]
    lines += ["", "## Request", "", fenced(sample, "sh")]
    if body is not None:
        lines += ["", "## Example of an answer", ""]
        lines.append(fenced(json.dumps(body, ensure_ascii=False, indent=2), "json"))
    return _joined(lines)


def _needs(shown: Operation, needs: Sequence[Revealed]) -> list[str]:
    lines = []
    for row in needs:
        lines.append(f"- Scope {code(row.scope.name)}.")
        if row.cluster:
            lines.append(f"- The customer’s consent to **{cell(row.cluster.label)}**.")
    if lines:
        return lines
    if shown.scopes:
        return [f"- Scope {code(scope)}." for scope in shown.scopes]
    return ["- A token of your application." if shown.security else "- Nothing."]


def _scope_line(row: Revealed) -> str:
    if row.cluster is None:
        return f"| {code(row.scope.name)} | {cell(row.scope.title)}; no customer is involved | | |"
    days = row.cluster.max_retention_days
    kept = f"{days} day{'' if days == 1 else 's'} at most" if days else "Do not store"
    return (
        f"| {code(row.scope.name)} | {cell(row.cluster.label)}: {cell(row.cluster.summary)} |"
        f" {Depth(row.cluster.depth).label} | {kept} |"
    )


def _field_line(row: FieldRow) -> str:
    depth = Depth(row.depth).label if row.depth else "Not said"
    scope = code(row.scope) if row.scope else "Any scope of this API"
    return (
        f"| {code(row.pointer)} | {cell(row.type)} | {depth} | {scope} | {row.keep} |"
        f" {cell(row.description)} | {_limits(row.limits, row.example)} |"
    )


def _limits(limits: str, example: str) -> str:
    return f"{cell(limits)} | {code(example)}"


def _refusal_line(refusal: Mapping[str, Any]) -> str:
    answer = f"{refusal['status']} {refusal.get('code', '')}".strip()
    happened = cell(refusal.get("title") or "") or _one_line(refusal.get("happened_html", ""))
    return f"| {code(answer)} | {happened} | {cell(refusal.get('detail', ''))} |"


def _type_of(one: Mapping[str, Any]) -> str:
    return cell(one.get("type", "")) + (", required" if one.get("required") else "")


def _one_line(html: str) -> str:
    return " ".join(plain(html).split())


def _version_link(version: ApiVersion) -> str:
    return _link(str(version), version.get_absolute_url())


def _link(words: str, page: str) -> str:
    """Return a link to the Markdown of that page."""
    return f"[{cell(words)}]({page.rstrip('/')}.md)"


def _table(*heads: str) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip() + "\n"
