"""A client and a customer between whom every step of the authorization code flow can be taken."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.models import Customer
from consent.oauth import asking, deciding, intents
from consent.oauth.parameters import Parameters
from partners.applications.actions import issue_credential
from partners.applications.models import Client
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Role
from portal.accounts.sessions import Session
from portal.secrets import new_secret
from tests.factories.catalog import ScopeFactory
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApprovedUseFactory, ClientFactory, SubscriptionFactory
from tests.factories.people import member

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
CALLBACK = "https://app.example/callback"
FORM = "application/x-www-form-urlencoded"


@dataclass
class World:
    """A production client that needs one thing, may have another, and reads a third freely."""

    client: Client
    secret: str
    customer: Customer
    browser: Browser

    @property
    def basic(self) -> str:
        pair = f"{self.client.client_id}:{self.secret}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def request(self, **changes: str) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "scope": "need:read extra:read open:read",
            "state": "s t/a?t&e=ü",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changes).items() if value is not None}

    def ask(self, **changes: str) -> Any:
        return self.browser.get("/oauth/authorize", self.request(**changes))

    def push(self, **changes: str) -> Any:
        return self.post("/oauth/par", **self.request(**changes))

    def pushed(self, **changes: str) -> str:
        """Push a request that will do and return its URI."""
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["request_uri"])

    def open(self, request_uri: str, *, browser: Browser | None = None, **beside: str) -> Any:
        asked = {"client_id": self.client.client_id, "request_uri": request_uri, **beside}
        return (browser or self.browser).get("/oauth/authorize", asked)

    def decide(self, page: Any, decision: str = "allow", **choices: Any) -> Any:
        browser = choices.pop("browser", self.browser)
        intent = page.context["intent"].pk
        form = {"intent": str(intent), "until": "90", "decision": decision, **choices}
        return browser.post("/oauth/authorize", form)

    def code(self, *optional: str, **changes: str) -> str:
        changes = {"state": new_secret()} | changes
        answer = self.decide(self.ask(**changes), g=list(optional))
        assert answer.status_code == 303, answer.content
        return self.told(answer)["code"]

    def agreed(self, *optional: str) -> str:
        """Return a code as `code` does, by the same actions and without their pages."""
        client, by = self.client, actor_of(self.customer.user)
        parameters = Parameters(self.request(state=new_secret()))
        uses = uses_of(client, at=timezone.now())
        asked = asking.read_for(client, parameters, uses=uses, was_pushed=False)
        answer = deciding.approve_authorization(
            intents.open_intent(self.customer, client, asked, uses=uses),
            by=by,
            optional=optional,
            period="90",
            locale="en",
            authenticated_at=timezone.now(),
            session=Session(name="a session"),
        )
        return parse_qs(urlsplit(answer).query)["code"][0]

    def told(self, answer: Any) -> dict[str, str]:
        """Return what a redirect tells the client."""
        return answer_of(answer)

    def post(self, path: str = "/oauth/token", *, basic: bool = True, **form: str) -> Any:
        headers = {"Authorization": self.basic} if basic else {}
        body = urlencode(form)
        return Browser().post(path, body, content_type=FORM, headers=headers)

    def exchange(self, code: str, **changes: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post(**(form | changes))

    def refresh(self, token: str, **changes: str) -> Any:
        return self.post(grant_type="refresh_token", refresh_token=token, **changes)


def make_world() -> World:
    client = ClientFactory(production=True)
    subscription = SubscriptionFactory(client=client)
    for name, is_required, is_open in (
        ("need:read", True, False),
        ("extra:read", False, False),
        ("open:read", False, True),
    ):
        scope = ScopeFactory(name=name, open=True) if is_open else ScopeFactory(name=name)
        ApprovedUseFactory(
            subscription=subscription,
            scope=scope,
            is_required=is_required,
            **({"purpose": None, "retention_days": 0} if is_open else {}),
        )
    ScopeFactory(name="other:read")
    owner = member(client.application.organization, Role.OWNER)
    _, secret = issue_credential(client, by=owner)
    customer = CustomerFactory()
    browser = Browser()
    browser.force_login(customer.user)
    return World(client, secret, customer, browser)


def make_stranger() -> World:
    """Return another partner's client before another customer, with nothing approved."""
    client = ClientFactory(production=True)
    owner = member(client.application.organization, Role.OWNER)
    _, secret = issue_credential(client, by=owner)
    customer, browser = CustomerFactory(), Browser()
    browser.force_login(customer.user)
    return World(client, secret, customer, browser)


def answer_of(response: Any) -> dict[str, str]:
    """Return the parameters that a redirect carries back to the client."""
    query = parse_qs(urlsplit(response["Location"]).query, strict_parsing=True)
    return {name: value for name, (value,) in query.items()}
