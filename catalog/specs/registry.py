"""The registry of what scopes reveal, beside what the API descriptions say: where the two differ.

One line leads from a scope to a cluster's version, the sentence that a customer reads, a field of
an operation's answer and how it is seen, the purposes, and how long it may be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from catalog.apis.models import ApiVersion, Field, Operation
from catalog.scopes.models import DataCluster, Depth, FieldRule, Scope


@dataclass(frozen=True, slots=True)
class Line:
    scope: str
    cluster: str
    permission: str
    operation_key: str
    field: str
    purposes: tuple[str, ...]
    max_retention_days: int


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where the registry and a description do not say the same; `code` is stable."""

    code: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Described:
    """A field as its description has it; only leaves, because containers hold no value."""

    pointer: str
    cluster: str
    transform: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a description says of an operation: what it asks for and what its answer holds."""

    scopes: frozenset[str]
    fields: Sequence[Described]


def lines() -> Iterator[Line]:
    """Yield the registry as it stands, in the order of scopes and operations."""
    current: Iterable[DataCluster] = DataCluster.objects.current()
    clusters = {cluster.code: cluster for cluster in current}
    for scope in Scope.objects.exclude(cluster_code="").order_by("name"):
        cluster = clusters.get(scope.cluster_code)
        if cluster is None:
            continue
        purposes = tuple(sorted(cluster.purposes.values_list("code", flat=True)))
        for rule in cluster.rules.order_by("operation_key", "pointer"):
            yield Line(
                scope=scope.name,
                cluster=str(cluster),
                permission=rule.permission,
                operation_key=rule.operation_key,
                field=rule.seen_as,
                purposes=purposes,
                max_retention_days=cluster.max_retention_days,
            )


def drift_of(version: ApiVersion) -> list[Drift]:
    """Return where the registry and the description of that version differ."""
    answers = _answers_of(version)
    scopes = dict(
        Scope.objects.filter(api_slug=version.api.slug)
        .exclude(cluster_code="")
        .values_list("name", "cluster_code")
    )
    current = DataCluster.objects.current()
    rules = list(
        FieldRule.objects.filter(
            cluster__in=current, operation_key__startswith=f"{version.api.slug}/{version.label}/"
        ).select_related("cluster")
    )
    revealing = set(
        current.filter(code__in=scopes.values(), rules__isnull=False).values_list("code", flat=True)
    )
    return sorted(
        {*_gone(rules, answers), *_unsaid(answers, scopes), *_empty(scopes, revealing, answers)},
        key=lambda drift: (drift.code, drift.place),
    )


def _gone(rules: Iterable[FieldRule], answers: Mapping[str, Answer]) -> Iterator[Drift]:
    """Yield rules that the description does not bear out, and fields that no sentence tells of."""
    for rule in rules:
        place = f"{rule.operation_key}#{rule.pointer}"
        answer = answers.get(rule.operation_key)
        fields = {field.pointer: field for field in answer.fields} if answer else {}
        field = fields.get(rule.pointer)
        if field is None:
            yield Drift("pointer-gone", place, f"{rule.cluster} reveals it, no answer holds it.")
        elif (field.cluster, field.transform) != (rule.cluster.code, rule.transform):
            yield Drift("field-differs", place, f"{rule.cluster} shows it in another way.")
        elif not rule.permission:
            message = f"No sentence of {rule.cluster} tells the customer of it."
            yield Drift("permission-unsaid", place, message)


def _unsaid(answers: Mapping[str, Answer], scopes: Mapping[str, str]) -> Iterator[Drift]:
    for key, answer in answers.items():
        if not answer.scopes & scopes.keys():
            continue
        for field in answer.fields:
            if not field.cluster and not field.is_open:
                message = (
                    "It names no cluster, and is neither public nor internal: it never leaves."
                )
                yield Drift("field-undeclared", f"{key}#{field.pointer}", message)


def _empty(
    scopes: Mapping[str, str], revealing: set[str], answers: Mapping[str, Answer]
) -> Iterator[Drift]:
    asked = frozenset[str]().union(*(answer.scopes for answer in answers.values()))
    for scope, code in sorted(scopes.items()):
        if code not in revealing and scope not in asked:
            message = f"Customers agree to it, but {code} reveals no field and opens no operation."
            yield Drift("scope-without-field", scope, message)


def _answers_of(version: ApiVersion) -> dict[str, Answer]:
    operations = Operation.objects.filter(version=version).prefetch_related(
        Prefetch("fields", Field.objects.leaves())
    )
    return {
        f"{version.api.slug}/{version.label}/{operation.slug}": Answer(
            frozenset(operation.scopes), list(_leaves(operation))
        )
        for operation in operations
    }


def _leaves(operation: Operation) -> Iterator[Described]:
    for row in operation.fields.all():
        is_open = row.depth is not None and row.depth <= Depth.INTERNAL
        yield Described(row.pointer, row.cluster_code, row.transform, is_open)
