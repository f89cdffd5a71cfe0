"""Owners, promises and places: kept, told of, and closed to everybody else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.apis.actions import Service, describe_service, give_api, give_operations
from catalog.apis.models import Api, ApiVersion, Operation
from catalog.inventory import actions
from catalog.inventory.actions import Place
from catalog.inventory.gateways.routes import ConfigurationInvalid
from catalog.inventory.models import Deployment
from catalog.inventory.register import entries_of
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from portal.errors import Malformed, NotAllowed
from portal.events.models import Event
from tests.catalog.inventory.test_gateways import KONG, NGINX
from tests.catalog.specs.documents import api, operation, raw
from tests.factories.catalog import ApiVersionFactory
from tests.factories.people import UserFactory, staff, user_of

pytestmark = pytest.mark.django_db
EDGE = Place("edge-1", "nginx", "production")


@pytest.fixture
def ines():
    return staff(Role.CATALOG)


@pytest.fixture
def prescriptions():
    return ApiVersionFactory(api__slug="prescriptions", label="v1", published=True)


@pytest.fixture
def version():
    return import_document(raw(api()), by=SYSTEM, source="people.json").version


def places():
    return set(Deployment.objects.values_list("base_url", "version__api__slug"))


def test_a_configuration_is_matched_with_versions_and_the_rest_is_named(ines, prescriptions):
    outcome = actions.read_configuration(NGINX, by=ines, place=EDGE)

    assert (outcome.route_count, outcome.unknown_count) == (4, 1)
    assert places() == {
        ("https://api.meridian.example/prescriptions/v1", "prescriptions"),
        ("https://api.meridian.example/prescriptions/v1/open", "prescriptions"),
        ("https://api.meridian.example/forgotten", None),
        ("http://plain.meridian.example/prescriptions/v1", "prescriptions"),
    }
    facts = Event.objects.get(kind="catalog.deployment.found").facts
    assert (facts["gateway"], facts["unknown_count"]) == ("edge-1", 1)


def test_reading_again_removes_what_is_gone_and_leaves_other_gateways_alone(ines, prescriptions):
    actions.read_configuration(NGINX, by=ines, place=EDGE)
    other = Place("edge-2", "kong", "production")
    actions.read_configuration(KONG, by=ines, place=other)
    entered = Place("edge-1", "other", "production")
    actions.enter_deployment(
        prescriptions, by=ines, place=entered, base_url="https://api.example/x/", policies=["key"]
    )

    outcome = actions.read_configuration(
        "server { location /prescriptions/v1 { proxy_pass http://x; } }", by=ines, place=EDGE
    )

    assert outcome.gone_count == 4
    assert set(Deployment.objects.values_list("gateway", "base_url")) == {
        ("edge-1", "http://*/prescriptions/v1"),
        ("edge-1", "https://api.example/x"),
        ("edge-2", "https://api.meridian.example/prescriptions/v1"),
        ("edge-2", "http://*/more"),
    }


def test_a_configuration_that_serves_nothing_changes_nothing(ines, prescriptions):
    actions.read_configuration(NGINX, by=ines, place=EDGE)
    before = places()

    with pytest.raises(ConfigurationInvalid, match="passes no call on"):
        actions.read_configuration("events {}", by=ines, place=EDGE)

    assert places() == before


def test_nothing_secret_of_a_configuration_is_kept(ines, prescriptions):
    secret = "hush-hush-hush"
    text = NGINX.replace(
        "limit_req zone=calls;", f'proxy_set_header X-Key "{secret}"; limit_req zone=calls;'
    )

    actions.read_configuration(text, by=ines, place=EDGE)

    kept = str(list(Deployment.objects.values())) + str(list(Event.objects.values()))
    assert secret not in kept


@pytest.mark.parametrize(
    "address",
    ["ftp://api.example/", "https://", "https://u:p@api.example/", "https://api.example/?key=1"],
    ids=["scheme", "host", "user", "query"],
)
def test_a_base_address_is_an_address_and_nothing_more(ines, prescriptions, address):
    with pytest.raises(Malformed):
        actions.enter_deployment(prescriptions, by=ines, place=EDGE, base_url=address, policies=[])


def test_only_who_keeps_the_catalog_changes_the_register(prescriptions):
    reviewer = staff(Role.REVIEWER)

    with pytest.raises(NotAllowed):
        actions.read_configuration(NGINX, by=reviewer, place=EDGE)
    with pytest.raises(NotAllowed):
        give_api(prescriptions.api, by=reviewer, to=user_of(reviewer))
    with pytest.raises(NotAllowed):
        describe_service(prescriptions.api, by=reviewer, service=Service())


def test_what_is_promised_is_kept_and_told_once(ines, prescriptions):
    service = Service("help@meridian.example", "https://help.example/", Decimal("99.9"), 300)

    describe_service(prescriptions.api, by=ines, service=service)
    describe_service(prescriptions.api, by=ines, service=service)

    kept = Api.objects.get(pk=prescriptions.api.pk)
    assert (kept.slo_percent, kept.support_url) == (Decimal("99.900"), "https://help.example/")
    event = Event.objects.get(kind="catalog.api.described")
    assert "help@meridian.example" not in str(event.facts)


def test_help_is_not_at_an_address_without_tls(ines, prescriptions):
    with pytest.raises(Malformed):
        describe_service(
            prescriptions.api, by=ines, service=Service(support_url="http://help.example/")
        )


def test_an_owner_is_on_the_staff(ines, prescriptions):
    with pytest.raises(Malformed):
        give_api(prescriptions.api, by=ines, to=UserFactory())

    give_api(prescriptions.api, by=ines, to=user_of(ines))

    assert Api.objects.get(pk=prescriptions.api.pk).owner_id == ines.person_id


def test_an_operation_keeps_its_owner_when_its_description_is_read_anew(ines, version):
    assert give_operations(version, ["getPerson"], by=ines, to=user_of(ines)) == 1
    newer = api(paths={"/people/{person_id}": {"get": operation(summary="Newer")}})
    import_document(raw(newer), by=SYSTEM, source="people.json")

    kept = Operation.objects.get(slug="getPerson")
    assert (kept.summary, kept.owner_id) == ("Newer", ines.person_id)
    assert give_operations(version, ["getPerson"], by=ines, to=None) == 1
    assert give_operations(version, ["getPerson"], by=ines, to=None) == 0


def test_the_register_reads_a_page_in_two_statements(ines, version, prescriptions):
    actions.read_configuration(NGINX, by=ines, place=EDGE)
    versions = list(ApiVersion.objects.select_related("api__owner").order_by("pk"))

    with CaptureQueriesContext(connection) as asked:
        entries = {entry.version.pk: entry for entry in entries_of(versions)}

    assert len(asked) == 2
    assert entries[version.pk].risk.tier.label == "High"
    assert entries[version.pk].ownerless_count == 1
    assert len(entries[prescriptions.pk].deployments) == 3
    assert not entries[prescriptions.pk].is_guarded


def test_the_pages(client, ines, version):
    client.force_login(user_of(ines))
    assert "people" in client.get("/console/register/").content.decode().lower()
    file = SimpleUploadedFile("nginx.conf", NGINX.encode(), "text/plain")
    place = {"gateway": "edge-1", "environment": "production"}

    read = client.post("/console/register/gateways/", {**place, "kind": "nginx", "file": file})
    shown = client.get("/console/register/gateways/").content.decode()
    assert read.status_code == 302
    assert "https://api.meridian.example/forgotten" in shown

    page = "/console/register/apis/people/"
    address = {**place, "version": version.pk, "base_url": "https://a.example/people/v1"}
    assert client.post(f"{page}deployments/", {**address, "policies": ["key"]}).status_code == 302
    assert "https://a.example/people/v1" in client.get(page).content.decode()
    refused = client.post(f"{page}deployments/", {**address, "base_url": "https://u:p@a.example"})
    assert refused.status_code == 422
    kept = Deployment.objects.get(version=version, source="entered")
    assert client.post(f"{page}deployments/{kept.pk}/removal/").status_code == 302
    assert client.post(f"{page}owner/", {"owner": ines.person_id}).status_code == 302
    assert client.post(f"{page}service/", {"slo_percent": "99.95"}).status_code == 302
    operations = {"owner": ines.person_id, "operations": ["getPerson"]}
    assert client.post(f"{page}v1/operations/", operations).status_code == 302
    html = client.get(page).content.decode()
    assert user_of(ines).name in html
    assert "99.95" in html


def test_a_configuration_that_cannot_be_read_says_so_beside_the_field(client, ines):
    client.force_login(user_of(ines))
    file = SimpleUploadedFile("kong.yaml", b"\xff\xfe\x00", "text/plain")

    answer = client.post(
        "/console/register/gateways/",
        {"gateway": "edge-1", "environment": "production", "kind": "kong", "file": file},
    )

    assert answer.status_code == 422
    assert "not UTF-8" in answer.content.decode()


def test_partners_read_what_is_promised_and_strangers_do_not_read_whom_to_call(client, ines):
    version = ApiVersionFactory(published=True)
    service = Service("oncall@meridian.example", "https://help.example/", Decimal("99.9"), 300)
    describe_service(version.api, by=ines, service=service)
    page = f"/apis/{version.api.slug}/"

    assert "99.9 % of each month" in client.get(page).content.decode()
    assert "oncall@meridian.example" not in client.get(page).content.decode()
    client.force_login(UserFactory())
    assert "oncall@meridian.example" in client.get(page).content.decode()
