"""What counts as revealing more about people, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.impact.exposure import Exposed, exposure_of, exposures_of, read, screened
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM
from tests.catalog.specs.documents import answering, api, operation, people_without_words, raw

NAME = Exposed("GET /people", "/name", 3, "people:read", "", 30, ("calm", "loud"))
WIDER = {
    "deeper": (replace(NAME, depth=4), {"depth-raised"}),
    "another scope that is new": (
        replace(NAME, scope="people:all"),
        {"scope-added", "scope-changed"},
    ),
    "no scope any more": (replace(NAME, scope=""), {"scope-changed"}),
    "kept longer": (replace(NAME, retention_days=31), {"kept-longer"}),
    "kept without limit": (replace(NAME, retention_days=None), {"kept-longer"}),
    "shown in another way": (replace(NAME, transform="last:2"), {"shown-otherwise"}),
    "one of more values": (
        replace(NAME, values=("calm", "loud", "shrill")),
        {"values-widened"},
    ),
    "any value instead of one of a list": (replace(NAME, values=None), {"values-widened"}),
    "another field": (replace(NAME, pointer="/born_on"), {"field-added"}),
    "the same field of another operation": (replace(NAME, operation="GET /all"), {"field-added"}),
}
NARROWER = {
    "the same": NAME,
    "shallower": replace(NAME, depth=3),
    "kept shorter": replace(NAME, retention_days=7),
    "one of fewer values": replace(NAME, values=("loud",)),
}


@pytest.mark.parametrize("case", WIDER)
def test_what_reveals_more_is_a_reason(case):
    now, codes = WIDER[case]

    assert {reason.code for reason in screened([NAME], [now])} == codes


@pytest.mark.parametrize("case", NARROWER)
def test_what_reveals_as_much_or_less_is_none(case):
    assert screened([NAME], [NARROWER[case]]) == ()


def test_a_field_that_went_is_no_reason_and_a_masked_one_that_opens_is():
    masked = replace(NAME, transform="last:2")

    assert screened([NAME], []) == ()
    assert {reason.code for reason in screened([masked], [NAME])} == {"shown-otherwise"}


def test_a_scope_is_new_once_however_many_fields_it_opens():
    now = [replace(NAME, pointer=f"/{name}", scope="other:read") for name in "abc"]

    added = [reason for reason in screened([], now) if reason.code == "scope-added"]

    assert [reason.place for reason in added] == ["other:read"]


exposed = st.lists(
    st.builds(
        Exposed,
        st.sampled_from(["GET /a", "GET /b"]),
        st.sampled_from(["/x", "/y", "/z"]),
        st.sampled_from([3, 4]),
        st.sampled_from(["", "a:read", "b:read"]),
        st.sampled_from(["", "last:2"]),
        st.sampled_from([None, 1, 30]),
        st.sampled_from([None, ("a",), ("a", "b")]),
    ),
    unique_by=lambda one: one.place,
    max_size=6,
)


@given(exposed, exposed)
def test_nothing_is_new_beside_itself_and_a_part_never_is(before, more):
    whole = {one.place: one for one in [*more, *before]}

    assert screened(before, before) == ()
    assert screened(list(whole.values()), before) == ()
    assert read([one.as_json() for one in before]) == tuple(before)


@pytest.mark.django_db
def test_a_version_reveals_the_personal_leaves_of_its_answers_and_how_long_they_are_kept():
    version = import_document(raw(api()), by=SYSTEM, source="t").version

    found = {one.pointer: one for one in exposure_of(version)}

    assert "/notes" not in found
    assert found["/name"].retention_days == 30
    assert found["/notes/*/text"].retention_days == 7
    assert found["/born_on"].depth == 4
    assert (found["/name"].scope, found["/notes/*/text"].scope) == ("people:read", "")


@pytest.mark.django_db
def test_what_contains_only_open_fields_reveals_nothing_by_itself():
    town = {"type": "string", "x-data-class": "public"}
    home = {"type": "object", "x-data-class": "personal", "properties": {"town": town}}
    version = import_document(
        raw(answering({"type": "object", "properties": {"home": home}})), by=SYSTEM, source="t"
    ).version

    assert exposure_of(version) == ()


@pytest.mark.django_db
def test_public_and_internal_fields_are_nobodys():
    open_ = {"type": "object", "properties": {"town": {"type": "string", "x-data-class": "public"}}}
    answers = {"200": {"description": "It", "content": {"application/json": {"schema": open_}}}}
    document = api(paths={"/towns": {"get": operation(responses=answers)}})
    version = import_document(raw(document), by=SYSTEM, source="t").version

    assert exposure_of(version) == ()


@pytest.mark.django_db
def test_many_versions_are_read_in_two_statements():
    versions = [
        import_document(raw(people_without_words()), by=SYSTEM, source="t", slug=slug).version
        for slug in "abc"
    ]

    with CaptureQueriesContext(connection) as asked:
        found = exposures_of(versions)

    assert len(asked) == 2
    assert [len(found[version.pk]) for version in versions] == [1, 1, 1]
