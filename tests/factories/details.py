"""Types of authorization details on the scopes of the gateway's world."""

from __future__ import annotations

import json
from typing import Any

from catalog.scopes.models import DetailType
from tests.factories.descriptions import DESCRIPTIONS
from tests.factories.gateway import Gate, make_gate

WORDS = {one.name: one for one in DESCRIPTIONS["payments.v1.yaml"].vocabulary.detail_types}
PAY = {
    "type": "payment_initiation",
    "amount": {"value": "12.40", "currency": "EUR"},
    "payee": "Harbour <b>Pharmacy</b>",
    "kind": "refill",
}
BUDGET = {
    "type": "payment_budget",
    "limit": {"value": "40.00", "currency": "EUR"},
    "kinds": ["refill", "visit"],
}


def make_detailed_gate() -> Gate:
    """Return a gate where payments are cases of what is optional, and budgets of what is needed."""
    gate = make_gate()
    for name, scope in (("payment_initiation", "extra:read"), ("payment_budget", "need:read")):
        words = WORDS[name]
        DetailType.objects.create(
            name=name,
            title=words.title,
            scope_name=scope,
            api_slug=gate.api.slug,
            schema=dict(words.schema),
            lines=[line.as_json() for line in words.lines],
        )
    return gate


def written(*details: dict[str, Any]) -> str:
    """Return an `authorization_details` parameter."""
    return json.dumps(details)
