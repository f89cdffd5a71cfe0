"""Whatever a customer shares, nothing else leaves: for every operation and every set of items.

What may leave is worked out from the description alone, so that no part of the portal is asked
whether it is right.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction

from catalog.scopes.models import FieldRule
from partners.webhooks.envelope import body_of
from portal.events.models import Event
from portal.sandbox.models import Refill
from tests.factories.reference import DESCRIBED, SCOPES, Reference, make_reference

pytestmark = pytest.mark.django_db

SUBSETS = [subset for size in range(1, len(SCOPES) + 1) for subset in combinations(SCOPES, size)]
CLUSTER_OF = {scope.name: scope.cluster for scope in DESCRIBED.vocabulary.scopes if scope.cluster}
OPERATIONS = [
    key
    for key, (_, _, operation) in DESCRIBED.operations.items()
    if operation["security"][0].get("customer")
]
LISTS = [key for key in OPERATIONS if key.startswith("list")]
NOT_A_FIELD = "salary"
# Each text stands in one field of the one customer's records; these clusters may reveal it.
TELLING = {
    "medicine-one": {"prescriptions"},
    "dose-one": {"prescriptions"},
    "Pone": {"prescriptions"},
    "2029-08": {"prescriptions"},
    "2031-05-": {"prescriptions"},
    "2031-05": {"prescriptions", "supplies"},
    "note-one": {"prescription-notes"},
    "Q7": {"supplies"},
    "one1Q7": set(),
    "one2Q7": set(),
    "A-one": {"delivery-area"},
    "QX": {"delivery-area"},
    "clinic-one": {"appointments"},
    "place-one": {"appointments"},
    "2032-07": {"appointments"},
    # The other customer's, of the same application.
    "-two": set(),
    "Ptwo": set(),
    "two1": set(),
}


def leaves(schema: Any, pointer: str = "", cluster: str = "", depth: str = "") -> Iterator[Any]:
    cluster = schema.get("x-data-cluster", cluster)
    depth = schema.get("x-data-class", depth)
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(inner, f"{pointer}/{name}", cluster, depth)
    elif "items" in schema:
        yield from leaves(schema["items"], f"{pointer}/*", cluster, depth)
    else:
        yield pointer, cluster, depth


def described(key: str) -> list[tuple[str, str, str]]:
    _, _, operation = DESCRIBED.operations[key]
    for status in ("200", "201"):
        if said := operation["responses"].get(status):
            schema = said["content"]["application/json"]["schema"]
            return list(leaves(DESCRIBED.resolved(schema)))
    return []


FIELDS = {key: described(key) for key in OPERATIONS}


def allowed(key: str, clusters: set[str]) -> frozenset[str]:
    return frozenset(
        pointer
        for pointer, cluster, depth in FIELDS[key]
        if (cluster in clusters if cluster else depth in {"public", "internal"})
    )


def held(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from held(member, f"{pointer}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from held(item, f"{pointer}/*")
    else:
        yield pointer


def said_by(response: Any) -> str:
    """Return all that the client gets: every header and the body."""
    return f"{dict(response.items())}\n{response.content.decode()}"


SENTENCES: dict[tuple[str, str, str], str] = {}


@pytest.fixture
def world(db) -> Reference:
    world = make_reference(mark="one")
    SENTENCES.update(
        ((rule.cluster.code, rule.operation_key, rule.seen_as), rule.permission)
        for rule in FieldRule.objects.select_related("cluster")
    )
    other = make_reference(mark="two", client=world.client)
    other.share(*SCOPES)
    for each in (world, other):
        Refill.objects.create(
            prescription_id=each.records["first"],
            pharmacy_id=each.records["pharmacy"],
            application=world.client.application,
        )
    return world


class Asked:
    """The addresses of one operation for one customer, under the names that the client knows."""

    def __init__(self, world: Reference) -> None:
        world.share(*SCOPES)
        self.names = {
            kind: json.loads(world.get(f"/{path}").content)["items"][0]["id"]
            for kind, path in (
                ("prescription_id", "prescriptions"),
                ("refill_id", "refills"),
                ("appointment_id", "appointments"),
            )
        }

    def address(self, key: str, *, known: bool = True) -> tuple[str, str]:
        path, method, _ = DESCRIBED.operations[key]
        for kind, name in self.names.items():
            path = path.replace(f"{{{kind}}}", name if known else f"{name}0")
        return method, path


def calls(key: str, asked: Asked) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, address and the rest of each way to ask the operation."""
    method, path = asked.address(key)
    body = {"data": "{}", "content_type": "application/json"} if method == "POST" else {}
    yield method, path, body
    if method != "GET":
        yield method, asked.address(key, known=False)[1], body
        return
    names = ",".join({pointer.split("/")[-1] for pointer, _, _ in FIELDS[key]})
    yield method, f"{path}?fields={names},medicine,refills,place,{NOT_A_FIELD}", {}
    yield method, f"{path}?fields=*", {}
    yield "HEAD", path, {}
    yield method, asked.address(key, known=False)[1], {}
    if "efill" in key:
        yield method, f"{path}?expand=prescription", {}
    if key in LISTS:
        yield method, f"{path}?limit=1", {}
        yield method, f"{path}?limit=none", {}
        yield method, f"{path}?cursor=none", {}
        for kind in ("text/csv", "application/x-ndjson"):
            yield method, f"{path}?expand=", {"headers": {"Accept": kind}}


