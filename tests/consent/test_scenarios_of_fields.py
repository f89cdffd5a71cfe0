"""S18, S19 and S20 of the consent scenarios, at the reference API."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.specs.actions import import_document
from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Arrangement
from partners.organizations.actors import actor_of
from partners.webhooks.envelope import body_of
from portal.access.actors import SYSTEM
from portal.events.models import Event
from portal.sandbox import shapes
from portal.sandbox.models import Prescription, Refill
from portal.sandbox.records import Column
from tests.factories.publishing import published
from tests.factories.reference import DESCRIBED, SCOPES, Reference, make_reference, token_for

pytestmark = pytest.mark.django_db
TAX = "tax-7734"
SENTENCE = "Your tax number"


@pytest.fixture
def world(db) -> Reference:
    world = make_reference()
    Refill.objects.create(
        prescription_id=world.records["first"],
        pharmacy_id=world.records["pharmacy"],
        application=world.client.application,
    )
    return world


def body_of_answer(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def with_a_tax_number(version: str) -> bytes:
    """Return the description with one more field in a cluster that customers share already."""
    document = copy.deepcopy(DESCRIBED.document)
    document["info"]["version"] = version
    (cluster,) = (one for one in document["x-portal"]["clusters"] if one["code"] == "prescriptions")
    cluster["permissions"].append({"code": "tax", "text": SENTENCE})
    del cluster["translations"]
    document["components"]["schemas"]["Prescription"]["properties"]["tax_id"] = {
        "type": "string",
        "x-data-cluster": "prescriptions",
        "x-data-class": "sensitive",
        "x-data-permission": "tax",
        "x-retention-days": 30,
    }
    return json.dumps(document).encode()


def add_a_tax_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the API know a tax number, describe it in its version, and publish another version."""
    for name, at, group in (("PRESCRIPTION", "", ""), ("REFILL", "prescription__", "prescription")):
        shape = getattr(shapes, name)
        inside = f"/{group}" if group else ""
        column = Column(f"{inside}/tax_id", f"{at}collection_code", group=group)
        monkeypatch.setattr(shapes, name, replace(shape, columns=(*shape.columns, column)))
    Prescription.objects.update(collection_code=TAX)
    for version in ("1.1.0", "2.0.0"):
        revision = import_document(with_a_tax_number(version), by=SYSTEM, source="test")
        if version == "2.0.0":
            published(revision.version)


def ways_to_read(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("/prescriptions", {}),
        ("/prescriptions?fields=*", {}),
        ("/prescriptions?fields=tax_id", {}),
        ("/prescriptions", {"headers": {"Accept": "text/csv"}}),
        ("/prescriptions", {"headers": {"Accept": "application/x-ndjson"}}),
        (f"/prescriptions/{name}", {}),
        ("/refills", {}),
        ("/refills?expand=prescription", {}),
    ]


def test_s18_a_field_that_joins_a_cluster_widens_no_consent_that_was_given(world, monkeypatch):
    world.share("prescriptions:read", "refills:write")
    name = body_of_answer(world.get("/prescriptions"))["items"][0]["id"]
    before = [world.get(path, **how).content for path, how in ways_to_read(name)]
    tag = world.get("/prescriptions")["ETag"]

    add_a_tax_number(monkeypatch)

    assert [world.get(path, **how).content for path, how in ways_to_read(name)] == before
    assert world.get("/prescriptions")["ETag"] == tag
    for path, how in ways_to_read(name):
        newer = world.get(path, version="v2", **how)
        # Nothing of a prescription is pinned there, so nothing can be put into a refill.
        assert newer.status_code == (400 if "expand" in path else 200)
        assert TAX not in f"{dict(newer.items())}{newer.content.decode()}"
    for oracle in ("sort=tax_id", f"filter=tax_id eq {TAX}"):
        for version in ("v1", "v2"):
            assert world.get(f"/prescriptions?{oracle}", version=version).status_code == 400
    Prescription.objects.update(collection_code="another")
    assert world.get("/prescriptions")["ETag"] == tag
    told = [body_of(event) for event in Event.objects.all()]
    assert TAX not in json.dumps(told)
    arrangement = Arrangement.objects.get(pk=world.arrangement.pk)
    assert (arrangement.status, arrangement.version_number) == (Arrangement.Status.ACTIVE, 1)


def test_s18_a_narrower_consent_keeps_the_fields_that_were_agreed_to(world, monkeypatch):
    world.share("prescriptions:read", "refills:write")
    add_a_tax_number(monkeypatch)

    narrow_arrangement(
        world.arrangement, by=actor_of(world.customer.user), keep=["prescriptions:read"]
    )

    before, after = world.arrangement.versions.order_by("number")
    kept = after.items.get()
    assert kept.fields == before.items.get(scope__name="prescriptions:read").fields
    assert kept.cluster.version == 1
    assert TAX not in world.get("/prescriptions").content.decode()


