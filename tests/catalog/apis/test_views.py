from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Field
from catalog.scopes.models import Scope
from portal.access.actors import Role
from tests.catalog.apis.world import parcels
from tests.factories.catalog import ApiFactory, ApiVersionFactory, OperationFactory
from tests.factories.partners import (
    ApplicationFactory,
    ApprovedUseFactory,
    ClientFactory,
    DataUseFactory,
    SubscriptionFactory,
)
from tests.factories.people import member, staff, user_of

pytestmark = pytest.mark.django_db

PAGE = "/apis/parcels/v1/getParcel/"


def text(response) -> str:
    return response.content.decode()


def test_the_list_needs_no_account_and_four_queries(client, django_assert_max_num_queries):
    parcels()
    for _ in range(5):
        ApiVersionFactory(published=True)

    with django_assert_max_num_queries(4):
        response = client.get("/apis/")

    assert response.status_code == 200
    assert "Parcels" in text(response)
    assert "OAuth with consent" in text(response)
    assert 'data-level="4"' in text(response)


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("sector=Delivery", True),
        ("sector=Health", False),
        ("depth=4", True),
        ("depth=1", False),
        ("life=current", True),
        ("life=preview", False),
        ("life=retiring", False),
        ("sector=Delivery&depth=4&life=current", True),
        ("depth=nonsense&life=&page=99", True),
        ("depth=9", True),
    ],
)
def test_the_list_is_narrowed_by_the_address(client, query, is_there):
    parcels()

    response = client.get(f"/apis/?{query}")

    assert response.status_code == 200
    assert ("/apis/parcels/" in text(response)) is is_there


def test_a_retiring_api_is_found_by_its_life(client):
    parcels()
    ApiVersion.objects.update(
        status="deprecated",
        deprecated_at=timezone.now(),
        sunset_at=timezone.now() + timedelta(days=90),
    )

    assert "/apis/parcels/" in text(client.get("/apis/?life=retiring"))
    assert "/apis/parcels/" not in text(client.get("/apis/?life=current"))
    assert "v1 stops answering on" in text(client.get("/apis/parcels/"))
    assert "stops" in text(client.get("/apis/parcels/"))


def test_the_api_page_says_who_may_use_it_and_what_it_reveals(
    client, django_assert_max_num_queries
):
    parcels()

    with django_assert_max_num_queries(10):
        page = text(client.get("/apis/parcels/"))

    assert "Your parcels" in page
    assert "Do not store" in page
    assert "100,000 calls a day" in page
    assert "After a review" in page
    assert "Grade A" in page
    assert "http://testserver/sandbox/parcels/v1" in page


def test_the_current_version_is_the_newest_stable_one(client):
    parcels()
    api = Api.objects.get()
    ApiVersionFactory(api=api, label="v2", status="beta", published_at=timezone.now())

    assert "v1 current" in text(client.get("/apis/parcels/"))
    assert "v2 preview" in text(client.get("/apis/parcels/v2/"))
    assert client.get("/apis/parcels/v3/").status_code == 404


def test_the_operation_page_takes_six_queries(client, django_assert_max_num_queries):
    parcels()

    with django_assert_max_num_queries(6):
        response = client.get(PAGE)

    page = text(response)
    assert "The customer’s consent to <b>Your parcels</b>" in page
    assert "pc_7Kq2" in page
    assert "403 consent_withdrawn" in page
    assert "Delete what you hold." in page
    assert "Notes on your parcels" in page
    assert "Left out for you" not in page


@pytest.mark.parametrize("language", ["curl", "python", "javascript", "java"])
def test_each_language_is_a_link_and_a_page(client, language):
    parcels()

    page = text(client.get(f"{PAGE}?lang={language}"))

    assert f'aria-label="Request in {language}"'.lower() in page.lower()
    assert page.count('aria-current="true"') == 1
    assert 'class="s"' in page
    assert "style=" not in page
    assert "<script>" not in page


def test_an_answer_with_several_reasons_has_a_row_for_each(client):
    operation = parcels()
    operation.responses = [
        {
            "status": "401",
            "description_html": "<p>No token that works.</p>",
            "reasons": [
                {"code": "token_missing", "title": "None was sent.", "detail": "Send one."},
                {"code": "token_expired", "title": "It has ended.", "detail": "Refresh it."},
            ],
        }
    ]
    operation.save()

    page = text(client.get(PAGE))

    assert "401 token_missing" in page
    assert "401 token_expired" in page
    assert "Refresh it." in page