def test_no_field_outside_the_consent_leaves_whatever_is_shared(world):
    """Each operation is asked under each set, and once in every way for each set of its fields."""
    asked = Asked(world)
    seen: set[tuple[str, frozenset[str]]] = set()
    answered = 0
    for subset in SUBSETS:
        clusters = {CLUSTER_OF[scope] for scope in subset}
        world.share(*subset)
        require_a_sentence_for_each_field(world, subset)
        for key in OPERATIONS:
            plain, *others = calls(key, asked)
            response = ask(world, plain)
            require_nothing_else(key, response, clusters, f"{subset} {plain}")
            is_answered = response.status_code < 300
            answered += is_answered
            assert is_answered == (scope_of(key) in subset)
            if is_answered and (key, allowed(key, clusters)) not in seen:
                seen.add((key, allowed(key, clusters)))
                for other in others:
                    require_nothing_else(key, ask(world, other), clusters, f"{subset} {other}")

    assert answered == len(OPERATIONS) * 2 ** (len(SCOPES) - 1)


def ask(world: Reference, how: tuple[str, str, dict[str, Any]]) -> Any:
    method, address, rest = how
    if method in {"GET", "HEAD"}:
        return world.call(address, method=method, **rest)
    with transaction.atomic():
        response = world.call(address, method=method, **rest)
        transaction.set_rollback(True)
    return response


def scope_of(key: str) -> str:
    return str(DESCRIBED.operations[key][2]["security"][0]["customer"][0])


def require_a_sentence_for_each_field(world: Reference, subset: tuple[str, ...]) -> None:
    """Every field that is pinned is told by a sentence, and the notice shows the sentence."""
    assert world.arrangement is not None
    version = world.arrangement.versions.get(number=world.arrangement.version_number)
    lines = {
        line["scope"]: set(line["permissions"])
        for line in (*version.notice["needed"], *version.notice["optional"])
    }
    assert lines.keys() == set(subset)
    for item in version.items.select_related("cluster", "scope"):
        for operation, fields in item.fields.items():
            for field in fields:
                sentence = SENTENCES[item.cluster.code, operation, field]
                assert sentence in lines[item.scope.name]


def tells(said: str, text: str) -> bool:
    """Say whether the text is in it; two letters alone, as any random id may hold them."""
    return bool(re.search(rf"\b{text}\b", said)) if len(text) == 2 else text in said


def require_nothing_else(key: str, response: Any, clusters: set[str], case: str) -> None:
    said = said_by(response)
    for text, revealing in TELLING.items():
        assert not tells(said, text) or revealing & clusters, (case, text)
    assert "no-store" in response["Cache-Control"], case
    assert "Authorization" in response["Vary"], case
    if response.status_code >= 300 or not response.content:
        return
    may = allowed(key, clusters)
    match response["Content-Type"]:
        case "text/csv":
            (columns, *_) = csv.reader(io.StringIO(response.content.decode()))
            found = {f"/items/*/{name.replace('.', '/')}" for name in columns}
        case "application/x-ndjson":
            lines = response.content.decode().splitlines()
            found = {at for line in lines for at in held(json.loads(line), "/items/*")}
        case _:
            found = set(held(json.loads(response.content)))
    assert found <= may, (case, found - may)


def oracles(key: str, name: str, asked: Asked) -> Iterator[str]:
    _, path = asked.address(key)
    yield f"{path}?sort={name}"
    yield f"{path}?sort=-{name}"
    yield f"{path}?filter={name}"
    yield f"{path}?filter={name} eq x"
    yield f"{path}?filter={name} eq 2029-08-12"
    yield f"{path}?expand={name}"


@pytest.mark.parametrize("key", LISTS)
def test_a_field_that_is_not_shared_looks_like_one_that_is_not_there(world, key):
    asked = Asked(world)
    world.share(scope_of(key))
    may = allowed(key, {CLUSTER_OF[scope_of(key)]})
    hidden = {
        pointer.removeprefix("/items/*/").replace("/", ".")
        for pointer, _, _ in FIELDS[key]
        if pointer.startswith("/items/*/") and pointer not in may
    }
    unknown = [said_by(world.get(address)) for address in oracles(key, NOT_A_FIELD, asked)]

    for name in sorted(hidden):
        for address, said in zip(oracles(key, name, asked), unknown, strict=True):
            response = world.get(address)
            assert response.status_code == 400
            assert json.loads(response.content)["code"] == "field_not_consented"
            assert said_by(response) == said

    assert hidden or all(
        cluster in {"", CLUSTER_OF[scope_of(key)]} for _, cluster, _ in FIELDS[key]
    )


@pytest.mark.parametrize("key", LISTS)
def test_what_is_shown_as_less_cannot_be_sorted_or_filtered_by(world, key):
    asked = Asked(world)
    transformed = {"listSupplies": ["left", "due_in", "collection_code"]}.get(key, [])
    for name in ["id", *transformed]:
        for address in list(oracles(key, name, asked))[:5]:
            response = world.get(address)
            assert response.status_code == 400
            assert json.loads(response.content)["code"] == "field_not_consented"


def test_no_event_and_no_webhook_tells_a_value(world):
    world.share(*SCOPES)
    for key in OPERATIONS:
        method, path = Asked(world).address(key)
        world.call(path, method=method, data="{}", content_type="application/json")
    world.share(SCOPES[0])

    told = "\n".join(
        f"{event.kind} {event.subject} {event.facts} {body_of(event)}"
        for event in Event.objects.all()
    )
    assert "consent.arrangement" in told
    assert [text for text in TELLING if tells(told, text)] == []
