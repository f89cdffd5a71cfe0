"""Whoever an API is for finds it everywhere, and nobody else finds it anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.apis.actions import set_audience
from catalog.apis.models import Api, ApiVersion, Audience
from catalog.changes.models import Entry
from catalog.plans.models import Environment, Plan
from catalog.scopes.models import Scope
from consent.oauth import limits
from partners.applications.uses import UseRefused, WantedUse, check_uses
from partners.subscriptions.access import access_of
from partners.subscriptions.actions import request_access
from partners.subscriptions.production import open_plans
from portal.access.actors import Role
from portal.errors import Malformed, NotAllowed, NotFound
from portal.events.models import Event
from portal.search.indexing import index_guides, index_versions
from tests.catalog.apis.world import parcels
from tests.factories.catalog import DetailTypeFactory
from tests.factories.guides import guide
from tests.factories.partners import (
    ApplicationFactory,
    ClientFactory,
    DataUseFactory,
    OrganizationFactory,
)
from tests.factories.people import member, staff, user_of

pytestmark = pytest.mark.django_db

SEEN_BY = {
    Audience.PUBLIC: {"visitor", "partner", "named", "staff"},
    Audience.PARTNER: {"partner", "named", "staff"},
    Audience.NAMED: {"named", "staff"},
    Audience.INTERNAL: {"staff"},
}
# Where nothing is to be found by whom it is not for.
PAGES = (
    "/apis/parcels/",
    "/apis/parcels/v1/",
    "/apis/parcels/v1/getParcel/",
    "/apis/parcels/changelog/",
    "/apis/parcels/changelog/feed.atom",
    "/apis/parcels/changelog/compare/",
    "/apis/parcels/changelog/{entry}/",
    "/apis/parcels/guides/",
    "/apis/parcels/status/",
    "/guides/track-a-parcel/",
    "/api/v1/apis/parcels",
    "/api/v1/apis/parcels/versions/v1/operations",
)
# What lists APIs, and says "Parcels" only to whom they are for.
LISTS = (
    "/",
    "/apis/",
    "/apis/?audience={audience}",
    "/apis/search/?q=parcel",
    "/apis/search/?q=parcels:read&kind=scopes",
    "/apis/search/?q=place&kind=fields",
    "/apis/search/?q=track&kind=guides",
    "/guides/",
    "/changes/",
    "/changes/feed.atom",
    "/changes/sunsets.ics",
    "/api/v1/apis",
)
# Never what somebody typed.
SIGNS = ("/apis/parcels", "of Parcels", "/guides/track-a-parcel", '"parcels"', '"getParcel"')
# Made for nobody in particular: they tell of what is for everybody.
FOR_EVERYBODY = (
    "/apis/index.md",
    "/apis/parcels.md",
    "/apis/parcels/v1.md",
    "/apis/parcels/v1/getParcel.md",
    "/apis/parcels/guides.md",
    "/apis/parcels/status.md",
    "/guides/index.md",
    "/guides/track-a-parcel.md",
    "/llms.txt",
    "/.well-known/api-catalog",
)


@pytest.fixture
def api():
    version = parcels().version
    ApiVersion.objects.filter(pk=version.pk).update(
        status="deprecated",
        deprecated_at=timezone.now(),
        sunset_at=timezone.now() + timedelta(days=90),
    )
    version.refresh_from_db()
    Entry.objects.create(
        api=version.api,
        version=version,
        kind=Entry.Kind.VERSION,
        title="v1 is out",
        status=Entry.Status.PUBLISHED,
        published_at=timezone.now(),
    )
    index_versions([version.pk])
    index_guides([guide(version.api).pk])
    return version.api


@pytest.fixture
def named():
    return OrganizationFactory(approved=True)


def browsers(named) -> dict[str, Browser]:
    people = {
        "partner": member(OrganizationFactory(approved=True), Role.OWNER),
        "named": member(named, Role.OWNER),
        "staff": staff(Role.CATALOG),
    }
    found = {"visitor": Browser()}
    for name, actor in people.items():
        found[name] = Browser()
        found[name].force_login(user_of(actor))
    return found


def tells(browser: Browser, address: str) -> bool:
    response = browser.get(address)
    assert response.status_code in {200, 404}, address
    page = response.content.decode()
    return response.status_code == 200 and any(sign in page for sign in SIGNS)


@pytest.mark.parametrize("audience", Audience, ids=lambda audience: audience.value)
def test_every_outlet_of_the_catalog_tells_only_whom_it_is_for(api, named, audience):
    chosen = [named.pk] if audience is Audience.NAMED else []
    if audience is not Audience.PUBLIC:
        set_audience(
            api, by=staff(Role.CATALOG), audience=audience, organizations=chosen, reason="Plans."
        )
    names = {"entry": api.entries.get().pk, "audience": audience.value}

    surprises = {
        (address, who): told
        for who, browser in browsers(named).items()
        for address in (*PAGES, *LISTS, *FOR_EVERYBODY)
        if (told := tells(browser, address.format(**names)))
        is not (
            audience is Audience.PUBLIC if address in FOR_EVERYBODY else who in SEEN_BY[audience]
        )
    }

    assert surprises == {}


def test_the_list_and_the_search_can_be_narrowed_by_whom_it_is_for(api, named):
    people = browsers(named)
    Api.objects.filter(pk=api.pk).update(audience=Audience.PARTNER)

    assert 'value="partner"' in people["partner"].get("/apis/").content.decode()
    assert 'value="partner"' not in people["visitor"].get("/apis/").content.decode()
    search = "/apis/search/?q=get&kind=operations&audience="
    assert "/getParcel/" in people["partner"].get(f"{search}partner").content.decode()
    assert "/getParcel/" not in people["partner"].get(f"{search}public").content.decode()
    assert not tells(people["partner"], "/apis/?audience=public")


def test_only_whom_it_is_for_can_ask_for_its_scopes_try_it_or_get_access(api, named):
    Api.objects.filter(pk=api.pk).update(status=Api.Status.PUBLISHED)
    stranger = OrganizationFactory(approved=True)
    scope = Scope.objects.get(name="shops:read")
    wanted = [WantedUse("shops:read", None, "", is_required=False, retention_days=0)]
    plan = Plan.objects.get(api=api, environment=Environment.PRODUCTION)
    clients = {
        one: ClientFactory(application=ApplicationFactory(organization=one))
        for one in (named, stranger)
    }
    for one in clients.values():
        DataUseFactory(application=one.application, scope=scope)
    set_audience(
        api,
        by=staff(Role.CATALOG),
        audience=Audience.NAMED,
        organizations=[named.pk],
        reason="A first partner tries it.",
    )

    def may(organization) -> tuple[bool, bool, bool]:
        client = clients[organization]
        browser = Browser()
        browser.force_login(user_of(member(organization, Role.OWNER)))
        page = browser.get(f"/apps/{client.application.slug}/scopes/")
        return (
            access_of(client, api_slug="parcels", at=timezone.now()) is not None,
            plan in open_plans(client.application),
            "shops:read" in page.content.decode(),
        )

    assert may(named) == (True, True, True)
    assert may(stranger) == (False, False, False)
    assert check_uses(wanted, organization_id=named.pk)
    with pytest.raises(UseRefused):
        check_uses(wanted, organization_id=stranger.pk)
    # A member of both may still not ask for the one that it is not for.
    both = member(stranger, Role.OWNER)
    with pytest.raises(NotFound):
        request_access(clients[stranger], by=both, plan=plan, purpose="To try.")


def test_metadata_name_only_the_cases_of_public_apis(api):
    DetailTypeFactory(name="parcel_order", api_slug="parcels", scope_name="parcels:read")
    limits.names_in_minute.cache_clear()
    told = limits.types_supported()
    Api.objects.filter(pk=api.pk).update(audience=Audience.PARTNER)
    limits.names_in_minute.cache_clear()

    assert (told, limits.types_supported()) == (["parcel_order"], [])
    limits.names_in_minute.cache_clear()


def test_staff_say_whom_it_is_for_and_why(client, api, named):
    client.force_login(user_of(staff(Role.CATALOG)))
    page = "/console/register/apis/parcels/"

    refused = client.post(f"{page}audience/", {"audience": "named", "reason": "First partner."})
    silent = client.post(f"{page}audience/", {"audience": "internal", "reason": " "})
    kept = client.post(
        f"{page}audience/",
        {"audience": "named", "organizations": [named.pk], "reason": "First partner."},
        follow=True,
    )

    assert refused.status_code == silent.status_code == 422
    assert "Name at least one" in refused.content.decode()
    assert "For named partners" in kept.content.decode()
    event = Event.objects.get(kind="catalog.api.audience_set")
    assert event.facts == {
        "api": "parcels",
        "before": "public",
        "audience": "named",
        "organization_ids": [named.pk],
        "reason": "First partner.",
    }


def test_an_audience_is_set_by_who_keeps_the_catalog_and_once(api, named):
    keeper = staff(Role.CATALOG)

    with pytest.raises(NotAllowed):
        set_audience(api, by=staff(Role.REVIEWER), audience=Audience.INTERNAL, reason="No.")
    with pytest.raises(Malformed):
        set_audience(
            api, by=keeper, audience=Audience.NAMED, organizations=[named.pk + 99], reason="X."
        )
    for _ in range(2):
        set_audience(api, by=keeper, audience=Audience.PARTNER, reason="Partners first.")

    assert Event.objects.filter(kind="catalog.api.audience_set").count() == 1