def test_a_partner_sees_what_is_left_out_for_the_own_application(client):
    parcels()
    application = ApplicationFactory(name="Own app", slug="own-app", live=True)
    approved(application, "parcels:read")
    client.force_login(user_of(member(application.organization, Role.DEVELOPER)))

    plain = text(client.get(PAGE))
    shown = text(client.get(f"{PAGE}?app=own-app"))

    assert 'data-state="hidden"' not in plain
    assert shown.count('data-state="hidden"') == 1
    assert "// note: needs parcels.notes:read" in shown
    assert "Fragile" in plain
    assert "Fragile" not in shown
    assert "Own app has it." in shown


def test_a_live_application_reads_with_what_was_approved_not_with_what_it_declares(client):
    parcels()
    application = ApplicationFactory(name="Own app", slug="own-app", live=True)
    DataUseFactory(application=application, scope=Scope.objects.get(name="parcels:read"))
    approved(application, "parcels.notes:read")
    client.force_login(user_of(member(application.organization, Role.DEVELOPER)))

    shown = text(client.get(f"{PAGE}?app=own-app"))

    assert "Own app may not use it." in shown
    assert "Fragile" in shown


def test_what_was_approved_ends_with_its_subscription(client):
    parcels()
    application = ApplicationFactory(name="Own app", slug="own-app", live=True)
    approved(application, "parcels:read", ends_at=timezone.now() - timedelta(seconds=1))
    client.force_login(user_of(member(application.organization, Role.DEVELOPER)))

    assert "Own app may not use it." in text(client.get(f"{PAGE}?app=own-app"))


def test_an_application_of_the_sandbox_reads_with_what_it_declares(client):
    parcels()
    application = ApplicationFactory(name="Own app", slug="own-app")
    DataUseFactory(application=application, scope=Scope.objects.get(name="parcels:read"))
    client.force_login(user_of(member(application.organization, Role.DEVELOPER)))

    assert "Own app, sandbox has it." in text(client.get(f"{PAGE}?app=own-app"))


def test_a_sample_gets_its_token_with_the_reader_s_own_sandbox_client(client):
    parcels()
    application = ApplicationFactory(name="Own app", slug="own-app")
    own = ClientFactory(application=application)
    theirs = ClientFactory()
    client.force_login(user_of(member(application.organization, Role.DEVELOPER)))

    plain = text(client.get(PAGE))
    page = text(client.get(f"{PAGE}?app=own-app"))

    assert own.client_id in page
    assert "REFRESH_TOKEN" in page
    assert own.client_id not in plain
    assert theirs.client_id not in page


def approved(application, scope, **period):
    """Give the application a subscription that covers the scope."""
    client = ClientFactory(production=True, application=application)
    subscription = SubscriptionFactory(client=client, **period)
    ApprovedUseFactory(subscription=subscription, scope=Scope.objects.get(name=scope))


def test_nobody_reads_as_an_application_of_others(client):
    parcels()
    theirs = ApplicationFactory(name="Their app", slug="their-app")
    client.force_login(user_of(member(ApplicationFactory().organization, Role.OWNER)))

    page = text(client.get(f"{PAGE}?app={theirs.slug}"))

    assert "Their app" not in page
    assert 'data-state="hidden"' not in page


@pytest.mark.parametrize(
    "address", ["/apis/parcels/", "/apis/parcels/v1/", "/apis/parcels/changelog/", PAGE]
)
def test_a_draft_is_hidden_from_everybody_but_staff(client, address):
    parcels()
    Api.objects.update(status="draft", published_at=None)

    assert client.get(address).status_code == 404
    client.force_login(user_of(member(ApplicationFactory().organization, Role.OWNER)))
    assert client.get(address).status_code == 404
    client.force_login(user_of(staff(Role.CATALOG)))
    assert client.get(address).status_code == 200


