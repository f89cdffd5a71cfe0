from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_on_the_next_page(client, theme):
    answer = client.post("/theme/", {"theme": theme, "next": "/"}, follow=True)

    assert f'data-theme="{theme}"' in answer.content.decode()
    assert f'value="{theme}" aria-pressed="true"' in answer.content.decode()


@pytest.mark.parametrize("theme", ["system", "", "pink", "\x00"])
def test_anything_else_follows_the_system(client, theme):
    client.cookies["theme"] = "dark"

    answer = client.post("/theme/", {"theme": theme}, follow=True)

    assert "data-theme=" not in answer.content.decode().replace("data-theme-switch", "")


@pytest.mark.parametrize(
    "back", ["//elsewhere.example", "https://elsewhere.example/", "javascript:alert(1)", "\x00", ""]
)
def test_a_theme_never_leads_elsewhere(client, back):
    assert client.post("/theme/", {"theme": "dark", "next": back})["Location"] == "/"


def test_a_theme_leads_back_to_the_page(client):
    answer = client.post("/theme/", {"theme": "dark", "next": "/apis/?q=refill"})

    assert answer["Location"] == "/apis/?q=refill"
    assert answer.cookies["theme"]["httponly"]


def test_a_theme_is_not_changed_by_a_link(client):
    assert client.get("/theme/").status_code == 405
