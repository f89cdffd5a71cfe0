"""Descriptions that speak of no paths: typed, listed part by part, graded and harmless."""

from __future__ import annotations

import pytest

from catalog.specs.kinds.languages import language_of
from catalog.specs.loader import Unreadable
from catalog.specs.parts import ParsedPart
from catalog.specs.reading import Description, read_description
from portal.errors import Refused
from tests.catalog.specs.kinds.samples import ASYNC_2, ASYNC_3, GRAPHQL, PROTO


def read(text: str) -> Description:
    return read_description(text.encode(), max_bytes=20_000_000)


def names(description: Description) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in description.api.parts]


def named(description: Description, name: str) -> ParsedPart:
    return next(one for one in description.api.parts if one.name == name)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GRAPHQL, "graphql"),
        (PROTO, "proto"),
        ("type Query { a: Int }", "graphql"),
        ('"""said"""\nextend type A { b: C }', "graphql"),
        ("enum A { B C }", "graphql"),
        ("/* x */ message A {}", "proto"),
        ('edition = "2023";', "proto"),
        (ASYNC_2, ""),
        ("openapi: 3.1.0\n", ""),
        ('{"openapi": "3.1.0"}', ""),
        ("type: object\n", ""),
        ("schema:\n  a: b\n", ""),
        ("message: hello\n", ""),
        ("package: x\n", ""),
        ("", ""),
    ],
    ids=[
        "graphql", "proto", "a type", "an extension", "an enum", "a message", "an edition",
        "asyncapi", "openapi", "json", "yaml type", "yaml schema", "yaml message", "yaml package",
        "nothing",
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_beginning(text, language):
    assert language_of(text.encode()) == language


def test_asyncapi_2_is_its_channels_operations_messages_and_schemas():
    description = read(ASYNC_2)
    api = description.api

    assert (description.format, api.kind) == ("asyncapi-2.6 yaml", "asyncapi")
    assert (api.slug, api.label, api.title) == ("kestrel-parcel-news", "v1", "Parcel news")
    assert api.servers[0]["url"] == "mqtt://broker.kestrel.example"
    assert names(description) == [
        ("channel", "parcels/{number}/moved"),
        ("publish", "parcels/{number}/moved"),
        ("subscribe", "onParcelMoved"),
        ("message", "ParcelMoved"),
        ("schema", "Move"),
    ]
    heard = named(description, "onParcelMoved")
    assert heard.signature == "subscribe ParcelMoved on parcels/{number}/moved"
    assert [(one.name, one.is_required) for one in heard.fields] == [
        ("number", True), ("town", False),
    ]  # fmt: skip
    assert api.operation_count == 2


def test_asyncapi_3_says_who_sends_and_who_receives():
    description = read(ASYNC_3)

    assert description.format == "asyncapi-3.0 yaml"
    assert names(description) == [
        ("channel", "moved"), ("send", "tellMoved"), ("receive", "hearMoved"),
        ("message", "ParcelMoved"),
    ]  # fmt: skip
    told = named(description, "tellMoved")
    assert told.signature == "send ParcelMoved on parcels/{number}/moved"
    assert [one.name for one in told.fields] == ["number"]


def test_graphql_is_its_calls_and_types():
    description = read(GRAPHQL)
    api = description.api

    assert (description.format, api.kind) == ("graphql", "graphql")
    assert (api.title, api.label, api.summary) == ("Parcels", "v1", "Parcels on their way.")
    assert names(description) == [
        ("scalar", "Instant"),
        ("query", "parcel"),
        ("query", "parcels"),
        ("mutation", "redirect"),
        ("interface", "Node"),
        ("type", "Parcel"),
        ("input", "Redirection"),
        ("enum", "Speed"),
        ("union", "Thing"),
        ("directive", "personal"),
        ("query", "now"),
    ]
    asked = named(description, "parcel")
    assert asked.signature == "parcel(number: ID!): Parcel"
    assert asked.summary == "The parcel of that number."
    assert asked.fields[0].description == "On the label."
    assert named(description, "parcels").is_deprecated
    assert named(description, "Parcel").signature == "type Parcel implements Node"
    assert api.operation_count == 4


def test_proto_is_its_services_calls_messages_and_enums():
    description = read(PROTO)
    api = description.api

    assert (description.format, api.kind) == ("proto", "grpc")
    assert (api.slug, api.label, api.summary) == (
        "kestrel-parcels", "v2", "Parcels on their way.",
    )  # fmt: skip
    assert names(description) == [
        ("service", "Tracking"),
        ("rpc", "Tracking.Find"),
        ("rpc", "Tracking.Follow"),
        ("message", "FindRequest"),
        ("message", "Parcel"),
        ("message", "Parcel.Place"),
        ("enum", "Parcel.Speed"),
    ]
    assert named(description, "Tracking.Find").summary == "Find one parcel."
    followed = named(description, "Tracking.Follow")
    assert followed.signature == "rpc Follow(stream FindRequest) returns (stream Parcel)"
    fields = {one.name: one for one in named(description, "Parcel").fields}
    assert {name: one.type for name, one in fields.items()} == {
        "number": "string",
        "places": "repeated Place",
        "weights": "map<string, int32>",
        "moved": "google.protobuf.Timestamp",
        "person": "one of owner: string",
        "company": "one of owner: string",
        "message": "Speed",
    }
    assert fields["number"].description == "On the label."
    assert api.operation_count == 2


@pytest.mark.parametrize("text", [ASYNC_2, GRAPHQL], ids=["asyncapi", "graphql"])
def test_no_markup_of_a_stranger_survives(text):
    api = read(text).api

    assert "<script" not in repr(api)
    assert "alert(1)" not in "".join(one.description_html for one in api.parts)


@pytest.mark.parametrize(
    "text", [ASYNC_2, ASYNC_3, GRAPHQL, PROTO], ids=["async 2", "async 3", "graphql", "proto"]
)
def test_each_has_a_grade_and_addresses_of_its_own(text):
    description = read(text)
    slugs = [one.slug for one in description.api.parts]

    assert description.grading.letter in "ABCD"
    assert len(slugs) == len(set(slugs))


def test_what_is_missing_costs_points():
    sound, poor = read(GRAPHQL).grading, read("type Query { a: Int b: Int }").grading

    assert poor.points < sound.points
    assert {one.rule for one in poor.findings} == {
        "info-description-missing", "operation-summary-missing",
    }  # fmt: skip
    assert "no-operations" in {one.rule for one in read("scalar A").grading.findings}
    lost = ASYNC_2.replace("#/components/schemas/Move", "#/components/schemas/Gone")
    assert "ref-unresolved" in {one.rule for one in read(lost).grading.findings}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("type Query {\n  a: }\n", "bad_graphql", "line 2"),
        ("type Query { a: Int", "bad_graphql", "line 1"),
        ("type A { a: " + "[" * 5000 + "B" + "]" * 5000 + " }", "bad_graphql", "line 1"),
        ('syntax = "proto3";\nmessage A {\n  string = 1;\n}', "bad_proto", "line 3"),
        ("message A {", "bad_proto", "ends"),
        ("message A { } }", "bad_proto", "line 1"),
        ('syntax = "proto3"; message A { string a = 1; \x07 }', "bad_proto", "line 1"),
        ("message A {" * 60 + "}" * 60, "too_deep", "deeply"),
        ("asyncapi: 1.2.0\n", "bad_version", "2 and 3"),
    ],
    ids=[
        "graphql field", "graphql end", "graphql depth", "proto field", "proto end", "proto brace",
        "proto character", "proto depth", "an old asyncapi",
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(text, code, words):
    with pytest.raises(Refused) as refused:
        read(text)

    assert refused.value.code == code
    assert words in str(refused.value)


@pytest.mark.parametrize("language", ["graphql", "proto"])
def test_a_description_without_end_is_turned_away(language):
    many = {
        "graphql": "\n".join(f"type T{n} {{ a: Int }}" for n in range(5001)),
        "proto": "\n".join(f"message T{n} {{ }}" for n in range(5001)),
    }

    with pytest.raises(Unreadable) as refused:
        read(many[language])

    assert refused.value.code == "too_many_operations"


def test_a_message_that_refers_to_itself_ends():
    text = ASYNC_2.replace("town: { type: string }", "inner: { $ref: '#/components/schemas/Move' }")

    assert [one.name for one in named(read(text), "Move").fields] == ["number", "inner"]
