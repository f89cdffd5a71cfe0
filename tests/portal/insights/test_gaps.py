from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.apis.models import Field
from catalog.inventory.models import Deployment
from consent.gateway.decision import Reason
from consent.gateway.usage import count_decision, count_undeclared
from portal.access.actors import Role
from portal.insights import gaps
from tests.factories.catalog import ApiFactory, ApiVersionFactory, OperationFactory
from tests.factories.partners import ClientFactory
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def operations():
    """Return an operation that lacks nothing, one that lacks all, and one of another version."""
    owner = user_of(staff(Role.CATALOG))
    version = ApiVersionFactory(published=True, api__slug="parcels", api__name="Parcels")
    whole = OperationFactory(version=version, slug="whole", scopes=["p:read"], owner=owner)
    bare = OperationFactory(version=version, slug="bare", security=[{"oauth": []}])
    for one, depth in ((whole, 2), (bare, None)):
        Field.objects.create(
            operation=one, position=0, pointer="/a", name="a", type="string", depth=depth
        )
    draft = ApiVersionFactory(api=version.api, label="v2")
    OperationFactory(version=draft, slug="hidden")
    return whole, bare, OperationFactory(slug="quiet", version__api=ApiFactory(published=True))


@pytest.fixture
def keeper():
    browser = Browser()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


def lacking(gap="") -> dict[str, list[str]]:
    now = timezone.now()
    seen = gaps.traffic(at=now)
    found = gaps.with_gap(gaps.operations(seen, at=now), gap)
    return {one.slug: list(gaps.row_of(one, seen).gaps) for one in found}


def test_each_gap_is_told_and_what_is_not_counted_is_no_data(operations):
    whole, _, quiet = operations
    assert lacking() == {"bare": ["owner", "scope", "data_class"], "quiet": ["owner"]}
    caller = ClientFactory(production=True)
    now = timezone.now()
    count_decision(caller.pk, whole.key, Reason.ALLOWED, at=now)
    count_decision(ClientFactory().pk, quiet.key, Reason.ALLOWED, at=now)  # in the sandbox
    count_decision(caller.pk, quiet.key, Reason.ALLOWED, at=now - timedelta(days=40))

    assert lacking("traffic") == {"bare": ["owner", "scope", "data_class", "traffic"]}
    seen = gaps.traffic(at=now)
    words = [seen.words(one.key) for one in operations]
    assert words == ["1", "0", gaps.NO_DATA]


def test_the_page_the_csv_and_the_api_tell_the_same(
    operations, keeper, django_assert_max_num_queries
):
    whole, bare, quiet = operations
    count_decision(ClientFactory(production=True).pk, whole.key, Reason.ALLOWED, at=timezone.now())

    with django_assert_max_num_queries(11):
        page = keeper.get("/console/gaps/").content.decode()
    table = keeper.get("/console/gaps/?format=csv").content.decode()
    told = keeper.get("/api/v1/gaps?kind=traffic").json()["results"]

    assert "No data</span>" in page
    assert bare.path in page
    assert whole.path not in page
    assert f"{quiet.key},GET,{quiet.path},no data,yes,,,\r\n" in table
    assert [(row["operation"], row["calls"]) for row in told] == [(bare.key, 0)]
    quiet_row = keeper.get("/api/v1/gaps").json()["results"][1]
    assert (quiet_row["calls"], quiet_row["gaps"]) == (None, ["owner"])
    narrowed = keeper.get("/console/gaps/?q=parcels&kind=owner").content.decode()
    assert bare.path in narrowed
    assert quiet.path not in narrowed


def test_what_is_seen_and_not_described_is_listed(operations, keeper):
    now, caller = timezone.now(), ClientFactory(production=True)
    assert "Nothing was seen" in keeper.get("/console/gaps/").content.decode()
    count_decision(caller.pk, "parcels/v1/gone", Reason.ALLOWED, at=now)
    count_decision(caller.pk, "parcels/v1/", Reason.OPERATION_UNKNOWN, at=now)
    count_undeclared("parcels/v1/whole", 7, at=now)
    Deployment.objects.create(
        environment="production", gateway="edge", kind="nginx", base_url="https://e.example/old",
        source="read",
    )  # fmt: skip

    found = gaps.undescribed(gaps.traffic(at=now))

    assert [(one.what, one.where, one.count) for one in found] == [
        ("A route that no API is known for", "https://e.example/old", None),
        ("Calls to unknown paths", "parcels/v1", 1),
        ("Calls to an operation that is gone", "parcels/v1/gone", 1),
        ("Fields that were left out", "parcels/v1/whole", 7),
    ]
    assert "https://e.example/old" in keeper.get("/console/gaps/").content.decode()
