"""Descriptions that other people wrote, side by side with each other and with themselves."""

from __future__ import annotations

import itertools
import json
import re
import tracemalloc

import pytest

from catalog.changes.diff.comparing import Differences, compare
from catalog.changes.diff.rules import Level
from catalog.specs.loader import Unreadable, load
from catalog.specs.swagger import METHODS
from tests import shared_documents

pytestmark = [pytest.mark.specs, shared_documents.needs_documents]
STRIPE = shared_documents.ROOT / "stripe"
BANKING = shared_documents.ROOT / "open-banking-uk"


def document(path):
    return load(path.read_bytes(), max_bytes=20_000_000).document


def touched(found: Differences, rule: str) -> set[tuple[str, str]]:
    return {
        (found.operations[at].method, found.operations[at].path)
        for change in found.changes
        if change.rule == rule
        for at in change.touches
    }


def routes(stated) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the operations of a document, found without our own reading of it."""
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): (method.upper(), path)
        for path, item in stated["paths"].items()
        for method in item
        if method in METHODS
    }


def test_the_two_forms_of_open_banking_do_not_differ():
    forms = BANKING / "v3.1.7"
    swagger = document(forms / "account-info-swagger.json")
    openapi = document(forms / "account-info-openapi.json")

    assert compare(swagger, openapi).changes == ()
    assert compare(openapi, swagger).changes == ()


def test_the_next_version_of_open_banking_breaks_what_it_breaks():
    old = document(BANKING / "v3.1.7" / "account-info-openapi.json")
    found = compare(old, document(BANKING / "v4.0" / "account-info.json"))

    breaking = {(c.rule, c.subject) for c in found.changes if c.level is Level.BREAKING}
    assert ("response-field-removed", "OBAccount6.AccountType") in breaking
    assert ("response-field-made-optional", "OBErrorResponse1.Code") in breaking
    assert 5 <= len(breaking) <= 40


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 2), (2, 3), (0, 3)],
                         ids=["2018", "2019", "2020", "all"])  # fmt: skip
def test_years_of_stripe_are_compared_in_little_memory(first, last):
    paths = sorted(STRIPE.glob("*.json"))
    old, new = (json.loads(paths[at].read_bytes()) for at in (first, last))

    tracemalloc.start()
    found = compare(old, new)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    before, after = routes(old), routes(new)
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    assert touched(found, "operation-removed") == {before[key] for key in gone}
    assert touched(found, "operation-added") == {after[key] for key in come}
    assert 100 < found.count(Level.BREAKING) < 1000
    assert len(found.changes) < 5000
    assert not found.is_cut
    assert most < 100_000_000


@pytest.mark.timeout(300)
def test_no_public_document_differs_from_itself():
    compared = 0
    previous: dict[str, object] = {}
    for path in shared_documents.documents("public/*", "oas-examples/**/*", "blue-button/*"):
        try:
            stated = document(path)
        except Unreadable:
            continue
        assert compare(stated, stated).changes == (), path
        compare(previous, stated)
        previous = stated
        compared += 1

    assert compared > 100


def test_every_pair_of_years_can_be_compared_backwards():
    years = [json.loads(path.read_bytes()) for path in sorted(STRIPE.glob("*.json"))]
    for new, old in itertools.pairwise(years):
        assert compare(old, new).count(Level.BREAKING)
