"""A live client of a FAPI profile and a customer of its own, beside the demo world."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.models import EmailAddress

from catalog.plans.models import Environment, Plan
from catalog.scopes.models import Purpose, Scope
from partners.applications.profiles import Method, Profile
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApprovedUseFactory, ClientFactory, SubscriptionFactory
from tests.factories.people import UserFactory
from tests.stack import PASSWORD


def build(
    jwks: str, *, client_id: str, callback: str, email: str, profile: Profile = Profile.FAPI2
) -> None:
    """Open the client, with access to Meridian Prescriptions, and the customer."""
    plan = Plan.objects.filter(
        api__slug="prescriptions", environment=Environment.PRODUCTION
    ).earliest("pk")
    client = ClientFactory(
        production=True,
        client_id=client_id,
        # Each call is a process of its own, in which the factories count from one again.
        application__slug=client_id,
        application__organization__slug=client_id,
        application__organization__name=client_id,
        redirect_uris=callback,
        profile=profile,
        token_endpoint_auth_method=Method.PRIVATE_KEY_JWT,
        client_jwks=json.loads(jwks),
    )
    subscription = SubscriptionFactory(client=client, plan=plan)
    purpose = Purpose.objects.earliest("pk")
    for name in ("prescriptions:read", "delivery-area:read", "pharmacies:read"):
        scope = Scope.objects.get(name=name)
        terms: dict[str, Any] = {"purpose": purpose, "is_required": name == "prescriptions:read"}
        if not scope.cluster_code:
            terms = {"purpose": None, "retention_days": 0, "is_required": False}
        ApprovedUseFactory(subscription=subscription, scope=scope, **terms)
    user = UserFactory(email=email)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    CustomerFactory(user=user)
