"""What the reference API can do: for each application and customer under names of their own."""

from __future__ import annotations

import json

import pytest

from consent.gateway.models import Undeclared
from portal.sandbox import prescriptions, shapes
from portal.sandbox.models import Prescription, Refill
from portal.sandbox.records import Column, Shape
from tests.factories.reference import DESCRIBED, SCOPES, Reference, make_reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db) -> Reference:
    return make_reference()


def body_of(response):
    return json.loads(response.content)


def test_a_page_holds_what_is_shared_and_says_how_many_there_are(world):
    world.share("prescriptions:read")

    body = body_of(world.get("/prescriptions"))

    first, second = body["items"]
    assert body["total"] == 2
    assert first["id"].startswith("rx_")
    assert first["medicine"] == {"name": "medicine-one-2", "dose": "dose-one-2"}
    assert "notes" not in second
    assert body_of(world.get(f"/prescriptions/{first['id']}")) == first


def test_supplies_are_told_roughly(world):
    world.share("supplies:read")

    body = body_of(world.get("/supplies"))

    assert [{**item, "id": ""} for item in body["items"]] == [
        {"id": "", "left": "4+", "due_in": "2031-05", "collection_code": "****Q7"}
    ] * 2


def test_fields_can_be_asked_for_and_never_more_than_are_shared(world):
    world.share("prescriptions:read")

    body = body_of(world.get("/prescriptions?fields=medicine.name,notes,refills"))

    assert body["items"][0] == {
        "medicine": {"name": "medicine-one-2"},
        "refills": {"left": 43, "next_due_on": "2031-05-19"},
    }
    everything = body_of(world.get("/prescriptions?fields=*"))
    assert everything == body_of(world.get("/prescriptions"))
    assert body_of(world.get("/prescriptions?fields=nothing")) == {"next_cursor": None, "total": 2}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort=medicine.name", ["medicine-one-1", "medicine-one-2"]),
        ("sort=-refills.left", ["medicine-one-2", "medicine-one-1"]),
        ("filter=medicine.dose eq dose-one-1", ["medicine-one-1"]),
        ("filter=refills.left eq 43", ["medicine-one-2"]),
        ("filter=prescribed_on eq 2029-08-12", ["medicine-one-1"]),
        ("status=paused", ["medicine-one-2"]),
        ("filter=status eq nothing", []),
        ("limit=1&cursor=MQ", ["medicine-one-1"]),
    ],
)
def test_a_list_is_sorted_and_filtered_by_what_is_shared(world, query, names):
    world.share("prescriptions:read")

    body = body_of(world.get(f"/prescriptions?{query}"))

    assert [item["medicine"]["name"] for item in body["items"]] == names


@pytest.mark.parametrize(
    "query",
    [
        "filter=refills.left eq many",
        "filter=prescribed_on eq yesterday",
        "filter=status",
        "filter=status is active",
        "filter=status eq a%00b",
        "status=unheard-of",
        "cursor=LTE",
        "cursor=OTk5OTk5OTk5OTk5",
        "cursor=!",
        "limit=0",
        "limit=1&limit=2",
    ],
)
def test_what_cannot_be_meant_is_malformed(world, query):
    world.share("prescriptions:read")

    response = world.get(f"/prescriptions?{query}")

    assert response.status_code == 400
    assert body_of(response)["code"] == "malformed"
    assert response["Cache-Control"] == "no-store"


def test_the_next_page_is_linked(world):
    world.share("prescriptions:read")

    response = world.get("/prescriptions?limit=1&sort=status")

    assert response["Link"] == '<?limit=1&sort=status&cursor=MQ>; rel="next"'
    assert "Link" not in world.get("/prescriptions?limit=2")


def test_a_prescription_comes_with_its_refill_where_both_are_shared(world):
    world.share("prescriptions:read", "refills:write")
    name = body_of(world.get("/prescriptions"))["items"][0]["id"]
    made = world.call(
        f"/prescriptions/{name}/refills", method="POST", data="{}", content_type="application/json"
    )
    assert made.status_code == 201

    plain = body_of(world.get("/refills"))["items"][0]
    expanded = body_of(world.get("/refills?expand=prescription"))["items"][0]

    assert made["Location"] == f"/prescriptions/v1/refills/{plain['id']}"
    assert plain["prescription_id"] == name
    assert "prescription" not in plain
    assert expanded["prescription"]["id"] == name
    assert expanded["prescription"]["medicine"]["name"] == "medicine-one-2"
    assert body_of(world.get(f"/refills/{plain['id']}?expand=prescription")) == expanded


def refused(world, name) -> str:
    answer = world.call(
        f"/prescriptions/{name}/refills", method="POST", data="{}", content_type="application/json"
    )
    assert answer.status_code == 409
    return body_of(answer)["code"]


