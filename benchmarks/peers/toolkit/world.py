"""Run inside the toolkit's project: a confidential client, its users, and codes."""

from __future__ import annotations

import itertools
import json
import secrets
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_application_model, get_grant_model

from benchmarks.oauth.contestant import CALLBACK, CHALLENGE, CUSTOMERS

NAMED = "customer-"


def build(*, is_hashed: bool) -> None:
    """Print what the client needs to know."""
    users = [
        get_user_model().objects.get_or_create(username=f"{NAMED}{number}")[0]
        for number in range(CUSTOMERS)
    ]
    application = get_application_model()
    made = {}
    for name, kind in (
        ("client", application.GRANT_AUTHORIZATION_CODE),
        ("alone", application.GRANT_CLIENT_CREDENTIALS),
    ):
        secret = generate_client_secret()
        client = application.objects.create(
            name=name,
            user=users[0],
            client_secret=secret,
            hash_client_secret=is_hashed,
            client_type=application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=kind,
            redirect_uris=CALLBACK,
        )
        made[name] = (client, secret)
    told = {name: (client.client_id, secret) for name, (client, secret) in made.items()}
    print(json.dumps({**told, "scope": "read"}))


def make_codes(client_id: str, count: int) -> None:
    """Print so many fresh codes."""
    client = get_application_model().objects.get(client_id=client_id)
    customers = get_user_model().objects.filter(username__startswith=NAMED)
    among = itertools.cycle(customers)
    fresh = [secrets.token_urlsafe(32) for _ in range(count)]
    grant = get_grant_model()
    grant.objects.bulk_create(
        grant(
            user=next(among),
            code=code,
            application=client,
            expires=timezone.now() + timedelta(hours=1),
            redirect_uri=CALLBACK,
            scope="read",
            code_challenge=CHALLENGE,
            code_challenge_method="S256",
        )
        for code in fresh
    )
    print(json.dumps({"codes": fresh}))
