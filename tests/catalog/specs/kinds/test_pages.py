"""Descriptions of other kinds in the catalog: imported, versioned, read and found."""

from __future__ import annotations

import pytest

from catalog.apis.models import ApiVersion, Part
from catalog.specs.actions import import_document, publish_version
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from portal.events import log
from tests.catalog.specs.kinds.samples import ASYNC_2, ASYNC_3, GRAPHQL, PROTO
from tests.factories.people import staff, user_of
from tests.factories.publishing import made_ready

pytestmark = pytest.mark.django_db


def published(text: str, name: str = "x") -> ApiVersion:
    version = import_document(text.encode(), by=SYSTEM, source=name).version
    assert version is not None
    publish_version(made_ready(version), by=SYSTEM)
    log.deliver_due()
    return version


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("document", "kind", "name", "page"),
    [
        (ASYNC_2, "AsyncAPI", "onParcelMoved", "subscribe ParcelMoved on parcels/{number}/moved"),
        (GRAPHQL, "GraphQL", "redirect", "redirect(input: Redirection!): Parcel!"),
        (PROTO, "gRPC", "Tracking.Find", "rpc Find(FindRequest) returns (Parcel)"),
    ],
    ids=["asyncapi", "graphql", "grpc"],
)
def test_each_kind_has_a_page_and_one_for_each_part(client, document, kind, name, page):
    version = published(document)
    part = Part.objects.get(name=name, version=version)

    overview = text(client.get(version.get_absolute_url()))
    shown = text(client.get(f"{version.get_absolute_url()}{part.slug}/"))

    assert kind in overview
    assert f"{part.slug}/" in overview
    assert page in shown
    assert "<script>alert" not in overview + shown


def test_a_draft_is_seen_by_those_who_keep_the_catalog_alone(client):
    version = import_document(GRAPHQL.encode(), by=SYSTEM, source="x").version
    part = version.parts.get(name="redirect")
    addresses = [version.get_absolute_url(), f"{version.get_absolute_url()}{part.slug}/"]

    assert [client.get(one).status_code for one in addresses] == [404, 404]
    client.force_login(user_of(staff(Role.CATALOG)))
    assert [client.get(one).status_code for one in addresses] == [200, 200]


def test_parts_and_their_fields_are_found(client):
    published(ASYNC_2)
    published(PROTO)

    assert "/message-parcelmoved/" in text(client.get("/apis/search/?q=parcel+moved"))
    assert "/rpc-tracking-find/" in text(client.get("/apis/search/?q=find+parcel&kind=parts"))
    assert "/schema-move/" in text(client.get("/apis/search/?q=town"))


def test_a_new_major_version_stands_beside_the_old_one_and_a_group_can_be_chosen(client):
    first, second = published(ASYNC_2, "one"), published(ASYNC_3, "two")

    page = text(client.get(f"{first.get_absolute_url()}?tag=Messages"))
    assert first.api_id != second.api_id or first.label != second.label
    assert "ParcelMoved" in page
    assert "onParcelMoved" not in page


def test_the_same_again_changes_nothing_and_a_changed_one_replaces_the_parts():
    version = published(GRAPHQL)
    again = import_document(GRAPHQL.encode(), by=SYSTEM, source="x")
    changed = import_document(
        GRAPHQL.replace("redirect(", "reroute(").encode(), by=SYSTEM, source="x"
    )
    log.deliver_due()

    assert again.pk != changed.pk
    assert SpecRevision.objects.count() == 2
    assert version.parts.filter(name="reroute").exists()
    assert not version.parts.filter(name="redirect").exists()


def test_the_console_says_what_it_is_written_in(client):
    version = published(PROTO)
    client.force_login(user_of(staff(Role.CATALOG)))

    assert "Protocol Buffers" in text(client.get(f"/console/apis/{version.api.slug}/"))


def test_a_schema_that_names_itself_nowhere_is_named_by_its_file():
    one = import_document(b"type Query { a: Int }", by=SYSTEM, source="parcels.graphql").version
    other = import_document(
        b"type Query { b: Int }", by=SYSTEM, source="https://kestrel.example/schema.graphql"
    ).version

    assert (one.api.slug, one.api.name) == ("parcels", "parcels")
    assert other.api.slug == "kestrel-schema"


def test_a_page_of_many_parts_takes_few_queries(client, django_assert_max_num_queries):
    many = "\n".join(f'"Say {n}." type T{n} {{ a: Int }}' for n in range(300))
    version = published(f"type Query {{ a: Int }}\n{many}")
    client.get(version.get_absolute_url())

    with django_assert_max_num_queries(9):
        client.get(f"{version.get_absolute_url()}?page=2")
