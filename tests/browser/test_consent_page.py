"""The consent page and its error pages in Chromium."""

from __future__ import annotations

import socket
from threading import Thread

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth.models import AuthorizationIntent
from tests.browser.asking import STATE, App, address
from tests.browser.looks import objections, opened
from tests.browser.sessions import cookies_of
from tests.factories.partners import (
    ClientFactory,
    DataUseFactory,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_the_pages_are_accessible_and_fit(browser, refill, leila, live_server):
    page = opened(browser, live_server, leila)
    foreign: list[str] = []
    page.on(
        "request",
        lambda sent: foreign.append(sent.url) if live_server.url not in sent.url else None,
    )
    sandbox = ClientFactory()
    use = DataUseFactory(application=sandbox.application)
    pages = {
        "consent": address(live_server, refill),
        "error-oauth": address(live_server, refill, redirect_uri="https://app.ha1den.example/"),
        "error-client": f"{live_server.url}/oauth/authorize",
        "not-for-you": address(live_server, sandbox, scope=use.scope.name),
        "decided": address(live_server, refill),
    }

    found: list[str] = []
    for name, url in pages.items():
        if name == "decided":
            AuthorizationIntent.objects.update(decided_at=timezone.now())
        page.goto(url)
        found += objections(page, name)

    assert found == []
    assert foreign == []


def test_the_two_answers_look_the_same_and_no_choice_is_made_beforehand(
    browser, refill, leila, live_server
):
    context = browser.new_context(viewport={"width": 390, "height": 900})
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    page.goto(address(live_server, refill))

    style = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
    no, yes = (
        page.get_by_role("button", name=name, exact=True) for name in ("Don’t allow", "Allow")
    )

    assert no.evaluate(style) == yes.evaluate(style)
    for side in ("width", "height"):
        assert abs(no.bounding_box()[side] - yes.bounding_box()[side]) < 1
    assert page.get_by_role("switch").count() == 2
    assert page.get_by_role("switch", checked=True).count() == 0
    assert page.get_by_role("radio", checked=True).get_attribute("value") == "once"


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_allowing_leads_back_to_the_client_with_only_what_was_chosen(
    browser, app, refill, leila, live_server, *, javascript, theme
):
    context = browser.new_context(java_script_enabled=javascript, color_scheme=theme)
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    page.goto(address(live_server, refill))

    page.get_by_role("switch", name="Your delivery area").check()
    page.get_by_role("checkbox", name="Your prescriptions").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url(f"{app.callback}?**")

    told = app.answer()
    assert told["state"] == [STATE]
    assert told["iss"] == [settings.ISSUER]
    arrangement = Arrangement.objects.get()
    shared = arrangement.versions.get().items.values_list("scope__name", flat=True)
    assert set(shared) == {"prescriptions:read", "delivery-area:read"}

    page.go_back()

    assert page.get_by_role("heading", name="You have already answered").is_visible()
    assert Arrangement.objects.get().version_number == 1


def test_refusing_leads_back_too_by_keyboard_alone(browser, app, refill, leila, live_server):
    context = browser.new_context()
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    page.goto(address(live_server, refill))

    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "deny":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app.callback}?**")

    assert app.answer()["error"] == ["access_denied"]
    assert not Arrangement.objects.exists()


class AppOnIPv6(App):
    address_family = socket.AF_INET6

    def __init__(self) -> None:
        super().__init__("::1")

    @property
    def callback(self) -> str:
        return f"http://[::1]:{self.server_port}/callback"


@pytest.mark.parametrize(
    ("scope", "decision", "answer"),
    [
        ("prescriptions:read", "Allow", {"code"}),
        ("prescriptions:read", "Don’t allow", {"error"}),
        ("nonsense", "", {"error", "error_description"}),
    ],
)
@pytest.mark.parametrize("kind", [App, AppOnIPv6])
def test_who_signs_in_on_the_way_comes_back_to_the_client_with_every_answer(
    browser, refill, leila, live_server, *, kind, scope, decision, answer
):
    EmailAddress.objects.create(user=leila, email=leila.email, verified=True, primary=True)
    with kind() as app:
        Thread(target=app.serve_forever, daemon=True).start()
        refill.redirect_uris = app.callback
        refill.save()
        page = browser.new_context().new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text))
        page.goto(address(live_server, refill, scope=scope))
        page.get_by_label("Email").fill(leila.email)
        page.get_by_label("Password").fill("a long enough password")
        page.get_by_role("button", name="Sign in with password").click()
        if decision == "Allow":
            page.get_by_role("checkbox", name="Your prescriptions").check()
        if decision:
            page.get_by_role("button", name=decision, exact=True).click()
        page.wait_for_url(lambda url: url.startswith(app.callback), timeout=10_000)
        app.shutdown()

    told = app.answer()
    assert set(told) == answer | {"state", "iss"}
    assert [line for line in complaints if "Content Security Policy" in line] == []


def test_the_page_cannot_be_framed(browser, refill, leila, live_server):
    context = browser.new_context()
    context.add_cookies(cookies_of(leila, live_server))
    frame = f'<iframe src="{address(live_server, refill)}"></iframe>'
    context.route(
        "https://evil.example/",
        lambda route: route.fulfill(content_type="text/html", body=frame),
    )
    page = context.new_page()

    page.goto("https://evil.example/")
    page.wait_for_timeout(500)

    assert all("asks to see" not in inner.content() for inner in page.frames)
