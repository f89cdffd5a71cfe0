"""What is asked for has the same name on the screen, the pages, the receipt and in mail."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse

from catalog.scopes.models import DataCluster, Purpose, Scope
from consent.arrangements.models import Arrangement, ArrangementVersion, Receipt
from portal.events import log
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory
from tests.factories.oauth import World, make_world

pytestmark = pytest.mark.django_db
LABELS = {"en": "Your prescriptions", "fr": "Vos ordonnances", "ar": "وصفاتك الطبية"}
FRENCH = {"label": LABELS["fr"], "summary": "Médicament et dose.", "permissions": ["Le médicament"]}
ARABIC = {"label": LABELS["ar"], "summary": "الدواء والجرعة.", "permissions": ["الدواء"]}
TITLES = {"fr": {"title": "Vous prévenir", "description": "À temps."}}


@pytest.fixture
def world() -> World:
    world = make_world()
    code = Scope.objects.get(name="need:read").cluster_code
    DataCluster.objects.filter(code=code).update(
        label=LABELS["en"],
        summary="Medicine and dose.",
        permissions=["The medicine"],
        translations={"fr": FRENCH, "ar": ARABIC},
    )
    Purpose.objects.update(translations=TITLES)
    return world


def agree(world: World, language: str) -> str:
    """Agree in that language and return the screen."""
    world.browser = Browser(headers={"Accept-Language": language})
    world.browser.force_login(world.customer.user)
    screen = world.ask(scope="need:read")
    assert world.decide(screen).status_code == 303
    log.deliver_due()
    return unescape(screen.content.decode())


@pytest.mark.parametrize("language", LABELS)
def test_the_label_is_the_same_in_all_five_places(world, language):
    screen = agree(world, language)
    app = world.client.application.slug
    pages = {
        "screen": screen,
        "dashboard": world.browser.get(reverse("arrangements:list")).text,
        "withdrawal": world.browser.get(reverse("arrangements:stop", args=[app])).text,
        "receipt": world.browser.get(
            reverse("arrangements:receipt", args=[Receipt.objects.get().number])
        ).text,
        "mail": Message.objects.get(kind="arrangements/given").text,
    }

    for name, text in pages.items():
        words = unescape(text)
        inside = LABELS["en"].lower() if (language, name) == ("en", "withdrawal") else ""
        assert (inside or LABELS[language]) in words, name
        for other, label in LABELS.items():
            assert other == language or label not in words, (name, other)


@pytest.mark.parametrize("language", LABELS)
def test_the_locale_of_the_screen_is_the_one_that_is_kept(world, language):
    screen = agree(world, language)

    version = ArrangementVersion.objects.get()
    assert f'<html lang="{language}"' in screen
    assert version.locale == version.notice["language"] == language
    assert Receipt.objects.get().body["language"] == language
    assert LABELS[language] in str(Receipt.objects.get().body)


def test_a_reason_that_is_in_english_only_is_marked_as_english(world):
    html = " ".join(agree(world, "fr").split())

    assert "Vous prévenir." in html
    assert 'lang="en" dir="ltr">“to remind you before you run out.”' in html


def test_words_without_a_translation_are_marked_as_english(world):
    DataCluster.objects.update(translations={})

    html = agree(world, "ar")

    assert f'<span lang="en">{LABELS["en"]}</span>' in html
    assert 'dir="rtl"' in html


def test_a_change_of_language_keeps_what_was_ticked(world):
    page = world.ask()
    posted = {"intent": str(page.context["intent"].pk), "until": "90", "g": ["extra:read"]}

    answer = world.browser.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"],
                                {**posted, "language": "fr"})  # fmt: skip
    again = world.browser.get(answer["Location"])

    html = unescape(again.content.decode())
    assert answer.status_code == 303
    assert '<html lang="fr"' in html
    assert "Autoriser" in html
    assert again.context["form"]["g"].value() == ["extra:read"]
    assert again.context["form"]["until"].value() == "90"
    assert not Arrangement.objects.exists()


def test_the_enter_key_sends_the_current_language_and_decides_nothing(world):
    html = world.ask().content.decode()

    first = html.partition('<button class="menu-item" form="consent"')[2].partition(">")[0]
    assert 'value="en"' in first
    assert html.index('form="consent"') < html.index('name="decision"')


def test_an_ended_session_keeps_what_was_ticked_for_the_same_person_alone(world):
    page = world.ask()
    address = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    world.browser.logout()
    posted = {"intent": str(page.context["intent"].pk), "until": "90", "g": ["extra:read"],
              "decision": "allow"}  # fmt: skip

    answer = world.browser.post(address, posted)
    assert (answer.status_code, answer["Location"]) == (303, address)
    sign_in = world.browser.get(address, follow=True)
    assert "Your session has ended." in unescape(sign_in.content.decode())

    world.browser.force_login(world.customer.user)
    assert world.browser.get(address).context["form"]["g"].value() == ["extra:read"]
    world.browser.force_login(CustomerFactory().user)
    assert not world.browser.get(address).context["form"]["g"].value()
    assert not Arrangement.objects.exists()
