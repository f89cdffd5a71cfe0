"""RFC 9396, row by row of the checklist (R1, R4, R6, R7), without a database."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scopes.detail_types import DetailTypeInvalid, read_detail_type
from consent.oauth.rar import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DETAILS,
    Detail,
    DetailType,
    InvalidDetails,
    canonical,
    is_within,
    narrowed,
    parse_details,
    read_details,
    tell,
)
from consent.proofs.errors import OAuthError
from tests.factories.descriptions import DESCRIPTIONS

WORDS = {one.name: one for one in DESCRIPTIONS["payments.v1.yaml"].vocabulary.detail_types}
TYPES = {
    name: DetailType(
        name=name,
        version=1,
        title=words.title,
        scope=words.scope,
        api="payments",
        schema=words.schema,
        lines=tuple(line.as_json() for line in words.lines),
    )
    for name, words in WORDS.items()
}
PAY = {
    "type": "payment_initiation",
    "amount": {"value": "12.40", "currency": "EUR"},
    "payee": "Harbour Pharmacy",
    "kind": "refill",
}
BUDGET = {
    "type": "payment_budget",
    "limit": {"value": "40.00", "currency": "EUR"},
    "kinds": ["refill", "visit"],
    "tells_before": True,
}


def read(*entries: object) -> tuple[Detail, ...]:
    return read_details(json.dumps(entries), types=TYPES)


def test_r1_a_detail_that_its_type_allows_is_read_with_its_type_pinned():
    (detail,) = read(PAY)

    assert (detail.type, detail.content) == ("payment_initiation", PAY)
    assert (detail.scope, detail.api, detail.version) == ("payments:write", "payments", 1)
    assert Detail.from_json(json.loads(json.dumps(detail.as_json()))) == detail


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"type": "account_information"}, id="unknown type"),
        pytest.param({"type": ""}, id="empty type"),
        pytest.param({"type": ["payment_initiation"]}, id="type that is no text"),
        pytest.param({**PAY, "instant": True}, id="unknown field"),
        pytest.param({**PAY, "locations": ["https://api.example"]}, id="field that means nothing"),
        pytest.param({**PAY, "amount": {**PAY["amount"], "fee": "1"}}, id="unknown inner field"),
        pytest.param({k: v for k, v in PAY.items() if k != "payee"}, id="missing field"),
        pytest.param({**PAY, "amount": {"value": "1.00"}}, id="missing inner field"),
        pytest.param({**PAY, "amount": {"value": "1", "currency": "EUR"}}, id="wrong pattern"),
        pytest.param({**PAY, "kind": "car"}, id="wrong choice"),
        pytest.param({**PAY, "payee": 7}, id="wrong type of value"),
        pytest.param({**PAY, "payee": None}, id="null"),
        pytest.param({**PAY, "payee": "x" * 71}, id="too long"),
        pytest.param({**PAY, "payee": "Harbour\u202ePharmacy"}, id="text that turns round"),
        pytest.param({**PAY, "payee": "Harbour\u200bPharmacy"}, id="text that nobody sees"),
        pytest.param({**PAY, "payee": "two\nlines"}, id="line break"),
        pytest.param({**BUDGET, "kinds": []}, id="empty list"),
        pytest.param("payment_initiation", id="text"),
        pytest.param([PAY], id="array"),
        pytest.param(None, id="nothing"),
    ],
)
def test_r1_anything_else_is_invalid_authorization_details(entry):
    with pytest.raises(InvalidDetails) as refusal:
        read(PAY, entry)

    assert refusal.value.code == "invalid_authorization_details"
    assert "Harbour" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "{}", "[]", "null", "1", '"a"', "[1.5]", "[NaN]", "[1e9]",
        "[" + "9" * 40 + "]", json.dumps(PAY),
        '[{"type": "payment_initiation", "type": "payment_budget"}]',
        '[{"type": "payment_initiation", "payee": "\\ud800"}]',
    ],
)  # fmt: skip
def test_r1_what_is_no_array_of_objects_is_refused(text):
    with pytest.raises(InvalidDetails):
        read_details(text, types=TYPES)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps([{**PAY, "payee": "x" * MAX_CHARACTERS}]), id="long"),
        pytest.param("[" * 4000, id="deep and open"),
        pytest.param("[" * 2000 + "]" * 2000, id="deep"),
        pytest.param(
            '[{"type":"a","b":' + "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH + "}]", id="a bit deep"
        ),
        pytest.param(json.dumps([{"type": "a"}] * (MAX_DETAILS + 1)), id="many"),
    ],
)
def test_r7_what_is_too_large_or_too_deep_is_refused(text):
    with pytest.raises(OAuthError) as refusal:
        read_details(text, types=TYPES)

    assert refusal.value.code in {"invalid_request", "invalid_authorization_details"}


def test_r1_the_same_detail_twice_is_one():
    turned = dict(reversed(PAY.items()))

    assert len(read(PAY, turned, BUDGET)) == 2


@pytest.mark.parametrize(
    ("asked", "is_narrower"),
    [
        (BUDGET, True),
        (dict(reversed(BUDGET.items())), True),
        ({**BUDGET, "kinds": ["visit"]}, True),
        ({**BUDGET, "kinds": ["visit", "refill"]}, True),
        ({**BUDGET, "limit": {"value": "40.01", "currency": "EUR"}}, False),
        ({**BUDGET, "limit": {"value": "30.00", "currency": "EUR"}}, False),
        ({**BUDGET, "tells_before": False}, False),
        ({k: v for k, v in BUDGET.items() if k != "tells_before"}, False),
        (PAY, False),
    ],
)
def test_r4_only_what_is_narrower_for_every_type_counts(asked, is_narrower):
    granted = read(BUDGET)

    if is_narrower:
        assert narrowed(read(asked), granted=granted) == read(asked)
    else:
        with pytest.raises(InvalidDetails):
            narrowed(read(asked), granted=granted)


def test_r4_true_is_not_one():
    assert not is_within({"a": True}, {"a": 1})


def test_r6_each_field_is_told_in_words():
    (pay,), (budget,) = read({**PAY, "reference": "rf_4Tn8"}), read(BUDGET)

    assert tell(pay, TYPES["payment_initiation"]) == {
        "title": "Pay once",
        "lines": [
            {"label": "Amount", "text": "12.40 EUR"},
            {"label": "To", "text": "Harbour Pharmacy"},
            {"label": "For", "text": "A refill"},
            {"label": "Reference", "text": "rf_4Tn8"},
        ],
    }
    assert tell(budget, TYPES["payment_budget"])["lines"] == [
        {"label": "Up to", "text": "40.00 EUR each month"},
        {"label": "For", "text": "refills and visits"},
        {"label": "Tell you before each payment", "text": "Yes"},
    ]


def test_r6_a_line_without_its_field_is_left_out_and_a_value_is_no_template():
    (pay,) = read({**PAY, "payee": "{amount.value} \\1"})

    lines = tell(pay, TYPES["payment_initiation"])["lines"]

    assert {"label": "To", "text": "{amount.value} \\1"} in lines
    assert "Reference" not in {line["label"] for line in lines}


TYPE = {
    "type": "thing_lent",
    "title": "Lend a thing",
    "scope": "things:write",
    "lines": [{"label": "Thing", "text": "{thing}"}],
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["thing"],
        "properties": {"thing": {"type": "string"}},
    },
}


def schema(**properties: object) -> dict[str, object]:
    return {**TYPE["schema"], "properties": {"thing": {"type": "string"}, **properties}}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"lines": [{"label": "A", "text": "always"}]}, id="a field is not shown"),
        pytest.param({"schema": schema(hidden={"type": "boolean"})}, id="another field is hidden"),
        pytest.param(
            {
                "schema": schema(town={"type": "string"}),
                "lines": [{"label": "Thing", "text": "{thing} in {town}"}],
            },
            id="a gap would hide a field",
        ),
        pytest.param({"lines": [{"label": "A", "text": "{thing}{other}"}]}, id="unknown place"),
        pytest.param({"schema": {**schema(), "additionalProperties": True}}, id="open"),
        pytest.param({"schema": {**schema(), "required": ["other"]}}, id="unknown required"),
        pytest.param(
            {"schema": schema(more={"type": "object", "properties": {}})}, id="inner open"
        ),
        pytest.param({"schema": schema(more={"$ref": "https://x.example"})}, id="reference"),
        pytest.param({"schema": schema(more={"type": "number"})}, id="fractions"),
        pytest.param({"schema": schema(thing={"type": "string", "pattern": "("})}, id="no pattern"),
        pytest.param({"schema": schema(type={"type": "string"})}, id="type again"),
        pytest.param({"schema": {"type": "array"}}, id="no object"),
        pytest.param({"type": "Thing Lent"}, id="name"),
        pytest.param({"title": "x" * 61}, id="title"),
        pytest.param({"lines": []}, id="no lines"),
        pytest.param({"lines": "thing"}, id="lines that are a text"),
        pytest.param({"more": 1}, id="unknown member"),
    ],
)
def test_r6_a_type_that_would_hide_something_is_not_taken(change):
    assert read_detail_type(TYPE, "here").name == "thing_lent"

    with pytest.raises(DetailTypeInvalid):
        read_detail_type({**TYPE, **change}, "here")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.text(max_size=200) | JSON.map(json.dumps) | st.lists(JSON).map(json.dumps))
def test_any_text_is_details_or_a_refusal(text):
    try:
        entries = parse_details(text)
    except OAuthError:
        return

    assert 0 < len(entries) <= MAX_DETAILS
    assert parse_details(canonical(entries)) == entries
    assert all(is_within(entry, entry) for entry in entries)


@given(JSON, JSON, JSON)
def test_narrower_than_narrower_is_narrower(small, middle, large):
    if is_within(small, middle) and is_within(middle, large):
        assert is_within(small, large)
