from __future__ import annotations

from typing import Any

from partners.applications.models import Client
from partners.applications.profiles import Profile
from partners.organizations.models import Organization
from partners.reviews import actions
from partners.reviews.models import Review, Verdict
from partners.subscriptions.digest import digest_of, uses_for
from partners.subscriptions.models import AccessRequest, Tier
from portal.access.actors import SYSTEM, Actor, Role
from tests.factories.catalog import PlanFactory, ScopeFactory
from tests.factories.partners import ClientFactory, DataUseFactory
from tests.factories.people import member, user_of
from tests.factories.questionnaires import submitted


def access_request(
    *, tier: Tier = Tier.MODERATE, asker: Actor | None = None, client: Client | None = None
) -> AccessRequest:
    """A wish for one sensitive scope, as `request_access` would write it down."""
    client = client or ClientFactory(production=True)
    plan = PlanFactory()
    DataUseFactory(application=client.application, scope=ScopeFactory(api_slug=plan.api.slug))
    uses = uses_for(client, plan)
    asker = asker or member(client.application.organization, Role.OWNER)
    purpose = "To remind customers."
    return AccessRequest.objects.create(
        client=client,
        plan=plan,
        uses=uses,
        digest=digest_of(
            application=client.application.name,
            redirect_uris=client.redirect_uris.split(),
            uses=uses,
            plan=f"{plan.api.slug}/{plan.code}",
            purpose=purpose,
        ),
        purpose=purpose,
        tier=tier,
        requested_by=user_of(asker),
    )


def review_of_access(*, tier: Tier = Tier.MODERATE) -> Review:
    return actions.open_review(access_request(tier=tier), by=SYSTEM)


def review_of_answers(organization: Organization | None = None, **answers: Any) -> Review:
    return actions.open_review(submitted(organization, **answers), by=SYSTEM)


def vote(
    review: Review,
    by: Actor,
    verdict: Verdict = Verdict.APPROVE,
    *,
    reason: str = "Read it.",
    profile: Profile | None = None,
) -> Review:
    return actions.cast_vote(
        review, by=by, verdict=verdict, reason=reason, digest=review.digest, profile=profile
    )
