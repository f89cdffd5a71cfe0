from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.scopes.binding import (
    Binding,
    current_rules,
    require_known,
    rules_for,
    store_rules,
)
from catalog.scopes.detail_types import DetailTypeWords
from catalog.scopes.events import VocabularyEvent
from catalog.scopes.models import DataCluster, DetailType, Purpose, Scope
from catalog.scopes.vocabulary import (
    ClusterWords,
    PurposeWords,
    ScopeWords,
    VocabularyInvalid,
    read_vocabulary,
)
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record


@transaction.atomic
def learn_vocabulary(
    api_slug: str, vocabulary: Mapping[str, Any], *, by: Actor, binding: Binding | None = None
) -> None:
    """Take over the words of an `x-portal` part, and which fields its clusters reveal.

    A version of a cluster is never edited, because customers agreed to it: other words and other
    fields become a new version, and whoever agreed to the old one shares no more than before. What
    stayed the same makes no new version, so that reading a document twice changes nothing.
    """
    require(by, Permission.IMPORT_SPEC)
    words = read_vocabulary(vocabulary)
    if binding is not None:
        require_known(binding, words.clusters)
    _take_turns()
    for purpose in words.purposes:
        _word_purpose(purpose, by=by)
    for cluster in words.clusters:
        _word_cluster(cluster, binding, api_slug=api_slug, by=by)
    for scope in words.scopes:
        _define_scope(scope, api_slug=api_slug, by=by)
    for detail_type in words.detail_types:
        _word_detail_type(detail_type, api_slug=api_slug, by=by)


def _take_turns() -> None:
    # Two documents that bring the same new word would both find it missing.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.vocabulary'))")


def _word_purpose(words: PurposeWords, *, by: Actor) -> None:
    current = Purpose.objects.current().filter(code=words.code).first()
    said = (words.title, words.description, words.translations, words.is_profiling)
    if current and said == (
        current.title,
        current.description,
        current.translations,
        current.is_profiling,
    ):
        return
    _supersede(current)
    purpose = Purpose.objects.create(
        code=words.code,
        version=current.version + 1 if current else 1,
        title=words.title,
        description=words.description,
        translations=words.translations,
        is_profiling=words.is_profiling,
    )
    record(
        VocabularyEvent.PURPOSE_WORDED, purpose, by=by, code=purpose.code, version=purpose.version
    )


def _word_cluster(
    words: ClusterWords, binding: Binding | None, *, api_slug: str, by: Actor
) -> None:
    purposes = list(Purpose.objects.current().filter(code__in=words.purposes))
    if unknown := set(words.purposes) - {purpose.code for purpose in purposes}:
        raise VocabularyInvalid(f"Cluster {words.code} names {min(unknown)}, which is no purpose.")
    current = DataCluster.objects.current().filter(code=words.code).first()
    rules = rules_for(words, current, binding)
    is_same = current is not None and _says_the_same(current, words, purposes)
    if current and is_same and current_rules(current) == rules:
        return
    if (
        current
        and not is_same
        and Scope.objects.filter(cluster_code=words.code).exclude(api_slug=api_slug)
    ):
        raise Conflict(
            f"Cluster {words.code} is used by another API, so only that one may change its words.",
            code="cluster_taken",
        )
    _supersede(current)
    cluster = DataCluster.objects.create(
        code=words.code,
        version=current.version + 1 if current else 1,
        label=words.label,
        summary=words.summary,
        permissions=[permission.text for permission in words.permissions],
        depth=words.depth,
        icon=words.icon,
        max_retention_days=words.max_retention_days,
        max_look_back_days=words.max_look_back_days,
        special_category=words.special_category,
        min_age=words.min_age,
        translations=words.translations,
        resources=words.resources,
    )
    cluster.purposes.set(purposes)
    store_rules(cluster, rules)
    record(
        VocabularyEvent.CLUSTER_WORDED,
        cluster,
        by=by,
        code=cluster.code,
        version=cluster.version,
        api=api_slug,
    )


def _says_the_same(cluster: DataCluster, words: ClusterWords, purposes: Iterable[Purpose]) -> bool:
    return (
        cluster.label,
        cluster.summary,
        tuple(cluster.permissions),
        cluster.depth,
        cluster.icon,
        cluster.max_retention_days,
        cluster.max_look_back_days,
        cluster.special_category,
        cluster.min_age,
        cluster.translations,
        cluster.resources,
        set(cluster.purposes.all()),
    ) == (
        words.label,
        words.summary,
        tuple(permission.text for permission in words.permissions),
        words.depth,
        words.icon,
        words.max_retention_days,
        words.max_look_back_days,
        words.special_category,
        words.min_age,
        words.translations,
        words.resources,
        set(purposes),
    )


def _define_scope(words: ScopeWords, *, api_slug: str, by: Actor) -> None:
    if words.cluster and not DataCluster.objects.current().filter(code=words.cluster).exists():
        raise VocabularyInvalid(f"Scope {words.name} names {words.cluster}, which is no cluster.")
    wanted = {
        "title": words.title,
        "description": words.description,
        "cluster_code": words.cluster,
    }
    scope = Scope.objects.filter(name=words.name).first()
    if scope is None:
        scope = Scope.objects.create(name=words.name, api_slug=api_slug, **wanted)
        record(VocabularyEvent.SCOPE_DEFINED, scope, by=by, name=scope.name, api=api_slug)
        return
    if scope.api_slug != api_slug:
        raise Conflict(f"Scope {words.name} belongs to another API.", code="scope_taken")
    if any(getattr(scope, name) != value for name, value in wanted.items()):
        Scope.objects.filter(pk=scope.pk).update(**wanted)
        record(VocabularyEvent.SCOPE_CHANGED, scope, by=by, name=scope.name, api=api_slug)


def _word_detail_type(words: DetailTypeWords, *, api_slug: str, by: Actor) -> None:
    scope = Scope.objects.filter(name=words.scope, api_slug=api_slug).first()
    if scope is None or not scope.is_consentable:
        raise VocabularyInvalid(
            f"Type {words.name} names {words.scope}, which is no scope of this API that a customer"
            " agrees to."
        )
    current = DetailType.objects.current().filter(name=words.name).first()
    if current and current.api_slug != api_slug:
        raise Conflict(f"Type {words.name} belongs to another API.", code="detail_type_taken")
    wanted = {
        "title": words.title,
        "scope_name": words.scope,
        "schema": dict(words.schema),
        "lines": [line.as_json() for line in words.lines],
    }
    if current and all(getattr(current, name) == value for name, value in wanted.items()):
        return
    _supersede(current)
    worded = DetailType.objects.create(
        name=words.name,
        version=current.version + 1 if current else 1,
        api_slug=api_slug,
        **wanted,
    )
    record(
        VocabularyEvent.DETAIL_TYPE_WORDED,
        worded,
        by=by,
        name=worded.name,
        version=worded.version,
        api=api_slug,
    )


def _supersede(current: Purpose | DataCluster | DetailType | None) -> None:
    if current is not None:
        current.superseded_at = timezone.now()
        current.save(update_fields=["superseded_at"])
