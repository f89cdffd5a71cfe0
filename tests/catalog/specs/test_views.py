"""The console pages, as a person with a browser meets them."""

from __future__ import annotations

import pytest

from catalog.apis.models import ApiVersion
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from tests.catalog.specs.documents import api, operation, raw
from tests.factories.people import UserFactory, staff, user_of
from tests.factories.publishing import made_ready

pytestmark = pytest.mark.django_db

PAGES = ["/console/apis/", "/console/apis/people/"]


@pytest.fixture
def ines(client):
    actor = staff(Role.CATALOG)
    client.force_login(user_of(actor))
    return actor


@pytest.fixture
def people():
    return import_document(raw(api()), by=SYSTEM, source="people.json").version


def text(response) -> str:
    return response.content.decode()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_sent_to_sign_in_and_a_partner_sees_nothing(client, page):
    assert client.get(page).headers["Location"] == f"/sign-in/?next={page}"

    client.force_login(UserFactory())

    assert client.get(page).status_code == 404


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("page", PAGES)
def test_other_staff_are_told_that_it_is_not_theirs(client, page):
    client.force_login(user_of(staff(Role.REVIEWER)))

    assert client.get(page).status_code == 403


@pytest.mark.usefixtures("ines", "people")
def test_the_list_shows_each_version_with_its_grade(client, django_assert_max_num_queries):
    for n in range(8):
        document = api(**{"x-portal": None}, info={"title": f"Api {n}", "version": "1"})
        import_document(raw(document), by=SYSTEM, source=f"{n}.json")
    import_document(b"<html>", by=SYSTEM, source="page.json")
    client.get("/console/apis/")

    with django_assert_max_num_queries(10):
        response = client.get("/console/apis/")

    assert response.status_code == 200
    assert "People" in text(response)
    assert "Api 7" in text(response)
    assert "This is a web page, not an API description." in text(response)
    assert "Api 7" not in text(client.get("/console/apis/?q=peo"))


@pytest.mark.usefixtures("ines")
def test_an_empty_catalog_says_what_to_do(client):
    assert "Import an OpenAPI description" in text(client.get("/console/apis/"))
    assert "No API has that in its name" in text(client.get("/console/apis/?q=x"))


@pytest.mark.usefixtures("ines", "people")
def test_a_page_says_how_good_a_description_is(client):
    page = text(client.get("/console/apis/people/"))

    assert "Every rule is kept." in page
    assert "OpenAPI 3.1, JSON" in page


@pytest.mark.usefixtures("ines")
def test_findings_stand_on_the_page_with_their_place_and_harmless(client):
    document = api(security=[{"<script>alert(1)</script>": []}])
    import_document(raw(document), by=SYSTEM, source="people.json")

    page = text(client.get("/console/apis/people/"))

    assert "security-scheme-unknown" in page
    assert "/paths/~1people~1{person_id}/get/security" in page
    assert "<script>alert" not in page


@pytest.mark.usefixtures("ines")
def test_a_page_shows_the_version_that_is_asked_for(client, people):
    info = {"title": "People", "version": "2.0.0", "description": "x"}
    import_document(raw(api(info=info)), by=SYSTEM, source="two.json")

    assert "Version v2" in text(client.get("/console/apis/people/"))
    assert "Version v1" in text(client.get("/console/apis/people/?version=v1"))
    assert client.get("/console/apis/people/?version=v9").status_code == 200
    assert client.get("/console/apis/nobody/").status_code == 404


@pytest.mark.usefixtures("ines")
def test_a_page_of_many_findings_takes_few_queries(client, django_assert_max_num_queries):
    paths = {f"/a{n}": {"get": operation(operationId="", tags=[])} for n in range(100)}
    import_document(raw(api(paths=paths)), by=SYSTEM, source="people.json")
    client.get("/console/apis/people/")

    # Of a draft the page also says what is missing before it can be published.
    with django_assert_max_num_queries(20):
        client.get("/console/apis/people/")


@pytest.mark.usefixtures("ines")
def test_publishing_puts_the_version_into_the_catalog(client, people):
    made_ready(people)
    response = client.post("/console/apis/people/v1/publish/")

    assert response.headers["Location"] == "/console/apis/people/?version=v1"
    people.refresh_from_db()
    assert people.status == ApiVersion.Status.STABLE
    assert "Everybody can read it now." in text(client.get(response.headers["Location"]))
    assert "Publish v1" not in text(client.get("/console/apis/people/"))


@pytest.mark.usefixtures("ines")
def test_publishing_twice_or_unprotected_is_explained(client, people):
    made_ready(people)
    client.post("/console/apis/people/v1/publish/")

    again = client.post("/console/apis/people/v1/publish/", follow=True)

    assert "cannot become stable" in text(again)
    assert client.get("/console/apis/people/v1/publish/").status_code == 405
    assert client.post("/console/apis/nobody/v1/publish/").status_code == 404


def test_a_reviewer_may_not_publish(client, people):
    client.force_login(user_of(staff(Role.REVIEWER)))

    assert client.post("/console/apis/people/v1/publish/").status_code == 403
    people.refresh_from_db()
    assert people.status == ApiVersion.Status.DRAFT
