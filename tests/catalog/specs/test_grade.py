from __future__ import annotations

from collections import Counter

import pytest

from catalog.rules.rulebook import RULES
from catalog.specs.grade import MAX_PER_RULE
from catalog.specs.reading import read_description
from tests.catalog.specs.documents import PERSON, PORTAL, answering, api, operation, raw


def graded(document):
    return read_description(raw(document), max_bytes=10_000_000).grading


def rules_of(document) -> set[str]:
    return {rule for rule, _ in graded(document).counts}


def test_a_sound_document_has_an_a_and_no_findings():
    grading = graded(api())

    assert (grading.letter, grading.points, grading.findings) == ("A", 100, ())


@pytest.mark.parametrize(
    ("rule", "document"),
    [
        ("openapi-schema", api(info={"title": "People", "description": "x"})),
        ("openapi-schema", api(paths={"/a": {"get": operation(responses=7)}})),
        ("ref-unresolved", answering({"$ref": "#/components/schemas/Nobody"})),
        ("ref-external", answering({"$ref": "http://169.254.169.254/latest/meta-data/"})),
        ("ref-external", answering({"$ref": "file:///etc/passwd"})),
        ("ref-external", answering({"$ref": "other.yaml#/Thing"})),
        (
            "operation-id-duplicate",
            api(paths={"/a": {"get": operation(), "put": operation()}}),
        ),
        (
            "route-duplicate",
            api(paths={"/a/{x}": {"get": operation()}, "/a/{y}": {"get": operation()}}),
        ),
        ("path-malformed", api(paths={"people": {"get": operation()}})),
        (
            "path-parameter-undeclared",
            api(paths={"/a/{b}": {"get": operation()}}),
        ),
        ("security-scheme-unknown", api(security=[{"nobody": []}])),
        ("data-open", api(security=[])),
        ("data-cluster-unknown", answering({"properties": {"a": {"x-data-cluster": "no"}}})),
        ("data-transform-unknown", answering({"properties": {"a": {"x-data-transform": "no"}}})),
        ("data-permission-unknown", answering({"properties": {"a": {"x-data-permission": "no"}}})),
        ("data-class-unknown", answering({"properties": {"a": {"x-data-class": "secret"}}})),
        ("x-portal-invalid", api(**{"x-portal": {**PORTAL, "scopes": "all of them"}})),
        ("no-operations", api(paths={})),
        ("server-missing", api(servers=[])),
        ("server-not-https", api(servers=[{"url": "http://people.meridian.example"}])),
        ("info-description-missing", api(info={"title": "People", "version": "1"})),
        ("operation-id-missing", api(paths={"/a": {"get": operation(operationId="")}})),
        ("operation-summary-missing", api(paths={"/a": {"get": operation(summary="")}})),
        ("operation-tag-missing", api(paths={"/a": {"get": operation(tags=[])}})),
        ("operation-success-missing", api(paths={"/a": {"get": operation(responses={})}})),
        ("operation-error-missing", answering(PERSON)),
        (
            "parameter-description-missing",
            api(paths={"/a": {"get": operation(parameters=[{"name": "q", "in": "query"}])}}),
        ),
    ],
)
def test_each_rule_finds_its_breach(rule, document):
    assert rule in rules_of(document)


def test_an_operation_without_security_anywhere_is_found():
    document = api()
    del document["security"]

    assert "operation-security-missing" in rules_of(document)


def test_an_external_reference_is_a_finding_and_the_rest_is_still_read():
    document = api()
    document["components"]["schemas"]["Person"]["properties"]["evil"] = {
        "$ref": "http://169.254.169.254/latest/meta-data/"
    }

    description = read_description(raw(document), max_bytes=10_000_000)

    (found,) = [one for one in description.grading.findings if one.rule == "ref-external"]
    assert found.pointer == "/components/schemas/Person/properties/evil/$ref"
    assert "/name" in {row.pointer for row in description.api.operations[0].fields}


def test_a_reference_inside_an_example_is_only_an_example():
    assert "ref-external" not in rules_of(answering({"example": {"$ref": "other.json"}}))


def test_the_grade_is_the_sum_of_what_the_rules_take():
    document = api(paths={"/a": {"get": operation(operationId="", tags=[], security=[])}})

    grading = graded(document)

    assert dict(grading.lost) == {
        "data-open": 40,
        "operation-id-missing": 10,
        "operation-tag-missing": 5,
    }
    assert grading.points == 45
    assert grading.letter == "F"


def test_with_an_error_the_best_grade_is_a_b():
    paths = {
        f"/a{n}": {"get": operation(operationId=f"a{n}", security=[{"customer": []}])}
        for n in range(40)
    }
    paths["/a0"]["get"]["security"] = [{"nobody": []}]
    for path in paths.values():
        path["get"]["responses"]["200"] = {"description": "Nothing."}

    grading = graded(api(paths=paths))

    assert (grading.letter, grading.points) == ("B", 95)


def test_each_rule_reports_a_few_places_and_counts_them_all():
    paths = {f"/a{n}": {"get": operation(operationId="")} for n in range(100)}

    grading = graded(api(paths=paths))

    shown = Counter(found.rule for found in grading.findings)
    assert shown["operation-id-missing"] == max(shown.values()) == MAX_PER_RULE
    assert dict(grading.counts)["operation-id-missing"] == 100


def test_every_rule_has_a_title_and_a_weight():
    assert all(rule.title and rule.weight >= 0 for rule in RULES.values())
