"""The journey in Chromium, as five people in their own browser contexts, on the running stack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jwskate import Jwk
from playwright.sync_api import expect
from pytest_httpserver import HTTPServer

from partners import questionnaires
from portal.demo.answers import ANSWERS
from tests.browser.publishing import publish_an_api
from tests.browser.visitor import Album, Visitor
from tests.factories.hooks import repeat
from tests.flows.journey import (
    OWN_PASSWORD,
    SCOPES,
    USES,
    Client,
    eventually,
    mailed_code,
    problem,
)
from tests.flows.software import LiveClient, key_set, new_key

COMPANY = "Another partner"
APPLICATION = "Another Refill"
EMAIL = "owner@another.example"
QUESTIONS = json.loads(
    (Path(questionnaires.__file__).parent / "library/onboarding.json").read_text()
)
LOOK = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
PAGES = {
    "": {
        "search": "/apis/search/?q=refill",
        "search-nothing": "/apis/search/?q=parcel+zebra",
        "changelog": "/apis/prescriptions/changelog/",
        "forgotten": "/accounts/password/forgotten/",
        "not-found": "/nothing-is-here/",
    },
    "amara@halden.example": {
        "home": "/home/",
        "applications": "/apps/",
        "application": "/apps/halden-refill/?environment=production",
        "scopes": "/apps/halden-refill/scopes/",
        "redirects": "/apps/halden-refill/redirects/",
        "requests": "/apps/halden-refill/requests/",
        "security-approved": "/security/",
        "usage": "/usage/",
        "team": "/team/",
        "settings": "/settings/",
        "notices": "/notices/",
        "account-security": "/accounts/security/",
        "sessions": "/accounts/sessions/",
    },
    "bruno@kestrel.example": {"home-halfway": "/home/", "webhooks-none": "/webhooks/"},
    "priya@meridian.example": {
        "console-partners": "/console/partners/",
        "console-partner": "/console/partners/halden-health/",
        "console-applications": "/console/applications/",
        "console-application": "/console/applications/halden-refill/",
        "audit": "/console/audit/",
        "outbox": "/console/outbox/",
    },
    "ines@meridian.example": {
        "console-apis": "/console/apis/",
        "console-import": "/console/apis/import/",
        "console-api": "/console/apis/prescriptions/",
    },
    "leila@example.net": {
        "apps": "/me/apps/",
        "app": "/me/apps/halden-refill/",
        "change": "/me/apps/halden-refill/change/",
        "stop-all": "/me/apps/stop-all/",
        "history": "/me/history/",
        "data": "/me/data/",
        "help": "/help/",
        "error-oauth": "/oauth/authorize?client_id=nobody",
    },
}
ERRORS = {"not-found": 404, "error-oauth": 400}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.nginx,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def app():
    """Return the partner's application: where customers come back to, and its webhook."""
    with HTTPServer(host="127.0.0.1") as server:
        page = "<!doctype html><html lang=en><title>App</title><h1>Back in the app</h1>"
        server.expect_request("/callback").respond_with_data(page, content_type="text/html")
        server.expect_request("/favicon.ico").respond_with_data("", status=204)
        server.expect_request("/hooks", method="POST").respond_with_handler(repeat)
        yield server


