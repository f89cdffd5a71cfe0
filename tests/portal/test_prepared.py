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
from portal.prepared import Prepared, execute, insert
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
