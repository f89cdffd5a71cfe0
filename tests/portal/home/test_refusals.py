from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import path

from portal.errors import Refused
from portal.home import refusals
from portal.urls import handler500 as sorry
from portal.urls import urlpatterns as site
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
handler500 = sorry


def refuse(request):
    raise Refused(
        "The name <b>Halden</b> is taken.", code="name_taken", errors={"name": ["Choose another."]}
    )


def crash(request):
    raise RuntimeError("secret detail")


urlpatterns = [path("refuse/", refuse), path("crash/", crash), *site]
HERE = pytest.mark.urls(__name__)


def text(answer):
    return " ".join(answer.content.decode().split())


@HERE
def test_a_refusal_says_what_happened_and_what_did_not(client):
    answer = client.get("/refuse/")

    assert answer.status_code == 422
    assert "The name &lt;b&gt;Halden&lt;/b&gt; is taken." in text(answer)
    assert "Choose another." in text(answer)
    assert "Nothing was changed." in text(answer)
    assert "name_taken" in text(answer)
    assert answer["X-Request-Id"] in text(answer)


@HERE
def test_a_crash_shows_no_detail_and_names_the_request():
    answer = Client(raise_request_exception=False).get("/crash/")

    assert answer.status_code == 500
    assert "Something broke on our side" in text(answer)
    assert "secret detail" not in text(answer)
    assert answer["X-Request-Id"] in text(answer)


def test_the_page_of_a_crash_asks_the_database_nothing(django_assert_num_queries):
    request = RequestFactory().get("/")

    with django_assert_num_queries(0):
        assert refusals.server_error(request).status_code == 500


def test_an_unknown_address_is_a_page_with_a_way_on(client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no page here" in text(answer)


def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())

    answer = client.post("/theme/", {"theme": "dark"})

    assert answer.status_code == 403
    assert "Nothing was sent or changed." in text(answer)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/gateway/nothing", "/sandbox/nothing"])
def test_a_program_gets_problem_details_for_what_is_not_there(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert answer.json()["request_id"] == answer["X-Request-Id"]
