"""A client library that knows OpenID Connect walks it against a real server, from discovery on."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from joserfc.errors import JoseError

from tests.consent.oauth.test_standard_client import Form
from tests.factories.oauth import CALLBACK
from tests.factories.openid import make_openid_world


@pytest.fixture
def world(transactional_db):
    return make_openid_world()


@pytest.fixture
def issuer(live_server, settings, monkeypatch):
    """Let the server that runs be the issuer that it speaks of."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    settings.ISSUER = live_server.url.replace("localhost", "127.0.0.1")
    return settings.ISSUER


@pytest.fixture
def app(world, issuer):
    return OAuth().register(
        "meridian",
        client_id=world.client.client_id,
        client_secret=world.secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid need:read",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )


@pytest.fixture
def person(world):
    """Return a browser's session in which the customer is signed in."""
    with requests.Session() as session:
        cookie = world.browser.cookies[settings.SESSION_COOKIE_NAME].value
        session.cookies.set(settings.SESSION_COOKIE_NAME, cookie, domain="127.0.0.1")
        yield session


def allow(person, url: str, issuer: str) -> str:
    """Answer the page that the address leads to, and return the code."""
    page = person.get(url)
    assert page.status_code == 200, page.text
    form = {**Form(page.text).fields, "decision": "allow"}
    answer = person.post(url, form, allow_redirects=False, headers={"Origin": issuer})
    assert answer.status_code == 303, answer.text
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told["iss"] == [issuer]
    return told["code"][0]


def test_authlib_signs_a_customer_in_and_out(world, app, person, issuer):
    asked = app.create_authorization_url(CALLBACK)
    code = allow(person, asked["url"], issuer)
    token = app.fetch_access_token(
        redirect_uri=CALLBACK, code=code, code_verifier=asked["code_verifier"]
    )

    claims = app.parse_id_token(token, nonce=asked["nonce"])
    told = app.userinfo(token=token)

    assert claims["iss"] == issuer
    assert claims["aud"] == world.client.client_id
    assert told == {"sub": claims["sub"]}
    with pytest.raises((AuthlibBaseError, JoseError)):
        app.parse_id_token(token, nonce="another")

    leaving = app.create_logout_url(
        post_logout_redirect_uri="https://app.example/goodbye", id_token_hint=token["id_token"]
    )
    answer = person.get(leaving["url"], allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://app.example/goodbye")
    assert person.get(f"{issuer}/accounts/profile/", allow_redirects=False).status_code == 302
