from __future__ import annotations

import pytest

from tests.factories.catalog import ApiFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_visitor_sees_the_newest_apis_and_nothing_unpublished(client):
    ApiFactory(name="Prescriptions", published=True)
    ApiFactory(name="Not yet")

    page = text(client.get("/"))

    assert "Prescriptions" in page
    assert "Not yet" not in page


def test_a_portal_without_apis_says_so(client):
    assert "No API is published yet" in text(client.get("/"))


def test_a_person_who_is_signed_in_finds_the_way_home(client):
    assert "Go to your home" not in text(client.get("/"))

    client.force_login(UserFactory())

    assert "Go to your home" in text(client.get("/"))


def test_the_front_page_asks_as_often_for_many_apis_as_for_few(client, django_assert_num_queries):
    for number in range(8):
        ApiFactory(name=f"API {number}", published=True)

    with django_assert_num_queries(2):
        client.get("/")


def test_the_front_page_carries_the_policy_that_its_markup_keeps_to(client):
    policy = client.get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_help_is_for_everybody(client):
    assert "How do I stop sharing?" in text(client.get("/help/"))
