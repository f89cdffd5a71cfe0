"""The short way of programs' endpoints: nothing of what only browsers need, all of the rest."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from portal.errors import Conflict
from portal.events.requests import current_request_id
from portal.ui import programs
from portal.ui.programs import ProgramsMiddleware


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


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "tls"])
def test_a_page_says_nothing_more_about_itself(db, settings, is_secure):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    programs._alike_for_all.cache_clear()
    through = {"X-Forwarded-Proto": "https"} if is_secure else {}
    browser = Browser(headers=through)

    page = browser.get("/healthz")
    answer = ask(browser, content_type="application/x-www-form-urlencoded")

    # What is left out tells browsers how to show it and which cookies it depends on.
    of_pages = {"Vary", "X-Frame-Options", "Content-Language", "Expires"}
    assert set(page.headers) - of_pages <= set(answer.headers)
    assert ("Strict-Transport-Security" in answer.headers) == is_secure
    programs._alike_for_all.cache_clear()


def test_each_has_one_line_in_the_log(db, caplog):
    caplog.set_level("INFO", logger="portal.ui.programs")

    answer = ask(
        Browser(headers={"User-Agent": "curl"}), content_type="application/x-www-form-urlencoded"
    )

    [line] = [one for one in caplog.records if one.name == "portal.ui.programs"]
    assert answer.status_code == 401
    assert (line.levelname, line.msg, line.code) == ("WARNING", "request_finished", 401)
    assert (line.request, line.user_agent) == ("POST /oauth/token", "curl")


def test_a_fault_is_answered_and_told_like_any_other(db, caplog, monkeypatch):
    def fail(_request):
        raise LookupError("a word that is not for the log")

    match = resolve("/oauth/token")
    monkeypatch.setattr(match, "func", fail)
    monkeypatch.setattr(programs, "_program_views", lambda: {"/oauth/token": match})

    answer = ask(
        Browser(raise_request_exception=False), content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 500
    assert len(answer["X-Request-Id"]) == 32
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    told = [str(one.msg) for one in caplog.records]
    assert sum("request_failed" in one for one in told) == 1
    assert not any("request_finished" in one for one in told)


def test_the_next_request_on_the_thread_has_its_own_id(db):
    given = {"content_type": "application/x-www-form-urlencoded"}

    answer = ask(Browser(headers={"X-Request-Id": "mine-12345"}), **given)

    assert answer["X-Request-Id"] == "mine-12345"
    assert current_request_id() == ""


@pytest.mark.parametrize(
    ("query", "status"),
    [("a=%00", 400), ("a=" + "b" * 9000, 400)],
    ids=["a NUL byte", "without an end"],
)
def test_input_that_means_nothing_is_refused_here_too(db, query, status):
    answer = Browser().post(f"/oauth/token?{query}")

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


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
    monkeypatch.setattr(programs, "_program_views", lambda: {"/oauth/token": match})

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