def test_six_people_walk_the_journey(browser, stack, app):
    ines, mina, partner, tomas, priya, leila = (Visitor(browser, stack) for _ in range(6))
    album = Album(first=1)

    ines.sign_in("ines@meridian.example")
    mina.sign_in("mina@meridian.example")
    publish_an_api(ines, mina, partner, album)
    find_the_api(partner, album)
    become_a_partner(partner, stack, album)
    sandbox = register_the_application(partner, app.url_for("/callback"), album)
    shops = Client(stack, sandbox)
    assert shops.call(shops.own_token("pharmacies:read"), "/pharmacies").status_code == 200
    answer_the_questionnaire(partner, album)
    tomas.sign_in("tomas@meridian.example")
    priya.sign_in("priya@meridian.example")
    approve(tomas, "Security questionnaire", album, "review-answers")
    tomas.sees("Somebody else has to agree")
    approve(priya, "Security questionnaire", album, "review-answers-second")
    ask_for_production(partner, album)
    approve(tomas, APPLICATION, album, "review-access")
    tomas.sees("Somebody else has to agree")
    approve(priya, APPLICATION, album, "review-second")
    client_id, key = register_a_key(partner, album)
    client = LiveClient(stack, client_id, key, callback=app.url_for("/callback"), scope=SCOPES)
    add_a_webhook(partner, app.url_for("/hooks"), album)

    leila.sign_in("leila@example.net", at=client.address())
    token = client.take(choose_by_keyboard(leila, client, app, album))
    assert set(token["scope"].split()) == {"prescriptions:read", "refills:write"}
    read = client.call(token["access_token"], "/prescriptions")
    assert read.status_code == 200
    assert "instructions" not in read.json()["items"][0]
    assert problem(client.call(token["access_token"], "/delivery-area"))[1] == "scope_missing"

    stop_in_two_clicks(leila, album)
    assert problem(client.call(token["access_token"], "/prescriptions")) == (
        401,
        "consent_withdrawn",
    )
    assert client.refusal_to_refresh(token) == "invalid_grant"
    take_the_receipt(leila, album)
    without_scripts = Visitor(browser, stack, javascript=False)
    share_and_stop_without_scripts(without_scripts, client, app)
    eventually(lambda: [1 for request, _ in app.log if b"withdrawn" in request.get_data()])
    partner.open("/webhooks/")
    partner.sees("consent.arrangement.withdrawn")
    album.keep(partner.page, "webhooks")
    priya.open("/console/audit/")
    priya.sees("Arrangement withdrawn")
    stack.manage("verify_events")

    assert album.objections == []
    for person in (ines, partner, tomas, priya, leila, without_scripts):
        assert person.complaints == []
        assert person.hosts <= {stack.portal.split("//")[1], f"127.0.0.1:{app.port}"}


def find_the_api(partner: Visitor, album: Album) -> None:
    partner.open("/")
    album.keep(partner.page, "front")
    partner.follow("Browse all APIs")
    album.keep(partner.page, "catalog")
    partner.follow("Meridian Prescriptions")
    album.keep(partner.page, "api")
    partner.follow("List prescriptions")
    partner.sees("prescriptions:read")
    partner.sees("Your prescriptions")
    album.keep(partner.page, "operation")


def become_a_partner(partner: Visitor, stack, album: Album) -> None:
    partner.open("/sign-in/")
    album.keep(partner.page, "sign-in")
    partner.follow("Create an account")
    album.keep(partner.page, "sign-up")
    partner.fill("Email", EMAIL)
    partner.fill("Password", OWN_PASSWORD)
    partner.press("Create the account")
    album.keep(partner.page, "verify")
    partner.fill("Code", mailed_code(stack, EMAIL))
    partner.press("Continue")
    partner.sees("Make your first call")
    album.keep(partner.page, "first-call")
    partner.press("Call the sandbox")
    partner.sees("It works")
    album.keep(partner.page, "first-answer")
    partner.open("/accounts/profile/")
    album.keep(partner.page, "profile")
    partner.fill("Name", "A new partner")
    partner.press("Save")
    partner.open("/join/")
    album.keep(partner.page, "join")
    partner.fill("Name of your organisation", COMPANY)
    partner.main.get_by_label("What you work in").select_option("health")
    partner.main.get_by_label("Country").select_option("LT")
    partner.fill("City", "Vilnius")
    partner.fill("Website", "https://partner.example")
    partner.press("Save")
    album.keep(partner.page, "home-new")


def register_the_application(partner: Visitor, callback: str, album: Album) -> tuple[str, str]:
    partner.open("/apps/new/")
    partner.fill("Name", APPLICATION)
    partner.fill("What it does, in one line", "Reminds you before your medicine runs out")
    partner.fill("Redirect URIs", callback)
    partner.fill("Privacy notice", "https://partner.example/privacy")
    if not partner.main.get_by_role("checkbox", name="pharmacies:read").is_visible():
        partner.main.get_by_role("heading", name="Meridian Prescriptions").click()
    for scope, (purpose, why, needed) in USES.items():
        wanted = partner.main.get_by_role("group", name=scope, exact=True)
        wanted.get_by_role("checkbox").check()
        wanted.get_by_label("Purpose").select_option(purpose)
        wanted.get_by_label("Why, in a sentence").fill(why)
        wanted.get_by_role("radio", name="Needed" if needed == "yes" else "Optional").check()
        wanted.get_by_label("Days you keep it").fill("30")
    partner.main.get_by_role("checkbox", name="pharmacies:read").check()
    album.keep(partner.page, "register")
    partner.press("Register application")
    return credentials_on(partner, album, "secret-sandbox")


