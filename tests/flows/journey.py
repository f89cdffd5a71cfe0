"""The steps of the journey, each as a person with a plain browser takes it."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from jwskate import Jwk

from portal.demo.answers import ANSWERS
from tests.flows.person import Person
from tests.flows.software import LiveClient, key_set, new_key
from tests.stack import Stack

CALLBACK = "http://127.0.0.1:9/callback"
SCOPES = "prescriptions:read refills:write delivery-area:read"
COMPANY = "A new partner"
EMAIL = "owner@partner.example"
OWN_PASSWORD = "a-much-longer-password-7"
USES = {
    "prescriptions:read": ("refill-reminders", "to remind you before you run out.", "yes"),
    "refills:write": ("refill-ordering", "so that you can ask for a refill.", "no"),
    "delivery-area:read": ("nearby-pharmacies", "to show pharmacies near you.", "no"),
}


class Partner(Person):
    """The new partner, and what the pages showed once."""

    slug = ""
    sandbox: tuple[str, str] = ("", "")
    live: tuple[str, Jwk]


def eventually(look: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what `look` finds, as soon as a worker has made it true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.1)
    return found


def sign_up(person: Person, stack: Stack) -> None:
    person.open("/sign-up/")
    person.submit(email=EMAIL, password1=OWN_PASSWORD)
    person.submit(code=mailed_code(stack, EMAIL))
    assert "/first-call/" in person.url, person.url


def mailed_code(stack: Stack, email: str) -> str:
    """Return the code of the newest mail to that address."""
    text = eventually(
        lambda: stack.sql(
            "SELECT m.text FROM notifications_message m JOIN accounts_user u ON u.id = m.user_id"
            " WHERE u.email = %s ORDER BY m.id DESC LIMIT 1",
            email,
        )
    )[0][0]
    code = re.search(r"^  (\S+)$", text, re.MULTILINE)
    assert code, text
    return code.group(1)


def join(person: Person) -> None:
    person.open("/join/")
    person.submit(
        name=COMPANY,
        country="LT",
        city="Vilnius",
        website="https://partner.example",
        sector="health",
    )


def answer_questionnaire(person: Person) -> None:
    """Answer section by section until there is nothing left but to send it."""
    eventually(lambda: "/security/onboarding/" in person.open("/security/"))
    for section in ("people", "storage", "data", "readiness"):
        person.open(f"/security/onboarding/{section}/")
        asked = {name for form in person.forms() for name in form.names()}
        person.submit(**{key: value for key, value in ANSWERS.items() if key in asked})
    person.open("/security/onboarding/send/")
    person.submit(is_true="on")
    if "Is it still you?" in person.words:
        person.submit(password=OWN_PASSWORD)  # What was asked for then happens.
    assert "with us" in person.words, person.words


def approve(stack: Stack, first: Person, second: Person, *, wait_for: str) -> int:
    """Let staff decide what waits of the new partner; return how many people it took."""
    row = eventually(
        lambda: stack.sql(
            "SELECT r.id FROM reviews_review r JOIN organizations_organization o"
            " ON o.id = r.organization_id WHERE o.name = %s AND r.kind = %s AND r.status = 'open'",
            COMPANY,
            wait_for,
        )
    )
    number = f"R-{row[0][0]:04d}"
    assert COMPANY in first.open("/console/")
    for voters, person in enumerate((first, second), start=1):
        person.open(f"/console/reviews/{number}/")
        person.submit(verdict="approve", reason="The answers are clear and the purpose fits.")
        status = stack.sql("SELECT status FROM reviews_review WHERE id = %s", row[0][0])[0][0]
        if status == "approved":
            return voters
        assert status == "open"
    raise AssertionError(f"{number} is still open after two votes.")


def register(partner: Partner) -> None:
    """Register an application; the page that follows shows the sandbox secret once."""
    partner.open("/apps/new/")
    filled: dict[str, Any] = {
        "name": "New Refill",
        "tagline": "Reminds you before your medicine runs out",
        "redirect_uris": CALLBACK,
        "privacy_url": "https://partner.example/privacy",
    }
    for prefix, scope in scopes_on(partner.page).items():
        if scope == "pharmacies:read":
            filled[f"{prefix}-is_wanted"] = "on"
        elif scope in USES:
            purpose, why, needed = USES[scope]
            filled |= {
                f"{prefix}-is_wanted": "on",
                f"{prefix}-purpose": purpose,
                f"{prefix}-why": why,
                f"{prefix}-is_required": needed,
                f"{prefix}-retention_days": "30",
            }
    partner.submit(**filled)
    partner.sandbox = shown_credentials(partner)
    partner.slug = "new-refill"


def scopes_on(page: str) -> dict[str, str]:
    """Return the form prefix of each scope that the registration page offers."""
    labels = re.findall(
        r'name="(scope-\d+)-is_wanted"(?:(?!name="scope-).)*?>([a-z.-]+:[a-z]+)<', page, re.DOTALL
    )
    return dict(labels)


def shown_credentials(partner: Partner) -> tuple[str, str]:
    text = unescape(partner.page)
    client_id = re.search(r"\b([a-z]{1,4}_(?:test|live)_[0-9a-f]{16})\b", text)
    secret = re.search(r"\b(mrs_[A-Za-z0-9_-]{40,})\b", text)
    assert client_id, partner.words
    assert secret, partner.words
    return client_id.group(1), secret.group(1)


def register_a_key(partner: Partner) -> None:
    """Make a key pair and register its public part: production takes no secret."""
    key = new_key()
    partner.open(f"/apps/{partner.slug}/production/keys/")
    client_id = re.search(r"\b([a-z]{1,4}_live_[0-9a-f]{16})\b", partner.page)
    assert client_id, partner.words
    partner.submit(way="jwks", jwks=key_set(key))
    if "Is it still you?" in partner.words:
        partner.submit(password=OWN_PASSWORD)  # What was asked for then happens.
    assert str(key.kid) in partner.page, partner.words
    partner.live = (client_id.group(1), key)


def ask_for_production(partner: Partner) -> None:
    partner.open(f"/apps/{partner.slug}/requests/")
    partner.submit(purpose="Reminders before a prescription runs out, and a refill on request.")


class Client:
    """The partner's software: a standard OAuth library and HTTP calls through the gateway."""

    def __init__(
        self, stack: Stack, credentials: tuple[str, str], *, callback: str = CALLBACK
    ) -> None:
        self.stack = stack
        metadata = requests.get(
            f"{stack.portal}/.well-known/oauth-authorization-server", timeout=10
        ).json()
        self.metadata = metadata
        self.session = OAuth2Session(
            *credentials,
            redirect_uri=callback,
            scope=SCOPES,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )
        self.verifier = secrets.token_urlsafe(48)

    def own_token(self, scope: str) -> str:
        token = self.session.fetch_token(
            self.metadata["token_endpoint"], grant_type="client_credentials", scope=scope
        )
        return str(token["access_token"])

    def address(self) -> str:
        """Return where the customer is sent."""
        self.verifier = secrets.token_urlsafe(48)
        self.session.scope = SCOPES
        address, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self.verifier
        )
        return str(address)

    def take(self, returned: str) -> dict[str, Any]:
        """Exchange the code that the customer's browser brought back."""
        answer = {name: value for name, (value,) in parse_qs(urlsplit(returned).query).items()}
        assert answer["iss"] == self.metadata["issuer"]
        token = self.session.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=returned,
            state=self.state,
            code_verifier=self.verifier,
        )
        self.session.scope = token["scope"]
        return dict(token)

    def refresh(self, token: dict[str, Any]) -> requests.Response:
        return requests.post(
            self.metadata["token_endpoint"],
            data={"grant_type": "refresh_token", "refresh_token": token["refresh_token"]},
            auth=(self.session.client_id, self.session.client_secret),
            timeout=10,
        )

    def call(
        self, token: str, path: str, *, method: str = "GET", **given: Any
    ) -> requests.Response:
        """Call Meridian Prescriptions through nginx."""
        return requests.request(
            method,
            f"{self.stack.gateway}/prescriptions/v1{path}",
            headers={"Authorization": f"Bearer {token}"} | given.pop("headers", {}),
            timeout=10,
            **given,
        )


def live(stack: Stack, partner: Partner, *, callback: str = CALLBACK) -> LiveClient:
    return LiveClient(stack, *partner.live, callback=callback, scope=SCOPES)


def agree(
    customer: Person, client: Client | LiveClient, *, optional: list[str], days: str = "90"
) -> str:
    """Let the customer read the consent screen and allow some of it; return the way back."""
    customer.open(client.address())
    assert "asks to see some of your data" in customer.words
    ticked = [value for form in customer.forms() for name, value in form.values if name == "g"]
    assert ticked == [], "Optional items must not be ticked beforehand."
    answer = allow(customer, g=optional, until=days)
    assert answer.status_code == 303, customer.words
    return answer.headers["Location"]


def allow(customer: Person, **choices: Any) -> requests.Response:
    """Press “Allow”, with the ticks that sensitive data needs, for all things that there are."""
    ticks = re.findall(r'name="s" value="([^"]+)"', customer.page)
    things = re.findall(r'name="r"\s+value="(\w+:\*)"', customer.page)
    needed = {name: values for name, values in (("s", ticks), ("r", things)) if values}
    return customer.submit(button="Allow", follow=False, **needed, **choices)


def problem(response: requests.Response) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    return response.status_code, json.loads(response.text)["code"]
