"""What the page of an operation shows, in the parts that its template and its Markdown share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from catalog.apis import pages
from catalog.apis.colours import coloured
from catalog.apis.constraints import with_limits
from catalog.apis.models import ApiVersion, Operation
from catalog.apis.readers import Reader
from catalog.apis.rows import field_rows, fit, text_size
from catalog.apis.samples import in_order, sample_answer, sample_call, without, written
from catalog.apis.snippets import LANGUAGES, snippet, token_request
from portal.ui.addresses import address

FIELDS_ON_A_PAGE = 40


def base_url(version: ApiVersion) -> str:
    return f"{settings.GATEWAY_URL}/{version.api.slug}/{version.label}"


def menu_of(version: ApiVersion, *, open_tag: str | None) -> dict[str, Any]:
    groups = pages.menu_of(version, open_tag=open_tag)
    is_large = sum(group.count for group in groups) > pages.MENU_LIMIT
    return {"groups": groups, "is_large": is_large}


def call_of(shown: Operation, language: str) -> dict[str, Any]:
    call = sample_call(shown, base_url(shown.version))
    return {
        "languages": LANGUAGES,
        "lang": language,
        "language_name": LANGUAGES[language],
        "snippet": coloured(snippet(language, call), language),
    }


def token_of(
    shown: Operation, reader: Reader | None, needs: Sequence[pages.Revealed]
) -> SafeString | str:
    """Return how the reader's own sandbox client gets a token for this, or nothing."""
    if reader is None or not reader.client_id or not shown.scopes:
        return ""
    code = token_request(
        f"{settings.ISSUER}{address('oauth:token')}",
        client_id=reader.client_id,
        scopes=[str(scope) for scope in shown.scopes],
        acts_alone=not any(row.cluster for row in needs),
    )
    return coloured(code, "curl")


def answer_of(shown: Operation, reader: Reader | None, *, start: int) -> dict[str, Any]:
    """Return the fields of the answer, with what the reader's scopes leave out of it."""
    fields = list(shown.fields.order_by("position"))
    codes = {field.cluster_code for field in fields if field.cluster_code}
    revealed = pages.revealed_by(pages.scopes_around(shown, codes))
    rows = field_rows(
        fields,
        scopes={row.cluster.code: row.scope.name for row in revealed if row.cluster},
        words={row.cluster.code: row.cluster.label for row in revealed if row.cluster},
        reader=reader,
    )
    left_out = [row for row in rows if row.is_left_out]
    example = sample_answer(shown)
    body = without(example, (row.pointer for row in left_out))
    body = in_order(body, [field.pointer for field in fields])
    return {
        "needs": [row for row in revealed if row.scope.name in shown.scopes],
        "rows": rows[start : start + FIELDS_ON_A_PAGE],
        "next_start": start + FIELDS_ON_A_PAGE if len(rows) > start + FIELDS_ON_A_PAGE else None,
        "start": start,
        "field_count": len(rows),
        "is_classified": any(row.depth or row.scope for row in rows),
        "left_out": left_out,
        "all_rows": rows,
        "body": body,
        "example": None if example is None else coloured(written(body), "json"),
    }


def parts_of(shown: Operation) -> dict[str, Any]:
    parameters, more_parameters = fit(
        [with_limits(one) for one in shown.parameters], room=11_000, size_of=text_size
    )
    body_fields, more_body_fields = fit(
        [with_limits(one) for one in shown.request_body.get("fields", [])],
        room=9_000,
        size_of=text_size,
    )
    refusals, more_refusals = fit(pages.refusals(shown), room=12_000, size_of=text_size)
    return {
        "parameters": parameters,
        "more_parameters": more_parameters,
        "body_fields": body_fields,
        "more_body_fields": more_body_fields,
        "refusals": refusals,
        "more_refusals": more_refusals,
    }
