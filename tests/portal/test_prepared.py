"""Questions that are compiled once: they say the same as the query set, each time anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Value
from django.db.models.functions import Concat
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from consent.oauth.models import AccessToken
from partners.applications.models import Client, Credential
from partners.organizations.models import Organization
from portal.prepared import Prepared
from portal.statements import execute
from portal.written import insert
from tests.factories.partners import ClientFactory, OrganizationFactory


def named(name: str):
    return Client.objects.select_related("application__organization").filter(client_id=name)


def test_it_gives_what_the_query_set_gives(db, django_assert_num_queries):
    first, second = ClientFactory(), ClientFactory()
    find = Prepared(named, name=str)

    with django_assert_num_queries(3):
        found = [find.first(name=client.client_id) for client in (first, second)]
        assert find.first(name="nobody") is None
        assert [client.application.organization for client in found] == [
            client.application.organization for client in (first, second)
        ]

    assert found == [first, second]
    assert vars(found[0]).keys() == vars(named(first.client_id).get()).keys()


def test_it_takes_instants_and_numbers_and_gives_values_too(db):
    client = ClientFactory()
    Credential.objects.create(client=client, digest="d", hint="h", expires_at=timezone.now())
    live = Prepared(
        lambda client_id, at: (
            Credential.objects.live(at=at)
            .filter(client=client_id)
            .annotate(shown=Concat(Value("…"), "hint"))
            .values_list("shown", flat=True)
        ),
        client_id=int,
        at=datetime,
    )
    pairs = Prepared(
        lambda slug: Organization.objects.filter(slug=slug).values_list("slug", "pk"), slug=str
    )
    organization = client.application.organization

    assert live(client_id=client.pk, at=timezone.now() + timedelta(days=1)) == []
    assert live(client_id=client.pk, at=timezone.now() - timedelta(days=1)) == ["…h"]
    assert live(client_id=0, at=timezone.now() - timedelta(days=1)) == []
    with pytest.raises(TypeError, match="ValuesIterable"):
        Prepared(lambda slug: Organization.objects.filter(slug=slug).values(), slug=str)(slug="a")
    assert pairs(slug=organization.slug) == [(organization.slug, organization.pk)]


def test_the_question_is_put_together_once_and_planned_by_the_server(db):
    asked = []
    client = ClientFactory()

    def question(name: str):
        asked.append(name)
        return named(name)

    find = Prepared(question, name=str)
    for _ in range(3):
        assert find(name=client.client_id) == [client]

    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
            ['%"applications_client"."client_id" = $1%'],
        )
        assert cursor.fetchone() == (1,)


def test_a_place_that_nothing_depends_on_is_a_mistake(db):
    find = Prepared(lambda name, other: named(name), name=str, other=int)  # noqa: ARG005

    with pytest.raises(ValueError, match="does not depend on other"):
        find(name="a", other=1)


@pytest.mark.django_db(transaction=True)
def test_rows_are_held_only_inside_a_transaction():
    client = ClientFactory()
    hold = Prepared(
        lambda name: Client.objects.select_for_update().filter(client_id=name), name=str
    )

    with transaction.atomic():
        assert hold(name=client.client_id) == [client]
    with pytest.raises(TransactionManagementError):
        hold(name=client.client_id)


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_connections_of_their_own():
    clients = [ClientFactory() for _ in range(4)]
    find = Prepared(named, name=str)

    def ask(client: Client) -> bool:
        try:
            return all(find(name=client.client_id) == [client] for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, clients))


def test_a_row_is_written_as_the_orm_would_write_it(db):
    client = ClientFactory()
    rows = [
        AccessToken(application=client, expires=timezone.now(), token_checksum=name, scope="a")
        for name in ("one", "two")
    ]

    insert(rows[0])
    rows[1].save(force_insert=True)

    written = [AccessToken.objects.filter(pk=row.pk).values().get() for row in rows]
    different = {name for name in written[0] if written[0][name] != written[1][name]}
    assert different == {"id", "token_checksum", "expires", "created", "updated"}
    assert not rows[0]._state.adding


def test_a_value_that_the_database_makes_is_written_too(db):
    organization = OrganizationFactory.build(approved=True, slug=Concat(Value("a"), Value("b")))

    insert(organization)

    assert Organization.objects.get(pk=organization.pk).slug == "ab"


def test_errors_are_those_of_the_orm(db):
    organization = OrganizationFactory()
    same = OrganizationFactory.build(slug=organization.slug)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(same)


def test_a_statement_says_how_many_rows_it_changed(db):
    organization = OrganizationFactory()
    statement = "UPDATE organizations_organization SET city = %s WHERE id = %s"

    assert execute(statement, ["Kaunas", organization.pk]) == 1
    assert execute(statement, ["Kaunas", 0]) == 0
    assert Organization.objects.aggregate(all=Count("pk"))["all"] == 1


# --- What was read once, and is made sure of later ------------------------------------------------


def of_client(client_id: int, at: datetime):
    live = Credential.objects.live(at=at).filter(client=client_id).order_by("pk")
    return live.values_list("pk", "hint")


LIVE = Prepared(of_client, client_id=int, at=datetime)


def holds(condition) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {condition.sql}", condition.params)
        return bool(cursor.fetchone()[0])


def test_what_was_seen_is_what_the_question_gives(db):
    client = ClientFactory()
    Credential.objects.create(client=client, digest="d", hint="a;b")
    now = timezone.now()

    seen = LIVE.seen(client_id=client.pk, at=now)

    assert list(seen.rows) == LIVE(client_id=client.pk, at=now) == list(of_client(client.pk, now))
    assert holds(seen.unchanged())
    assert holds(LIVE.seen(client_id=0, at=now).unchanged())


@pytest.mark.parametrize("what", ["changed", "gone", "more", "ended"])
def test_it_is_seen_when_anything_has_changed(db, what):
    client = ClientFactory()
    now = timezone.now()
    given = {"client": client, "expires_at": now + timedelta(hours=1)}
    credential = Credential.objects.create(digest="d", hint="h", **given)
    seen = LIVE.seen(client_id=client.pk, at=now)
    at = now + timedelta(hours=2) if what == "ended" else now

    if what == "changed":
        Credential.objects.filter(pk=credential.pk).update(hint="i")
    if what == "gone":
        credential.delete()
    if what == "more":
        Credential.objects.create(digest="e", hint="h", **given)

    assert not holds(seen.unchanged(at=at))


def test_a_row_is_written_only_while_something_holds(db, django_assert_num_queries):
    client = ClientFactory()
    now = timezone.now()
    seen = LIVE.seen(client_id=client.pk, at=now)
    rows = [
        AccessToken(application=client, expires=now, token_checksum=name, scope="a")
        for name in ("one", "two")
    ]

    with django_assert_num_queries(1):
        assert insert(rows[0], only_if=seen.unchanged(at=now) & seen.unchanged())
    Credential.objects.create(client=client, digest="d", hint="h")
    assert not insert(rows[1], only_if=seen.unchanged(at=now))

    assert [row.token_checksum for row in AccessToken.objects.all()] == ["one"]
    assert rows[0].pk
    assert rows[1].pk is None


def test_a_row_comes_with_whether_something_holds(db):
    client = ClientFactory()
    now = timezone.now()
    find = Prepared(named, name=str)
    seen = LIVE.seen(client_id=client.pk, at=now)

    assert find.first_while(seen.unchanged(), name=client.client_id) == (client, True)
    assert find.first_while(seen.unchanged(), name="nobody") == (None, False)
    Credential.objects.create(client=client, digest="d", hint="h")
    assert find.first_while(seen.unchanged(), name=client.client_id) == (client, False)


def test_one_plan_serves_all_values(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone() == ("force_generic_plan",)
