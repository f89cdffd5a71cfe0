"""Run inside the portal: a sandbox client with a secret, customers who agreed, and fresh codes."""

from __future__ import annotations

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
from partners.applications.models import Client, Credential
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.accounts.models import User
from portal.secrets import digest
from tests.factories.consent import share

OPEN, SHARED = "pharmacies:read", "prescriptions:read"


def build(*, codes: int) -> None:
    """Print what the client needs to know; every code is as /oauth/authorize writes it."""
    client = Client.objects.select_related("application__organization").get(
        application__slug="halden-refill", environment=Environment.SANDBOX
    )
    owner = User.objects.get(email="amara@halden.example")
    by = actor_of(owner)
    for credential in Credential.objects.live(at=timezone.now()).filter(client=client):
        revoke_credential(credential, by=by, reason="makes room for the measured one")
    _, secret = issue_credential(client, by=by)
    arrangements = [_agreed(client, number) for number in range(CUSTOMERS)]
    fresh = [new_code() for _ in range(codes)]
    Grant.objects.bulk_create(
        _grant(client, arrangements[number % CUSTOMERS], code) for number, code in enumerate(fresh)
    )
    known = (client.client_id, secret)
    told = {"client": known, "alone": known, "scope": OPEN, "codes": fresh}
    print(json.dumps(told))


def _agreed(client: Client, number: int) -> Arrangement:
    email = f"measured-{number}@sandbox.example"
    user = User(email=email, name=f"Measured customer {number}")
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    customer = Customer.objects.create(user=user, is_test=True)
    uses = uses_of(client, at=timezone.now())
    return share(customer, client, uses=uses, scopes=[SHARED])


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