def test_a_draft_version_of_a_published_api_is_hidden_too(client):
    operation = parcels()
    draft = ApiVersionFactory(api=operation.version.api, label="v9-unseen", status="draft")
    OperationFactory(version=draft, slug="secretOperation")

    assert client.get("/apis/parcels/v9-unseen/").status_code == 404
    assert client.get("/apis/parcels/v9-unseen/secretOperation/").status_code == 404
    assert "v9-unseen" not in text(client.get("/apis/parcels/"))


def test_the_changelog_tells_what_is_planned(client):
    parcels()
    ApiVersion.objects.update(
        status="deprecated",
        deprecated_at=timezone.now(),
        sunset_at=timezone.now() + timedelta(days=90),
    )

    page = text(client.get("/apis/parcels/changelog/"))

    assert page.index("v1 stops answering") < page.index("v1 is deprecated")
    assert page.index("v1 is deprecated") < page.index("v1 is published")
    assert "What is coming" in page


@pytest.mark.parametrize("address", ["/apis/", "/apis/parcels/", PAGE])
def test_a_visitor_asks_again_and_hears_that_nothing_changed(client, address):
    parcels()

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert first["Cache-Control"] == "private, no-cache"
    Api.objects.update(name="Packets")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_page_of_a_signed_in_person_is_not_kept(client):
    parcels()
    client.force_login(user_of(staff(Role.CATALOG)))

    response = client.get("/apis/parcels/")

    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response


def large(count: int):
    """Give the operation of the world tables that are larger than any page should be."""
    operation = parcels()
    long = "A very long description of a small thing. " * 6
    limits = {"pattern": "y" * 200, "maxLength": 4000, "nullable": True}
    Field.objects.bulk_create(
        Field(
            operation=operation,
            position=100 + number,
            pointer=f"/{number}/{'x' * 200}",
            name=f"field_{number}_{'x' * 80}",
            type="string",
            nesting=number % 5,
            description=long,
            depth=4,
            cluster_code="parcels",
            retention_days=30,
            constraints=limits,
            example="x" * 120,
        )
        for number in range(count)
    )
    told = {"type": "string", "constraints": limits, "such_as": "x" * 120}
    operation.parameters = [
        {"name": f"p{n}", "in": "query", "description_html": f"<p>{long}</p>", **told}
        for n in range(count)
    ]
    operation.request_body = {
        "required": True,
        "content_type": "application/json",
        "fields": [{"name": f"b{n}", "description": long, **told} for n in range(count)],
        "example": {f"b{n}": long for n in range(count)},
    }
    operation.responses = [
        {"status": str(400 + n), "description_html": f"<p>{long}</p>"} for n in range(count)
    ]
    operation.examples = {"response": {f"f{n}": [n, True, None] for n in range(count)}}
    operation.method = "POST"
    operation.save()
    OperationFactory.create_batch(
        count // 4, version=operation.version, tag="Parcels", summary=long[:190]
    )
    OperationFactory.create_batch(200, version=operation.version)
    others = operation.version.operations.exclude(tag="Parcels").exclude(pk=operation.pk)
    for number, other in enumerate(others):
        other.tag = f"Group {number} of many other groups in it"
        other.save()


@pytest.mark.parametrize("query", ["", "?start=40", "?lang=java"])
def test_the_largest_operation_stays_under_100_kilobytes(client, query):
    large(400)

    response = client.get(f"{PAGE}{query}")

    assert response.status_code == 200
    assert len(response.content) < 100_000


def test_the_page_of_the_largest_api_stays_under_100_kilobytes(client):
    large(400)

    assert len(client.get("/apis/parcels/").content) < 100_000
    assert len(client.get("/apis/parcels/?tag=Parcels").content) < 100_000


def test_every_field_of_a_large_answer_can_be_reached(client):
    large(90)

    assert "field_89_" not in text(client.get(PAGE))
    assert "start=40" in text(client.get(PAGE))
    assert "field_89_" in text(client.get(f"{PAGE}?start=80"))
    assert client.get(f"{PAGE}?start=999999999999").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_catalog_is_only_read(client, method):
    parcels()

    assert getattr(client, method)(PAGE).status_code == 405


def test_an_api_without_a_published_version_has_no_page_for_visitors(client):
    ApiFactory(published=True, slug="empty")

    assert client.get("/apis/empty/").status_code == 404
    assert client.get("/apis/").status_code == 200
