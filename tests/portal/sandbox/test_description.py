"""Our own descriptions are valid documents, and their parts agree with one another."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import openapi_spec_validator
import pytest

from catalog.scopes.actions import learn_vocabulary
from catalog.scopes.models import DataCluster, Scope
from catalog.specs.reading import read_description
from consent.gateway.decision import Reason
from portal.access.actors import SYSTEM
from portal.ui.icons import ICONS
from tests.factories.descriptions import DESCRIPTIONS

# Scopes that no operation asks for: they add fields to what another scope reads.
ADDING = {"prescriptions.notes:read", "heart-rate:read"}
EVERY_OPERATION = [(name, key) for name, one in DESCRIPTIONS.items() for key in one.operations]
NEVER_TOLD = {
    "allowed",
    "operation_unknown",
    "token_duplicate",
    "token_in_query",
    "proof_unchecked",
    # A description is of a version that answers; that it has ended is said where it was announced.
    "version_sunset",
}

each = pytest.mark.parametrize("described", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
each_operation = pytest.mark.parametrize(("name", "key"), EVERY_OPERATION)


def test_the_catalog_of_the_demo_holds_four_apis():
    assert {one.slug: len(one.operations) for one in DESCRIPTIONS.values()} == {
        "prescriptions": 12,
        "payments": 9,
        "measurements": 6,
        "practitioners": 5,
    }


@each
def test_it_is_valid_openapi(described):
    schemas = Path(openapi_spec_validator.__file__).parent / "resources/schemas"
    schema = json.loads((schemas / "v3.1/schema.json").read_text())

    assert not list(jsonschema_rs.validator_for(schema).iter_errors(described.document))
    openapi_spec_validator.validate(described.document)


@each
def test_its_grade_is_a(described):
    read = read_description(described.raw, max_bytes=1_000_000)

    assert read.grading.letter == "A"


def test_the_reference_describes_its_operations():
    operations = DESCRIPTIONS["prescriptions.v1.yaml"].operations

    assert {name: (verb, path) for name, (path, verb, _) in operations.items()} == {
        "listPrescriptions": ("GET", "/prescriptions"),
        "getPrescription": ("GET", "/prescriptions/{prescription_id}"),
        "requestRefill": ("POST", "/prescriptions/{prescription_id}/refills"),
        "listRefills": ("GET", "/refills"),
        "getRefill": ("GET", "/refills/{refill_id}"),
        "cancelRefill": ("DELETE", "/refills/{refill_id}"),
        "listAppointments": ("GET", "/appointments"),
        "getAppointment": ("GET", "/appointments/{appointment_id}"),
        "listSupplies": ("GET", "/supplies"),
        "countPeople": ("GET", "/people-by-town"),
        "getDeliveryArea": ("GET", "/delivery-area"),
        "listPharmacies": ("GET", "/pharmacies"),
    }


@each_operation
def test_every_example_is_what_its_schema_says(name, key):
    described = DESCRIPTIONS[name]
    _, _, operation = described.operations[key]
    bodies = list(operation["responses"].values())
    if "requestBody" in operation:
        bodies.append(operation["requestBody"])
    checked = 0
    for body in map(described.resolved, bodies):
        for media in body.get("content", {}).values():
            named = media.get("examples", {"example": {"value": media.get("example")}})
            for example in named.values():
                jsonschema_rs.validate(media["schema"], example["value"])
                checked += 1

    assert checked >= 4


@each_operation
def test_every_refusal_is_a_problem_with_a_stable_code(name, key):
    described = DESCRIPTIONS[name]
    _, _, operation = described.operations[key]

    for status, body in operation["responses"].items():
        if status < "400":
            continue
        response = described.resolved(body)
        problem = response["content"]["application/problem+json"]
        for code, example in problem["examples"].items():
            assert example["value"]["code"] == code
            assert example["value"]["status"] == int(status)
            assert f"`{code}`" in response["description"]
    assert {"401", "403", "429"} <= operation["responses"].keys()


@each
def test_the_gateway_gives_the_same_codes_the_same_status(described):
    reasons = {reason.value: int(reason.status) for reason in Reason}
    told = {
        code: example["value"]["status"]
        for response in described.document["components"]["responses"].values()
        for content in response["content"].values()
        for code, example in content["examples"].items()
    }
    about = ("consent_", "customer_", "access_restricted")
    about_customers = {code for code in reasons if code.startswith(about)}

    assert {code: told[code] for code in told.keys() & reasons.keys()} == {
        code: reasons[code] for code in told.keys() & reasons.keys()
    }
    assert reasons.keys() - told.keys() == (
        NEVER_TOLD if described.vocabulary.clusters else NEVER_TOLD | about_customers
    )


@each
def test_operations_ask_only_for_scopes_of_the_vocabulary(described):
    known = {scope.name for scope in described.vocabulary.scopes}
    asked = {
        scope
        for _, _, operation in described.operations.values()
        for alternative in operation["security"]
        for scopes in alternative.values()
        for scope in scopes
    }

    assert asked | ADDING & known == known
    for scheme in described.document["components"]["securitySchemes"].values():
        for flow in scheme["flows"].values():
            assert flow["scopes"].keys() <= known


@each
def test_fields_name_known_clusters_and_stay_within_their_retention(described):
    clusters = described.vocabulary.clusters
    ceilings = {cluster.code: cluster.max_retention_days for cluster in clusters}
    seen = set()
    for schema in described.document["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            if cluster := field.get("x-data-cluster"):
                seen.add(cluster)
                assert field["x-retention-days"] <= ceilings[cluster]
                assert field["x-data-class"] in {"internal", "personal", "sensitive"}

    assert seen == ceilings.keys()
    assert {cluster.icon for cluster in clusters} <= ICONS.keys()


@pytest.mark.django_db
def test_their_vocabularies_can_be_learnt_together():
    for described in DESCRIPTIONS.values():
        learn_vocabulary(described.slug, described.document["x-portal"], by=SYSTEM)

    assert DataCluster.objects.current().count() == 7 + 4 + 4
    assert Scope.objects.filter(cluster_code="").count() == 2
