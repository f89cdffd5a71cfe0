"""What scopes reveal and what API descriptions say are the same, or nothing is published."""

from __future__ import annotations

import copy
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.apis.models import ApiVersion, Field
from catalog.scopes.models import DataCluster, FieldRule
from catalog.specs.actions import import_document, publish_version
from catalog.specs.registry import drift_of, lines
from portal.access.actors import SYSTEM
from portal.errors import Conflict
from tests.catalog.specs.documents import PORTAL, api
from tests.factories.descriptions import DESCRIPTIONS

pytestmark = pytest.mark.django_db


def imported(document) -> ApiVersion:
    raw = json.dumps(document).encode()
    return import_document(raw, by=SYSTEM, source="test").version


def add_silent_field(version) -> None:
    Field.objects.create(
        operation=version.operations.get(), pointer="/odd", name="odd", type="string", position=99
    )


def codes_of(version) -> set[str]:
    return {drift.code for drift in drift_of(version)}


def test_our_own_descriptions_and_the_registry_say_the_same():
    for described in DESCRIPTIONS.values():
        import_document(described.raw, by=SYSTEM, source="test")

    call_command("check_registry", stdout=StringIO())


def test_the_registry_leads_from_a_scope_to_a_field():
    import_document(DESCRIPTIONS["prescriptions.v1.yaml"].raw, by=SYSTEM, source="test")

    said = {(line.scope, line.field): line for line in lines()}
    line = said["prescriptions:read", "/items/*/refills/left"]
    assert (line.cluster, line.operation_key, line.purposes, line.max_retention_days) == (
        "prescriptions@1",
        "prescriptions/v1/listPrescriptions",
        ("refill-ordering", "refill-reminders"),
        30,
    )
    assert line.permission == "How many refills are left and when the next is due"
    out = StringIO()
    call_command("check_registry", "--list", stdout=out)
    assert "prescriptions:read → prescriptions@1 → “How many refills" in out.getvalue()


def test_a_rule_for_a_field_that_no_answer_holds_is_drift():
    version = imported(api())
    cluster = DataCluster.objects.current().first()
    FieldRule.objects.create(
        cluster=cluster,
        operation_key=f"{version.api.slug}/{version.label}/getPerson",
        pointer="/gone",
        permission="It",
    )

    assert codes_of(version) == {"pointer-gone"}


def test_a_field_that_says_nothing_of_itself_is_drift_where_customers_agree():
    version = imported(api())
    add_silent_field(version)

    assert codes_of(version) == {"field-undeclared"}


def test_a_field_that_is_shown_in_another_way_than_described_is_drift():
    version = imported(api())
    Field.objects.filter(operation__version=version).exclude(cluster_code="").update(
        transform="masked"
    )

    assert codes_of(version) == {"field-differs"}


def test_a_field_that_no_sentence_tells_of_is_drift():
    portal = copy.deepcopy(PORTAL)
    for cluster in portal["clusters"]:
        cluster["permissions"] = ["One thing", "Another"]

    assert codes_of(imported(api(**{"x-portal": portal}))) == {"permission-unsaid"}


def test_a_scope_that_reveals_nothing_and_opens_nothing_is_drift():
    portal = copy.deepcopy(PORTAL)
    portal["clusters"].append({**portal["clusters"][0], "code": "empty"})
    portal["scopes"].append(
        {"name": "empty:read", "title": "Empty", "description": "Empty.", "cluster": "empty"}
    )

    version = imported(api(**{"x-portal": portal}))

    assert [(drift.code, drift.place) for drift in drift_of(version)] == [
        ("scope-without-field", "empty:read")
    ]


def test_what_differs_is_not_published_and_the_command_says_where():
    version = imported(api())
    add_silent_field(version)

    with pytest.raises(Conflict) as refusal:
        publish_version(version, by=SYSTEM)

    assert refusal.value.code == "registry_drift"
    out = StringIO()
    with pytest.raises(CommandError, match="differ"):
        call_command("check_registry", "--format", "json", stdout=out)
    said = json.loads(out.getvalue())["drift"][0]
    assert said["code"] == "field-undeclared"
    assert said["version"] == str(version)
