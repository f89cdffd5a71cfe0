"""The consent page and its error pages in Chromium."""

from __future__ import annotations

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth.models import AuthorizationIntent
from tests.browser.sessions import cookies_of
from tests.factories.catalog import DataClusterFactory, ScopeFactory
from tests.factories.consent import CustomerFactory
from tests.factories.oauth import CHALLENGE
from tests.factories.partners import (
    ApplicationFactory,
    ApprovedUseFactory,
    ClientFactory,
    DataUseFactory,
    OrganizationFactory,
    SubscriptionFactory,
)

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}
STATE = "af0ifjsldkj"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def refill(db):
    """Return the production client of Halden Refill, which needs one thing and may have two."""
    application = ApplicationFactory(
        live=True,
        name="Halden Refill",
        slug="halden-refill",
        organization=OrganizationFactory(approved=True, name="Halden Health"),
    )
    client = ClientFactory(application=application, environment="production")
    subscription = SubscriptionFactory(client=client)
    for code, label, depth, summary, why, is_required in (
        ("prescriptions", "Your prescriptions", 4, "Medicine, dose and refills left.",
         "to remind you before you run out.", True),
        ("refills", "Ask your pharmacy for a refill", 3, "A request that you confirm.",
         "so that you can tap “Refill” in the app.", False),
        ("delivery-area", "Your delivery area", 3, "The area, not your address.",
         "to show pharmacies near you.", False),
    ):  # fmt: skip
        DataClusterFactory(code=code, label=label, depth=depth, summary=summary)
        ApprovedUseFactory(
            subscription=subscription,
            scope=ScopeFactory(name=f"{code}:read", cluster_code=code),
            why=why,
            is_required=is_required,
        )
    DataClusterFactory(label="Notes your pharmacist wrote", depth=4)
    DataClusterFactory(label="Your appointments", depth=3)
    return client


@pytest.fixture
def leila(db):
    return CustomerFactory(user__name="Leila Haddad").user


def address(live_server, client, **changes: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uris,
        "scope": "prescriptions:read refills:read delivery-area:read",
        "state": STATE,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{live_server.url}/oauth/authorize?{urlencode(asked | changes)}"


class Callback(BaseHTTPRequestHandler):
    """Stand in for the client: keep the addresses that browsers ask it for."""

    server: App

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>app</title>Back in the app")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class App(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Callback)
        self.asked: list[str] = []

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback"

    def answer(self) -> dict[str, list[str]]:
        (path,) = [path for path in self.asked if path.startswith("/callback")]
        return parse_qs(urlsplit(path).query, strict_parsing=True)


@pytest.fixture
def app(refill):
    with App() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        refill.redirect_uris = server.callback
        refill.save()
        yield server
        server.shutdown()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_the_pages_are_accessible_and_fit(browser, refill, leila, live_server, *, size, theme):
    context = browser.new_context(
        viewport={"width": WIDTHS[size], "height": 900}, color_scheme=theme
    )
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
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

    for name, url in pages.items():
        if name == "decided":
            AuthorizationIntent.objects.update(decided_at=timezone.now())
        page.goto(url)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size}-{theme}.png", full_page=True)
        report = Axe().run(page, options={"preload": False})
        assert report.violations_count == 0, f"{name}: {report.generate_report()}"
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, name
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
        ThreadingHTTPServer.__init__(self, ("::1", 0), Callback)
        self.asked = []

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
