"""Run inside the portal: a sandbox client with a secret, customers who agreed, and fresh codes."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from benchmarks.oauth.contestant import CALLBACK, CHALLENGE, CUSTOMERS
from catalog.plans.models import Environment
from consent.arrangements.access import current_details
from consent.arrangements.models import Arrangement, Customer
from consent.oauth.models import Grant
from consent.oauth.tokens import new_code
from partners.applications.actions import issue_credential, revoke_credential
from partners.applications.credentials import LEAKED
from partners.applications.models import Client, Credential
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.accounts.models import User
from portal.secrets import digest
from tests.factories.consent import share

OPEN, SHARED = "pharmacies:read", "prescriptions:read"
NAMED = "measured-"


def build() -> None:
    """Print what the client needs to know, after its customers agreed."""
    client = Client.objects.select_related("application__organization").get(
        application__slug="halden-refill", environment=Environment.SANDBOX
    )
    owner = User.objects.get(email="amara@halden.example")
    by = actor_of(owner)
    for credential in Credential.objects.live(at=timezone.now()).filter(client=client):
        revoke_credential(credential, by=by, reason=LEAKED)
    _, secret = issue_credential(client, by=by)
    for number in range(CUSTOMERS):
        _agreed(client, number)
    known = (client.client_id, secret)
    print(json.dumps({"client": known, "alone": known, "scope": OPEN}))


def make_codes(client_id: str, count: int) -> None:
    """Print so many fresh codes; every one is as /oauth/authorize writes it."""
    client = Client.objects.get(client_id=client_id)
    agreed = Arrangement.objects.select_related("customer__user").filter(
        client=client, customer__user__email__startswith=NAMED
    )
    among = itertools.cycle(agreed)
    fresh = [new_code() for _ in range(count)]
    Grant.objects.bulk_create(_grant(client, next(among), code) for code in fresh)
    print(json.dumps({"codes": fresh}))


def _agreed(client: Client, number: int) -> None:
    email = f"{NAMED}{number}@sandbox.example"
    user = User(email=email, name=f"Measured customer {number}")
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    customer = Customer.objects.create(user=user, is_test=True)
    uses = uses_of(client, at=timezone.now())
    share(customer, client, uses=uses, scopes=[SHARED])


def _grant(client: Client, arrangement: Arrangement, code: str) -> Grant:
    return Grant(
        user=arrangement.customer.user,
        application=client,
        code=digest(code),
        # Longer than the sixty seconds of a real one: the measurement comes later.
        expires=timezone.now() + timedelta(hours=1),
        redirect_uri=CALLBACK,
        scope=f"{SHARED} {OPEN}",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        details=current_details(arrangement),
        arrangement=arrangement,
        version_number=arrangement.version_number,
        epoch=arrangement.epoch,
    )