def credentials_on(partner: Visitor, album: Album, name: str) -> tuple[str, str]:
    partner.sees("Keep the secret now")
    album.keep(partner.page, name)
    terms = partner.main.get_by_role("definition")
    client_id = terms.filter(has_text="_").nth(0).locator("span").first.inner_text()
    secret = terms.filter(has_text="mrs_").locator("span").first.inner_text()
    partner.follow("I have kept it, continue")
    expect(partner.main.get_by_text(secret)).to_have_count(0)
    return client_id, secret


def answer_the_questionnaire(partner: Visitor, album: Album) -> None:
    eventually(lambda: partner.open("/security/").get_by_role("link", name="Start").count())
    album.keep(partner.page, "security")
    partner.follow("Start")
    for section in QUESTIONS["sections"]:
        expect(partner.main.get_by_role("heading", level=1)).to_have_text(section["title"])
        for question in section["questions"]:
            if question["key"] in ANSWERS:
                answer(partner, question, ANSWERS[question["key"]])
        album.keep(partner.page, f"section-{section['code']}")
        partner.press("Save and continue")
    album.keep(partner.page, "send")
    partner.main.get_by_role("checkbox").check()
    partner.press("Send answers")
    if partner.page.get_by_role("heading", name="Is it still you?").is_visible():
        partner.fill("Password", OWN_PASSWORD)
        partner.press("Continue")
    partner.sees("With us")


def answer(partner: Visitor, question: dict, given: str | list[str]) -> None:
    if "choices" not in question:
        partner.main.get_by_label(question["text"]).fill(str(given))
        return
    labels = {choice["key"]: choice["label"] for choice in question["choices"]}
    group = partner.main.get_by_role("group", name=question["text"])
    for key in [given] if isinstance(given, str) else given:
        group.get_by_label(labels[key]).check()


def ask_for_production(partner: Visitor, album: Album) -> None:
    partner.open("/apps/")
    partner.follow(APPLICATION)
    album.keep(partner.page, "application-sandbox")
    partner.follow("Production")
    partner.follow("Ask for production access")
    partner.fill("What will your application do", "Reminders before a prescription runs out.")
    album.keep(partner.page, "request-access")
    partner.press("Ask for access")
    album.keep(partner.page, "access-request")


def approve(staff: Visitor, title: str, album: Album, name: str) -> None:
    """Find what the new partner sent in the queue, read it and vote for it."""

    def waiting():
        row = staff.open("/console/").get_by_role("row").filter(has_text=COMPANY)
        return row.get_by_role("link", name=title).all()

    (link,) = eventually(waiting)
    album.keep(staff.page, "queue")
    link.click()
    album.keep(staff.page, name)
    staff.main.get_by_role("radio", name="Approve").check()
    staff.main.get_by_role("textbox", name="Reason").fill(
        "The answers are clear and the purpose fits."
    )
    staff.press("Record decision")


def register_a_key(partner: Visitor, album: Album) -> tuple[str, Jwk]:
    """Register the public part of a key pair; production takes no secret."""
    key = new_key()
    partner.open("/apps/")
    partner.follow(APPLICATION)
    partner.follow("Production")
    album.keep(partner.page, "application-production")
    partner.open("/apps/another-refill/production/keys/")
    album.keep(partner.page, "keys")
    partner.page.locator("[name=jwks]").fill(key_set(key))
    partner.press("Register")
    if partner.page.get_by_role("heading", name="Is it still you?").is_visible():
        album.keep(partner.page, "still-you")
        partner.fill("Password", OWN_PASSWORD)
        partner.press("Continue")
    partner.sees(str(key.kid))
    album.keep(partner.page, "keys-registered")
    client_id = re.search(r"\b([a-z]{1,4}_live_[0-9a-f]{16})\b", partner.page.content())
    assert client_id
    return client_id.group(1), key


def add_a_webhook(partner: Visitor, address: str, album: Album) -> None:
    partner.open("/webhooks/")
    partner.follow("Add an address")
    partner.fill("Address", address)
    album.keep(partner.page, "webhook-new")
    partner.press("Add the address")
    partner.sees("Keep this secret now")


