"""The short way of programs' endpoints: nothing of what only browsers need, all of the rest."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from portal.errors import Conflict
from portal.ui import middleware
from portal.ui.middleware import ProgramsMiddleware


def ask(browser: Browser, **given):
    return browser.post("/oauth/token", "grant_type=client_credentials", **given)


def test_a_program_has_no_session(db, django_assert_num_queries):
    browser = Browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32

    with django_assert_num_queries(0):
        answer = ask(browser, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 401
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert not hasattr(answer.wsgi_request, "session")


def test_what_holds_for_all_answers_holds_for_these(db):
    answer = ask(Browser(), content_type="application/x-www-form-urlencoded")

    assert int(answer["Content-Length"]) == len(answer.content)
    assert len(answer["X-Request-Id"]) == 32
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


def test_another_host_is_refused(db):
    given = {"content_type": "application/x-www-form-urlencoded"}

    assert ask(Browser(headers={"Host": "other.example"}), **given).status_code == 400


def test_nobody_elses_language_is_left_over(db):
    translation.activate("fr")

    ask(Browser(), content_type="application/x-www-form-urlencoded")

    assert translation.get_language() == settings.LANGUAGE_CODE


def test_a_refusal_becomes_a_problem(monkeypatch):
    def refuse(_request):
        raise Conflict("Somebody was faster.")

    match = resolve("/oauth/token")
    monkeypatch.setattr(match, "func", refuse)
    monkeypatch.setattr(middleware, "_program_views", lambda: {"/oauth/token": match})

    answer = ProgramsMiddleware(pytest.fail)(RequestFactory().post("/oauth/token"))

    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", settings.PROGRAM_VIEWS)
def test_these_addresses_never_rely_on_a_browsers_session(name):
    match = resolve(reverse(name))

    assert not match.kwargs
    assert name == "gateway:nginx" or match.func.csrf_exempt


def test_all_other_addresses_go_the_long_way():
    request = RequestFactory().get("/apis/")

    assert ProgramsMiddleware(lambda passed: passed)(request) is request
