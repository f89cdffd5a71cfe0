"""The pages around signing in for an application, and out of it, and single cases, in Chromium."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from catalog.scopes.models import Scope
from partners.applications.details import name_detail_types
from partners.applications.sign_in import change_sign_in
from portal.access.actors import Role
from portal.accounts.models import User
from tests.browser.looks import objections, opened
from tests.factories.consent import CustomerFactory
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.oauth import World
from tests.factories.openid import GOODBYE, make_openid_world, sign_in, tokens_of
from tests.factories.partners import DataUseFactory
from tests.factories.people import member, user_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world():
    """Return a client that signs customers in and one customer who has done so."""
    return make_openid_world()


@pytest.fixture
def developer(world) -> User:
    owner = member(world.client.application.organization, Role.DEVELOPER)
    change_sign_in(
        world.client,
        by=owner,
        algorithm="PS256",
        post_logout_redirect_uris=[GOODBYE],
        backchannel_logout_uri="https://app.example/logged-out",
    )
    return user_of(owner)


def authorize(world: World, **changes: str) -> str:
    return f"/oauth/authorize?{urlencode(world.request(**changes))}"


def logout(**asked: str) -> str:
    return f"/oauth/logout?{urlencode(asked)}"


def test_the_pages_are_accessible_and_fit(browser, world, developer, live_server):
    hint = tokens_of(world)["id_token"]
    customer, other = world.customer.user, CustomerFactory().user
    settings_page = f"/apps/{world.client.application.slug}/production/sign-in/"
    pages = {
        "sign-in-settings": (developer, settings_page, "Sign-in"),
        "authorize-sign-in": (customer, authorize(world, scope="openid"), "with Meridian"),
        "somebody-else": (
            other,
            authorize(world, scope="openid", id_token_hint=hint),
            "This is for another account",
        ),
        "sign-in": (None, authorize(world, scope="openid"), "Sign in"),
        "logout-asks": (customer, logout(client_id=world.client.client_id), "Sign out"),
        "logout-refuses": (customer, logout(id_token_hint="x.y.z"), "could not follow"),
        "signed-out": (None, logout(), "signed out"),
    }
    found = []
    for name, (who, address, words) in pages.items():
        page = opened(browser, live_server, who)
        page.goto(f"{live_server.url}{address}")
        assert words.lower() in page.locator("main").inner_text().lower(), name
        found += objections(page, name)
        page.context.close()
    assert found == []


def test_r6_single_cases_are_accessible_and_fit_where_they_are_asked_and_shown(
    browser, live_server
):
    gate = make_detailed_gate()
    world = gate.world
    owner = member(world.client.application.organization, Role.OWNER)
    for name in ("need:read", "extra:read"):
        scope = Scope.objects.get(name=name)
        DataUseFactory(application=world.client.application, scope=scope)
    name_detail_types(world.client, by=owner, types=["payment_initiation", "payment_budget"])
    long = {**PAY, "payee": "Harbour Pharmacy and its other branches"}
    world.code("extra:read", authorization_details=written(long, BUDGET))
    asked = authorize(world, authorization_details=written(long, BUDGET), state="again")
    slug = world.client.application.slug
    pages = {
        "details-asked": (world.customer.user, asked, 2),
        "details-shared": (world.customer.user, f"/me/apps/{slug}/", 2),
        "details-named": (user_of(owner), f"/apps/{slug}/?environment=production", 0),
        "details-chosen": (user_of(owner), f"/apps/{slug}/production/cases/", 0),
    }
    found = []
    for name, (who, address, case_count) in pages.items():
        page = opened(browser, live_server, who)
        page.goto(f"{live_server.url}{address}")
        assert page.locator(".case").count() == case_count, name
        found += objections(page, name)
        page.context.close()
    assert found == []


def test_signing_out_is_confirmed_without_javascript_and_leads_back(browser, world, live_server):
    page = opened(browser, live_server, world.customer.user, java_script_enabled=False)
    asked = logout(client_id=world.client.client_id, post_logout_redirect_uri=GOODBYE, state="s 1")

    page.goto(f"{live_server.url}{asked}")
    button = page.get_by_role("main").get_by_role("button", name="Sign out")
    with page.expect_request(f"{GOODBYE}?state=s%201"):
        button.click()

    profile = page.context.new_page()
    profile.goto(f"{live_server.url}/accounts/profile/")
    assert "/sign-in/" in profile.url


def test_the_settings_are_changed_without_javascript(browser, world, developer, live_server):
    page = opened(browser, live_server, None, java_script_enabled=False)
    password = "a long enough password"
    developer.set_password(password)
    developer.save()
    settings_page = f"{live_server.url}/apps/{world.client.application.slug}/production/sign-in/"
    sign_in(World(world.client, "", type("Whose", (), {"user": developer})(), world.browser))
    page.goto(settings_page)
    page.get_by_label("Email").fill(developer.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in with password").click()

    page.get_by_label("EdDSA").check()
    page.get_by_role("button", name="Save").click()

    assert page.get_by_text("It counts from the next request on").is_visible()
    world.client.refresh_from_db()
    assert world.client.id_token_signed_response_alg == "EdDSA"


@pytest.mark.parametrize("name", ["sign-in", "authorize", "error", "logout", "signed-out"])
def test_f20_none_of_the_pages_can_be_framed_by_another_site(browser, world, live_server, name):
    pages = {
        "sign-in": (None, authorize(world, scope="openid")),
        "authorize": (world.customer.user, authorize(world, scope="openid")),
        "error": (world.customer.user, authorize(world, redirect_uri="https://evil.example/")),
        "logout": (world.customer.user, logout(client_id=str(world.client.client_id))),
        "signed-out": (None, logout()),
    }
    who, address = pages[name]
    page = opened(browser, live_server, who)
    page.context.route(
        "https://evil.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<iframe src="{live_server.url}{address}"></iframe>',
        ),
    )

    answer = page.request.get(f"{live_server.url}{address}", max_redirects=5)
    page.goto("https://evil.example/")
    page.wait_for_timeout(300)

    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert all("Meridian" not in inner.content() for inner in page.frames)
    assert [inner.url for inner in page.frames[1:]] == ["chrome-error://chromewebdata/"]
