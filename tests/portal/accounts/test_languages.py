from __future__ import annotations

import pytest

from portal.accounts.models import User
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def language_of(answer) -> str:
    assert f'<html lang="{answer["Content-Language"]}"' in answer.text
    return str(answer["Content-Language"])


def test_a_page_for_customers_speaks_what_the_browser_asks_for(client):
    answer = client.get("/sign-in/", headers={"Accept-Language": "fr-CH, ar;q=0.5"})

    assert language_of(answer) == "fr"
    assert "Accept-Language" in answer["Vary"]


def test_a_partners_page_is_in_english_and_says_so(client):
    answer = client.get("/apis/", headers={"Accept-Language": "fr"})

    assert language_of(answer) == "en"
    assert 'action="/language/"' not in answer.text


def test_arabic_reads_from_right_to_left(client):
    assert (
        '<html lang="ar" dir="rtl"' in client.get("/help/", headers={"Accept-Language": "ar"}).text
    )


def test_a_choice_is_kept_for_the_browser_and_wins_over_what_it_asks_for(client):
    answer = client.post("/language/", {"language": "ar", "next": "/help/"})

    assert answer["Location"] == "/help/"
    assert language_of(client.get("/help/", headers={"Accept-Language": "fr"})) == "ar"


def test_a_choice_is_kept_for_the_account_and_found_in_another_browser(client, django_user_model):
    user = UserFactory()
    client.force_login(user)

    client.post("/language/", {"language": "fr", "next": "/help/"})
    client.cookies.pop("django_language")

    assert User.objects.get(pk=user.pk).locale == "fr"
    assert language_of(client.get("/help/")) == "fr"


@pytest.mark.parametrize("language", ["", "de", "en\n", "x" * 300])
def test_what_is_no_language_of_ours_changes_nothing(client, language):
    answer = client.post("/language/", {"language": language, "next": "//evil.example/"})

    assert answer["Location"] == "/"
    assert "django_language" not in answer.cookies


def test_a_client_may_say_what_its_customer_reads_until_the_customer_does(client):
    hinted = "/sign-in/?ui_locales=xx+fr-CA+ar"

    assert language_of(client.get(hinted)) == "fr"
    client.post("/language/", {"language": "ar"})
    assert language_of(client.get(hinted)) == "ar"
