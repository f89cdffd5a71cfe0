"""Bad input at every address: a clear refusal with a stable code, never a crash, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from portal.ui.problems import JSON_PREFIXES
from tests.architecture.addresses import fill
from tests.architecture.hostile import VALUES, Attempt, documents, forms, queries
from tests.architecture.population import OURS, Population
from tests.architecture.who_sees import SEEN, WHO_SEES, Row
from tests.flows.person import FormReader

WATCHED = ("anonymous", "owner", "other_partner", "customer", "admin")
API_FIELDS = (
    "name", "tagline", "organization", "redirect_uris", "uses", "homepage_url", "privacy_url",
    "reason", "environment", "expires_at", "api", "plan", "purpose", "url",
)  # fmt: skip
# What was looked for and what could not be read is kept on purpose.
KEPT_OF_REFUSALS = (
    "accounts_cache",
    "django_session",
    "events_event",
    "events_delivery",
    "specs_specrevision",
)
# They answer a program with YAML and a person with a page, refusals included.
DOCUMENTS = ("/api/v1/schema", "/api/v1/docs")
SAMPLE = len(VALUES) // 2
ADDRESSES = [pytest.param(one, id=f"/{one}") for one in WHO_SEES]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_that_is_sent_breaks_a_page(portal: Population, address: str):
    row, path = WHO_SEES[address], _path(portal, address)
    roles = sorted(_watched(row), key=lambda role: row.answer(role, whose=OURS) is not SEEN)
    before = _rows()
    found = []
    for place, role in enumerate(roles):
        attempts = [*_ids(portal, address), *queries(path)]
        if place:
            # The first role that sees the page meets everything, the others a sample, which is
            # another one for each role and address.
            attempts = attempts[(place + len(path)) % SAMPLE :: SAMPLE]
        elif row.answer(role, whose=OURS) is SEEN:
            fields = _fields(portal, role, path)
            attempts += documents(path, API_FIELDS) if _is_api(path) else forms(path, fields)
        found += [
            f"{role}, {attempt.what}: {trouble}"
            for attempt in attempts
            if (trouble := _trouble(portal, portal.browsers[role], attempt, before))
        ]

    assert not found, found[:5]


@pytest.mark.parametrize("role", ["owner", "customer", "admin"])
def test_a_form_without_its_csrf_token_changes_nothing(portal: Population, role: str):
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies = portal.browsers[role].cookies
    before = _rows()

    for address, row in WHO_SEES.items():
        path = _path(portal, address)
        if row.answer(role, whose=OURS) is SEEN and not path.startswith(JSON_PREFIXES):
            answered = browser.post(path, {"reason": "x"}).status_code
            # Another site's form may ask for a sign-out (RP-Initiated Logout §2): it is sent on
            # to a GET, which asks the person. This one is refused for what it says.
            assert answered in ({400} if path == "/oauth/logout" else {403, 405}), path

    assert _rows() == before


def _watched(row: Row) -> tuple[str, ...]:
    """Return whose browsers are tried; a page that none of the usual ones sees has its own."""
    if any(row.answer(role, whose=OURS) is SEEN for role in WATCHED):
        return WATCHED
    seeing = [role for role in row.answers if row.answer(role, whose=OURS) is SEEN]
    return (*WATCHED, *seeing[:1])


def _path(portal: Population, address: str) -> str:
    parts = WHO_SEES[address].parts
    return fill(address, {name: portal.things[OURS][key] for name, key in parts.items()})


def _ids(portal: Population, address: str) -> Iterator[Attempt]:
    row = WHO_SEES[address]
    own = {name: portal.things[OURS][key] for name, key in row.parts.items()}
    for name in row.parts:
        for what, value in VALUES.items():
            path = fill(address, {**own, name: value})
            yield Attempt(f"{what} for {name}", row.method, path)


def _fields(portal: Population, role: str, path: str) -> list[tuple[str, str]]:
    """Return the fields of the page's forms, filled in as they come."""
    with portal.undone():
        page = portal.browsers[role].get(path)
    reader = FormReader()
    if not page.streaming and "html" in page.headers.get("Content-Type", ""):
        reader.feed(page.content.decode())
    pairs = [pair for form in reader.forms if form.method == "post" for pair in form.values]
    choices = [
        (name, given[0])
        for form in reader.forms
        if form.method == "post"
        for name, given in form.choices.items()
    ]
    return [pair for pair in dict([*choices, *pairs]).items() if pair[0]]


def _trouble(
    portal: Population, browser: Browser, attempt: Attempt, before: set[tuple[str, int]]
) -> str:
    """Return what is wrong with the answer; an exception is the worst of it."""
    with portal.undone():
        try:
            response = browser.generic(
                attempt.method,
                attempt.path,
                attempt.body,
                content_type=attempt.content_type,
                QUERY_STRING=attempt.query,
            )
            if response.streaming:
                list(response.streaming_content)
        except Exception as error:  # noqa: BLE001 - each kind is a finding
            return f"{type(error).__name__}: {str(error)[:200]}"
        if response.status_code >= 500:
            return str(response.status_code)
        if response.status_code >= 400:
            is_json = attempt.path.startswith(JSON_PREFIXES) and attempt.path not in DOCUMENTS
            if is_json and (wrong := _form_of_error(response)):
                return wrong
            if attempt.method != "GET" and (changed := _rows() ^ before):
                return f"refused, and changed {changed}"
    return ""


def _form_of_error(response: Any) -> str:
    if "X-Portal-Reason" in response.headers:
        return ""
    try:
        body = json.loads(response.content)
    except ValueError:
        return f"{response.status_code} without JSON"
    if response.headers["Content-Type"] == "application/problem+json":
        is_whole = body.get("status") == response.status_code and body.get("code")
        return "" if is_whole else f"an incomplete problem: {body}"
    return "" if "error" in body else f"no problem: {body}"


def _is_api(path: str) -> bool:
    return path.startswith("/api/")


def _rows() -> set[tuple[str, int]]:
    """Return how many rows each table has that keeps what people did."""
    tables = [
        table
        for table in connection.introspection.django_table_names(only_existing=False)
        if table not in KEPT_OF_REFUSALS
    ]
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(counts)
        return set(cursor.fetchall())