def choose_by_keyboard(leila: Visitor, client: LiveClient, app, album: Album) -> str:
    """Tick what is sensitive and one of two choices, and allow it, with the keys alone."""
    leila.open(client.address())
    album.keep(leila.page, "consent")
    switches = leila.page.get_by_role("switch")
    expect(switches).to_have_count(2)
    expect(leila.page.get_by_role("switch", checked=True)).to_have_count(0)
    no, yes = (
        leila.page.get_by_role("button", name=name, exact=True) for name in ("Don’t allow", "Allow")
    )
    assert no.evaluate(LOOK) == yes.evaluate(LOOK)
    for side in ("width", "height"):
        assert abs(no.bounding_box()[side] - yes.bounding_box()[side]) < 1
    assert leila.hosts == {leila.portal.split("//")[1]}

    tab_to(leila, leila.page.get_by_role("checkbox", name="Your prescriptions"))
    leila.page.keyboard.press("Space")
    tab_to(leila, leila.page.get_by_role("switch", name="Ask your pharmacy for a refill"))
    leila.page.keyboard.press("Space")
    tab_to(leila, leila.page.get_by_role("checkbox", name="All of them, also future ones"))
    leila.page.keyboard.press("Space")
    # What is offered first is once; whoever wants more asks for it.
    tab_to(leila, leila.page.locator("input[name=until][value=once]:checked"))
    leila.page.keyboard.press("ArrowDown")
    expect(leila.page.locator("input[name=until]:not([value=once]):checked")).to_have_count(1)
    tab_to(leila, yes)
    leila.page.keyboard.press("Enter")
    leila.page.wait_for_url(f"{app.url_for('/callback')}?**")
    return leila.page.url


def tab_to(person: Visitor, target) -> None:
    for _ in range(40):
        person.page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the keyboard.")


def stop_in_two_clicks(leila: Visitor, album: Album) -> None:
    leila.open("/me/apps/")
    leila.sees("Another Refill")
    album.keep(leila.page, "connected-apps")
    leila.follow(APPLICATION)
    album.keep(leila.page, "connected-app")
    leila.sees("Looked 1 time")
    leila.open("/me/apps/")

    leila.follow(f"Stop sharing with {APPLICATION}")
    album.keep(leila.page, "stop")
    leila.press("Stop sharing")
    leila.sees(f"{APPLICATION} can no longer see")


def take_the_receipt(leila: Visitor, album: Album) -> None:
    album.keep(leila.page, "stopped")
    leila.main.get_by_role("link", name="Receipt").first.click()
    album.keep(leila.page, "receipt")
    with leila.page.expect_download() as coming:
        leila.main.get_by_role("link", name="JSON").click()
    receipt = Path(coming.value.path()).read_text()
    assert json.loads(receipt)["service"] == APPLICATION
    assert "leila@example.net" not in receipt


def share_and_stop_without_scripts(jonas: Visitor, client: LiveClient, app) -> None:
    jonas.sign_in("jonas@example.net", at=client.address())
    jonas.page.get_by_role("checkbox", name="Your prescriptions").check()
    jonas.page.get_by_role("switch", name="Your delivery area").check()
    jonas.page.get_by_role("checkbox", name="All of them, also future ones").check()
    jonas.press("Allow")
    jonas.page.wait_for_url(f"{app.url_for('/callback')}?**")
    token = client.take(jonas.page.url)
    assert set(token["scope"].split()) == {"prescriptions:read", "delivery-area:read"}
    assert client.call(token["access_token"], "/delivery-area").status_code == 200

    jonas.open("/me/apps/")
    jonas.follow(f"Stop sharing with {APPLICATION}")
    jonas.press("Stop sharing")
    jonas.sees(f"{APPLICATION} can no longer see")
    refused = client.call(token["access_token"], "/delivery-area")
    assert problem(refused) == (401, "consent_withdrawn")


def test_the_pages_of_each_person_are_fit_to_be_seen(browser, stack):
    album = Album(first=60)
    for email, pages in PAGES.items():
        person = Visitor(browser, stack)
        if email:
            person.sign_in(email)
        for name, path in pages.items():
            person.open(path, status=ERRORS.get(name, 200))
            album.keep(person.page, name)
        assert person.complaints == []
        assert person.hosts == {stack.portal.split("//")[1]}
        person.context.close()

    assert album.objections == []
