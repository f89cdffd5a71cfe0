from __future__ import annotations

import pytest
from django.urls import get_resolver

from portal.errors import Refused
from portal.home import problems
from portal.home.words import WORDS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_code_is_explained_in_words(client, code):
    page = client.get(f"/problems/{code}").content.decode()

    assert code in page
    assert "What to do" in page


def test_every_refusal_of_the_portal_has_a_page(client):
    assert get_resolver().url_patterns  # Loads every view, and with it every refusal.

    codes = {refusal.code for refusal in problems._refusals(Refused)}

    assert codes
    for code in codes:
        assert client.get(f"/problems/{code}").status_code == 200


@pytest.mark.parametrize("code", ["no_such_code", "UPPER", "a" * 300])
def test_a_code_that_nobody_uses_has_none(client, code):
    assert client.get(f"/problems/{code}").status_code == 404
