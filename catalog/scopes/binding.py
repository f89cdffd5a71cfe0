"""Which fields a cluster reveals: what a description binds, as rules of a cluster's version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.scopes.models import DataCluster, FieldRule
from catalog.scopes.vocabulary import ClusterWords, VocabularyInvalid


@dataclass(frozen=True, slots=True)
class Bound:
    """A field of an operation's answer that a cluster reveals, as its description says it.

    `transform` is what becomes of its value, `permission` the code of the sentence that tells of
    it. Without one it is the only sentence of the cluster, or the only one that has a code: the
    others tell what an application may do.
    """

    operation_key: str
    pointer: str
    cluster: str
    transform: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """All that the operations of one version of an API bind; `version` is `<api>/<label>`."""

    version: str
    fields: Sequence[Bound] = ()

    def speaks_of(self, rule: FieldRule) -> bool:
        return rule.operation_key.startswith(f"{self.version}/")


Rule = tuple[str, str, str, str]


def rules_for(
    words: ClusterWords, current: DataCluster | None, binding: Binding | None
) -> list[Rule]:
    """Return the rules of a cluster: those that the binding brings, and those of other versions.

    Each is operation key, pointer, transform and permission. Without a binding all stay.
    """
    known = list(current.rules.all()) if current else []
    kept = [
        (rule.operation_key, rule.pointer, rule.transform, _still_said(rule.permission, words))
        for rule in known
        if binding is None or not binding.speaks_of(rule)
    ]
    bound = binding.fields if binding else ()
    brought = [
        (field.operation_key, field.pointer, field.transform, _sentence(field.permission, words))
        for field in bound
        if field.cluster == words.code
    ]
    return sorted({*kept, *brought})


def current_rules(cluster: DataCluster) -> list[Rule]:
    return sorted(
        (rule.operation_key, rule.pointer, rule.transform, rule.permission)
        for rule in cluster.rules.all()
    )


def store_rules(cluster: DataCluster, rules: Iterable[Rule]) -> None:
    FieldRule.objects.bulk_create(
        FieldRule(
            cluster=cluster,
            operation_key=operation_key,
            pointer=pointer,
            transform=transform,
            permission=permission,
        )
        for operation_key, pointer, transform, permission in rules
    )


def require_known(binding: Binding, clusters: Iterable[ClusterWords]) -> None:
    """Refuse fields of a cluster that the same document does not word."""
    codes = {cluster.code for cluster in clusters}
    if unknown := {field.cluster for field in binding.fields} - codes:
        raise VocabularyInvalid(f"There is no data cluster called {min(unknown)}.")


def _sentence(code: str, words: ClusterWords) -> str:
    texts = {one.code: one.text for one in words.permissions if one.code}
    if code:
        return texts.get(code, "")
    usual = list(texts.values()) or [one.text for one in words.permissions]
    return usual[0] if len(usual) == 1 else ""


def _still_said(permission: str, words: ClusterWords) -> str:
    """Return the sentence of an earlier version if the customer still reads it."""
    texts = [known.text for known in words.permissions]
    return permission if permission in texts else _sentence("", words)