def test_why_no_refill_is_possible_is_told_only_to_who_may_know(world):
    world.share(*SCOPES)
    empty, open_elsewhere = body_of(world.get("/prescriptions"))["items"]
    Prescription.objects.filter(pk=world.records["second"]).update(refills_left=0)
    Refill.objects.create(
        prescription_id=world.records["first"], pharmacy_id=world.records["pharmacy"]
    )

    assert refused(world, empty["id"]) == "no_refills_left"
    assert refused(world, open_elsewhere["id"]) == "refill_not_possible"

    world.share("refills:write")
    assert refused(world, empty["id"]) == "refill_not_possible"
    assert refused(world, open_elsewhere["id"]) == "refill_not_possible"


def test_a_refill_of_ones_own_is_known(world):
    world.share(*SCOPES)
    name = body_of(world.get("/prescriptions"))["items"][0]["id"]
    address = f"/prescriptions/{name}/refills"
    world.call(address, method="POST", data="{}", content_type="application/json")

    assert refused(world, name) == "refill_open"


def test_a_list_comes_as_a_table_and_as_lines(world):
    world.share("supplies:read")
    Prescription.objects.filter(pk=world.records["second"]).delete()
    item = body_of(world.get("/supplies"))["items"][0]

    table = world.get("/supplies", headers={"Accept": "text/csv"})
    lines = world.get("/supplies", headers={"Accept": "application/x-ndjson"})

    assert table["Content-Type"] == "text/csv"
    assert table.content.decode() == (
        f"collection_code,due_in,id,left\r\n****Q7,2031-05,{item['id']},4+\r\n"
    )
    assert json.loads(lines.content) == item
    assert lines.content.count(b"\n") == 1


def test_a_cell_is_never_a_formula(world):
    Prescription.objects.filter(pk=world.records["first"]).update(medicine_name="=cmd()")
    world.share("prescriptions:read")

    table = world.get("/prescriptions?fields=medicine.name", headers={"Accept": "text/csv"})

    assert table.content.decode().splitlines() == ["medicine.name", "medicine-one-2", "'=cmd()"]


def test_an_answer_that_is_known_is_not_sent_again(world):
    world.share("prescriptions:read")
    tag = world.get("/prescriptions")["ETag"]

    again = world.get("/prescriptions", headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert not again.content
    Prescription.objects.filter(pk=world.records["first"]).update(dose="another")
    assert world.get("/prescriptions", headers={"If-None-Match": tag}).status_code == 200


def test_what_may_not_be_seen_does_not_change_the_tag(world):
    world.share("prescriptions:read")
    tag = world.get("/prescriptions")["ETag"]

    Prescription.objects.update(notes="another note", collection_code="Z9")

    assert world.get("/prescriptions")["ETag"] == tag


def test_head_is_get_without_the_body(world, client):
    world.share("prescriptions:read")
    token = {"Authorization": f"Bearer {world.token}"}
    address = "/sandbox/prescriptions/v1/prescriptions"

    head = client.head(address, headers=token)
    got = client.get(address, headers=token)

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == got["ETag"]
    assert head["Content-Length"] == str(len(got.content))
    assert got["Cache-Control"] == "no-store"
    assert "Authorization" in got["Vary"]


def test_options_tell_nothing_of_what_there_is(world):
    world.share("prescriptions:read")

    known = world.call("/prescriptions", method="OPTIONS")
    unknown = world.call("/unknown", method="OPTIONS")

    assert known.status_code == unknown.status_code == 404
    assert known.content == unknown.content
    assert "Allow" not in known


def test_a_field_that_no_description_names_is_dropped_and_counted(world, monkeypatch):
    world.share("delivery-area:read")

    def with_more(request):
        return prescriptions.Reply(200, {"town": "Vilnius", "door_code": "4711", "more": {"a": 1}})

    routes = [
        (verb, pattern, with_more if handler is prescriptions.get_delivery_area else handler)
        for verb, pattern, handler in prescriptions._ROUTES
    ]
    monkeypatch.setattr(prescriptions, "_ROUTES", routes)

    assert body_of(world.get("/delivery-area")) == {"town": "Vilnius"}
    assert Undeclared.objects.get().field_count == 2


def test_columns_that_are_not_shared_are_not_asked_of_the_database(
    world, django_assert_max_num_queries
):
    world.share("prescriptions:read")

    with django_assert_max_num_queries(14) as asked:
        world.get("/prescriptions?fields=status")

    # A prepared question is not spelled out.
    spelled = [one["sql"] for one in asked.captured_queries if one["sql"]]
    read = [sql for sql in spelled if "medicine_name" in sql]
    notes = [sql for sql in spelled if '"notes"' in sql]
    assert read == notes == []


def test_every_field_of_a_shape_is_described():
    """A column that no description names would only ever be dropped."""
    schemas = DESCRIBED.document["components"]["schemas"]
    told = {
        "Prescription": shapes.PRESCRIPTION,
        "Supply": shapes.SUPPLY,
        "Refill": shapes.REFILL,
        "Appointment": shapes.APPOINTMENT,
        "DeliveryArea": shapes.AREA,
        "Pharmacy": shapes.PHARMACY,
    }
    for name, shape in told.items():
        assert isinstance(shape, Shape)
        assert all(isinstance(column, Column) for column in shape.columns)
        described = schemas[name]["properties"].keys()
        assert {column.pointer.split("/")[1] for column in shape.columns} == described
