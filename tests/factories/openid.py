"""A customer who really signs in, and a client that wants to know who it was."""

from __future__ import annotations

import base64
import json
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client as Browser

from consent.keys import jws
from consent.oauth import id_tokens
from partners.applications.models import Client
from tests.factories.oauth import World, make_world

PASSWORD = "a long enough password"
GOODBYE = "https://app.example/goodbye"


def make_openid_world() -> World:
    world = make_world()
    Client.objects.filter(pk=world.client.pk).update(post_logout_redirect_uris=GOODBYE)
    world.client.refresh_from_db()
    world.browser = sign_in(world)
    return world


def sign_in(world: World) -> Browser:
    """Return a browser in which the customer has typed the password."""
    user = world.customer.user
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    browser = Browser()
    answer = browser.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return browser


def tokens_of(world: World, scope: str = "openid need:read", **asked: str) -> dict[str, Any]:
    answer = world.exchange(world.code(scope=scope, **asked))
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def claims_of(id_token: str) -> dict[str, Any]:
    """Return what a verifier reads: the signature, the issuer and the type are as they must be."""
    claims = jws.read(id_token, typ=id_tokens.TYPE)
    assert claims["iss"] == settings.ISSUER
    return claims


def header_of(token: str) -> dict[str, Any]:
    raw = token.partition(".")[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return header
