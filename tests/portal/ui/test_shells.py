from __future__ import annotations

import pytest
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory

from partners.organizations.actors import actor_of
from portal.access.actors import ANONYMOUS, Role
from tests.factories.people import UserFactory, staff, user_of

SHELLS = ["developer.html", "console.html", "customer.html"]


def shown(template, *, user=None, **context):
    request = RequestFactory().get("/somewhere/?a=1&b=2")
    request.actor = actor_of(user) if user else ANONYMOUS
    if user:
        request.user = user
    return render_to_string(template, context, request)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_links_to_no_page_that_does_not_exist(shell):
    html = shown(shell)

    assert 'href=""' not in html
    assert 'href="#"' not in html
    assert 'href="#main"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_names_the_person_who_is_signed_in(shell):
    assert "Leila Haddad" in shown(shell, user=UserFactory(name="Leila Haddad"))


@pytest.mark.django_db
def test_the_rail_shows_the_oversight_only_to_whom_it_is_open():
    assert "Oversight" in shown("console.html", user=user_of(staff(Role.SECURITY)))
    assert "Oversight" not in shown("console.html", user=user_of(staff(Role.REVIEWER)))


def test_what_just_happened_is_told_above_the_page():
    html = shown("developer.html", messages=[Message(25, "Secret A stops <now>.")])

    assert 'data-tone="success"' in html
    assert "Secret A stops &lt;now&gt;." in html


def test_the_theme_form_comes_back_to_the_page_with_its_query():
    assert 'name="next" value="/somewhere/?a=1&amp;b=2"' in shown("developer.html")


def test_a_form_with_errors_says_so_in_the_title():
    class Broken:
        errors = {"name": ["-"]}

    assert "<title>Error: " in shown("developer.html", form=Broken())