def test_s18_a_new_consent_shows_the_new_sentence_and_returns_the_field(world, monkeypatch):
    old = world.share("prescriptions:read", "refills:write")
    name = body_of_answer(world.get("/prescriptions"))["items"][0]["id"]
    add_a_tax_number(monkeypatch)

    world.share("prescriptions:read", "refills:write")

    version = world.arrangement.versions.get(number=world.arrangement.version_number)
    (line,) = (one for one in version.notice["optional"] if one["scope"] == "prescriptions:read")
    assert SENTENCE in line["permissions"]
    for api_version in ("v1", "v2"):
        item = body_of_answer(world.get("/prescriptions", version=api_version))["items"][0]
        assert item["tax_id"] == TAX
    # What was issued before the customer agreed to it stays at what it was issued for.
    for path, how in ways_to_read(name):
        assert TAX not in world.get(path, token=old, **how).content.decode()


def alike(one: Any, other: Any) -> None:
    assert (one.status_code, dict(one.items())) == (other.status_code, dict(other.items()))
    assert one.content == other.content


@pytest.mark.parametrize(
    "query",
    [
        "filter={} eq x",
        "filter={}",
        "sort={}",
        "sort=-{}",
        "fields={}",
        "expand={}",
        "aggregate={}",
        "group_by={}",
        "{}=x",
        "sort={}&limit=0",
        "filter={} eq x&cursor=none",
    ],
)
@pytest.mark.parametrize("name", ["notes", "collection_code", "refills.left"])
def test_s19_a_field_that_is_not_shared_is_told_from_none_by_no_question(world, query, name):
    shared = ["supplies:read"] if name == "refills.left" else ["prescriptions:read"]
    world.share(*shared)
    path = "/supplies" if name == "refills.left" else "/prescriptions"

    asked = world.get(f"{path}?{query.format(name)}")
    unknown = world.get(f"{path}?{query.format('salary')}")

    alike(asked, unknown)
    assert name not in asked.content.decode()


def test_s19_a_total_a_length_and_a_tag_tell_nothing_of_what_is_not_shared(world):
    world.share("prescriptions:read")
    got, headed = world.get("/prescriptions"), world.get("/prescriptions", method="HEAD")

    Prescription.objects.update(notes="n" * 300, collection_code="ZZZZZZZZZZZZ")

    alike(world.get("/prescriptions"), got)
    alike(world.get("/prescriptions", method="HEAD"), headed)
    assert body_of_answer(got)["total"] == 2


def test_s19_what_is_not_there_and_what_is_not_yours_take_the_same_questions(world):
    world.share(*SCOPES)
    own = body_of_answer(world.get("/prescriptions"))["items"][0]["id"]
    other = make_reference(mark="other", client=world.client)
    other.share(*SCOPES)
    foreign = body_of_answer(other.get("/prescriptions"))["items"][0]["id"]

    asked = []
    for name in (foreign, "rx_0000000000000000", "x", own[:-1], f"{own}0"):
        with CaptureQueriesContext(connection) as questions:
            response = world.get(f"/prescriptions/{name}")
        asked.append((response.status_code, response.content, len(questions)))

    assert asked[0][0] == 404
    assert len(set(asked)) == 1


KINDS = {"prescriptions": "rx", "refills": "rf", "appointments": "ap"}


@pytest.mark.parametrize("kind", KINDS)
def test_s20_names_of_another_customer_or_application_are_unknown(world, kind):
    world.share(*SCOPES)
    name = body_of_answer(world.get(f"/{kind}"))["items"][0]["id"]
    unknown = world.get(f"/{kind}/{KINDS[kind]}_0000000000000000")
    neighbour = make_reference(mark="other", client=world.client)
    neighbour.share(*SCOPES)
    elsewhere = Reference(make_reference(mark="third").client, world.customer)
    elsewhere.share(*SCOPES)

    alike(neighbour.get(f"/{kind}/{name}"), unknown)
    alike(elsewhere.get(f"/{kind}/{name}"), unknown)
    assert unknown.status_code == 404
    assert body_of_answer(world.get(f"/{kind}/{name}"))["id"] == name


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_s20_a_foreign_name_changes_nothing(world, verb):
    world.share(*SCOPES)
    neighbour = make_reference(mark="other", client=world.client)
    neighbour.share(*SCOPES)
    name = body_of_answer(world.get("/prescriptions"))["items"][1]["id"]
    refill = body_of_answer(world.get("/refills"))["items"][0]["id"]
    path = f"/prescriptions/{name}/refills" if verb == "POST" else f"/refills/{refill}"
    before = list(Refill.objects.values()), list(Prescription.objects.values())

    response = neighbour.call(path, method=verb, data="{}", content_type="application/json")

    assert response.status_code == 404
    assert (list(Refill.objects.values()), list(Prescription.objects.values())) == before


def test_s20_names_stay_when_the_customer_agrees_anew_and_no_two_applications_share_one(world):
    names = []
    for scopes in (SCOPES, ["prescriptions:read"], SCOPES):
        world.share(*scopes)
        names.append([item["id"] for item in body_of_answer(world.get("/prescriptions"))["items"]])
    elsewhere = Reference(make_reference(mark="third").client, world.customer)
    elsewhere.share(*SCOPES)
    theirs = [item["id"] for item in body_of_answer(elsewhere.get("/prescriptions"))["items"]]

    assert names[0] == names[1] == names[2]
    assert not set(theirs) & set(names[0])


def test_s20_a_token_of_one_customer_reads_nothing_of_another(world):
    world.share(*SCOPES)
    other = make_reference(mark="other", client=world.client)
    other.share(*SCOPES)
    token = token_for(world.client, world.arrangement, SCOPES)

    assert "other" not in other.get("/prescriptions", token=token).content.decode()
