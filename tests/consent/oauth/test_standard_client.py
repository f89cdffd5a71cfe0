"""A client library that knows only the standards walks the whole flow against a real server."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from partners.organizations.actors import actor_of
from tests.factories.oauth import CALLBACK, World, make_world


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.fixture
def person(world, live_server):
    """Return a browser's session in which the customer is signed in."""
    with requests.Session() as session:
        cookie = world.browser.cookies[settings.SESSION_COOKIE_NAME].value
        session.cookies.set(settings.SESSION_COOKIE_NAME, cookie, domain="127.0.0.1")
        yield session


class Form(HTMLParser):
    """The hidden fields and the choices of a page, as a browser without JavaScript sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and (found.get("type") == "hidden" or "checked" in found):
            self.fields.setdefault(found["name"], []).append(found["value"])


@pytest.fixture
def app(world, live_server, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    base = live_server.url.replace("localhost", "127.0.0.1")
    with OAuth2Session(
        world.client.client_id,
        world.secret,
        redirect_uri=CALLBACK,
        scope="need:read extra:read",
        code_challenge_method="S256",
        token_endpoint=f"{base}/oauth/token",
        token_endpoint_auth_method="client_secret_basic",
        revocation_endpoint_auth_method="client_secret_basic",
    ) as session:
        session.base = base
        yield session


def decide(app, person, decision: str) -> tuple[str, str, str]:
    """Return where the customer was sent, with the state and the verifier of the request."""
    verifier = generate_token(48)
    url, state = app.create_authorization_url(f"{app.base}/oauth/authorize", code_verifier=verifier)
    page = person.get(url)
    assert page.status_code == 200, page.text
    form = Form(page.text).fields
    assert form["until"] == ["once"]
    chosen = {**form, "until": "90", "decision": decision}
    answer = person.post(url, chosen, allow_redirects=False, headers={"Origin": app.base})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"], state, verifier


def test_the_code_flow_with_pkce_refresh_and_withdrawal(world, app, person):
    location, state, verifier = decide(app, person, "allow")
    assert parse_qs(urlsplit(location).query)["iss"] == [settings.ISSUER]

    token = app.fetch_token(authorization_response=location, state=state, code_verifier=verifier)

    assert token["scope"] == "need:read"
    # The customer left something out; a client that goes on asking for it would hear so.
    app.scope = token["scope"]
    fresh = app.refresh_token(app.metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["access_token"] != token["access_token"]
    told = app.introspect_token(f"{app.base}/oauth/introspect", token=fresh["access_token"]).json()
    assert (told["active"], told["scope"]) == (True, "need:read")

    withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))

    with pytest.raises(OAuthError) as refused:
        app.refresh_token(app.metadata["token_endpoint"], refresh_token=fresh["refresh_token"])
    assert refused.value.error == "invalid_grant"
    told = app.introspect_token(f"{app.base}/oauth/introspect", token=fresh["access_token"]).json()
    assert told == {"active": False}


def test_a_refusal_comes_back_with_the_state_of_the_request(app, person):
    location, state, _ = decide(app, person, "deny")

    told = parse_qs(urlsplit(location).query)

    assert told == {"error": ["access_denied"], "state": [state], "iss": [settings.ISSUER]}


def test_the_library_gets_a_token_for_the_client_itself(world, app):
    token = app.fetch_token(grant_type="client_credentials", scope="open:read")

    assert token["scope"] == "open:read"
    revoked = app.revoke_token(f"{app.base}/oauth/revoke", token=token["access_token"])
    assert revoked.status_code == 200
    told = app.introspect_token(f"{app.base}/oauth/introspect", token=token["access_token"]).json()
    assert told == {"active": False}
