"""One small portal with somebody in every role, and two of everything that belongs to somebody."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.changes.actions import publish_version_entry
from catalog.changes.models import Deprecation, Entry
from catalog.guides.models import Guide
from catalog.imports.feeding import add_source
from catalog.inventory.models import Deployment
from catalog.rules.actions import override_rule
from catalog.rules.rulebook import RULES
from catalog.specs.models import SpecRevision
from consent.arrangements.models import Arrangement, Customer, Item, Receipt
from consent.campaigns.actions import plan_campaign
from consent.campaigns.models import Campaign
from consent.notices.actions import Words, publish_notice
from consent.notices.models import Notice
from consent.registration.actions import issue_initial_token
from consent.rights.actions import ask
from consent.rights.closing import place_hold
from consent.rights.copying import ask_for_copy, build_copies, link_of
from consent.rights.models import Copy, DataRequest, Task
from consent.rights.restricting import restrict
from consent.support.actions import open_case
from partners.agreements.models import Agreement, Version
from partners.applications.actions import issue_credential
from partners.applications.models import Client
from partners.assessors.actions import engage_assessor
from partners.drafts.actions import import_draft
from partners.drafts.models import Source
from partners.findings.actions import open_finding
from partners.findings.models import Severity
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership
from partners.organizations.ownership import offer_ownership
from partners.questionnaires.sending import submit_questionnaire
from partners.remarks.actions import write_remark
from partners.reviews.actions import open_review
from partners.subscriptions.models import Condition, Subscription
from partners.webhooks.actions import add_endpoint
from partners.webhooks.models import Message as Delivery
from portal.access.actors import MEMBER_ROLES, STAFF_ROLES, SYSTEM, Role
from portal.accounts.models import User
from portal.notifications.models import Message
from tests.factories.catalog import ScopeFactory
from tests.factories.consent import CustomerFactory, share
from tests.factories.evidence import clean_file
from tests.factories.families import family_app, make_family
from tests.factories.gateway import Gate, make_gate
from tests.factories.guides import guide
from tests.factories.partners import (
    ClientFactory,
    DataUseFactory,
    SubscriptionFactory,
)
from tests.factories.people import UserFactory, invited, member, proven_domain, staff, user_of
from tests.factories.questionnaires import answered, assigned, document_of
from tests.factories.reviews import access_request

PASSWORD = "a long enough password"
NETWORK = "203.0.113."
OUTSIDE = f"{NETWORK}9"
OURS, THEIRS = "ours", "theirs"
MEMBERS = tuple(sorted(role.value for role in MEMBER_ROLES))
STAFF = tuple(sorted(role.value for role in STAFF_ROLES))
CUSTOMERS = ("customer", "other_customer")
# Who looks, and whose things are their own; staff own nothing.
ROLES = {
    "anonymous": "",
    "newcomer": "",
    **dict.fromkeys(MEMBERS, OURS),
    "other_partner": THEIRS,
    "customer": OURS,
    "other_customer": THEIRS,
    **dict.fromkeys(STAFF, ""),
    "machine": OURS,
}


@dataclass
class Population:
    """Everybody, signed in, and the ids of our partner's and customer's things and of theirs."""

    gate: Gate
    browsers: dict[str, Browser]
    things: dict[str, dict[str, Any]]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget afterwards what was written meanwhile, and who was signed out."""
        cookies = {role: copy.deepcopy(browser.cookies) for role, browser in self.browsers.items()}
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        cache.clear()
        for role, kept in cookies.items():
            self.browsers[role].cookies = kept


def populate() -> Population:
    cache.clear()
    gate = make_gate()
    publish_version_entry(gate.api.versions.get(), by=SYSTEM)
    Deprecation.objects.create(version=gate.api.versions.get(), no_successor="Ask us.")
    ours = _things(gate.world.client, gate.world.customer, api=gate.api.slug)
    theirs = _things(ClientFactory(production=True), CustomerFactory(), api=gate.api.slug)
    people: dict[str, User] = {
        "newcomer": UserFactory(),
        "other_partner": user_of(member(theirs["organization_row"], Role.OWNER)),
        "customer": ours["customer"].user,
        "other_customer": theirs["customer"].user,
    }
    people |= {role: user_of(member(ours["organization_row"], Role(role))) for role in MEMBERS}
    people |= {role: user_of(staff(Role(role))) for role in STAFF}
    for things in (ours, theirs):
        officer = actor_of(people["privacy"])
        case = open_case(things["customer"], by=officer, ticket="HD-1", identity="document")
        things["case"] = case.number
    browsers = {name: sign_in(user) for name, user in people.items()}
    # Whoever has no address on record yet would be given one by the first page that looks.
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(emailaddress=None)
    )
    browsers["anonymous"] = Browser(REMOTE_ADDR=OUTSIDE)
    browsers["machine"] = Browser(
        REMOTE_ADDR="127.0.0.1",
        HTTP_AUTHORIZATION=gate.world.basic,
        HTTP_X_GATEWAY_KEY=settings.GATEWAY_KEY,
    )
    return Population(gate, browsers, {OURS: ours, THEIRS: theirs})


def sign_in(user: User) -> Browser:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    # Everybody from a place of their own: what is counted for one address is not for all of them.
    browser = Browser(REMOTE_ADDR=f"{NETWORK}{10 + user.pk % 200}")
    answer = browser.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    cache.clear()  # What limits guessing would stop the fifteenth person here.
    return browser


def _things(client: Client, customer: Customer, *, api: str) -> dict[str, Any]:
    application = client.application
    organization = application.organization
    owner = member(organization, Role.OWNER)
    sandbox = ClientFactory(application=application)
    DataUseFactory(application=application, scope=ScopeFactory())
    credential, _ = issue_credential(sandbox, by=owner)
    assignment = answered(assigned(organization), by=owner)
    reviewer = staff(Role.SECURITY)
    remark = write_remark(assignment, by=reviewer, key="security-owner", text="Who is that?")
    finding = open_finding(organization, by=reviewer, title="Old", severity=Severity.LOW)
    engagement = engage_assessor(
        organization, by=reviewer, email="theo@assessors.example", firm="Assessors", days=7
    )
    submission = submit_questionnaire(assignment, by=owner)
    draft = import_draft(
        json.dumps(document_of({"key": "one"})).encode(),
        by=staff(Role.REVIEWER),
        source=Source.OURS,
    )
    asked = access_request(client=client, asker=owner)
    given = Subscription.objects.filter(client=client).first() or SubscriptionFactory(client=client)
    condition = Condition.objects.create(
        subscription=given, kind="pentest_due", due_at=timezone.now() + timedelta(days=90)
    )
    endpoint, _ = add_endpoint(organization, by=owner, url="http://127.0.0.1:9/hooks")
    evidence = clean_file(organization, by=owner)
    arrangement: Arrangement = share(customer, client)
    mail = Message.objects.create(
        key=f"note:{customer.pk}",
        user=customer.user,
        address=customer.user.email,
        kind="arrangements/given",
        subject="You share",
        text="You share.",
        html="<p>You share.</p>",
    )
    if not Notice.objects.exists():
        publish_notice({"en": Words("Your data", "What we do.")}, by=SYSTEM, is_material=True)
    by = actor_of(customer.user)
    asked_us = ask(customer.user, by=by, kind=DataRequest.Kind.COMPLAINT, words="You are late.")
    # Not what the gate's own token reads: that is to open doors.
    paused = Item.objects.filter(version__arrangement=arrangement).first().cluster.code
    pause = restrict(customer, by=by, cluster_codes=[paused])
    ask_for_copy(customer.user, by=by, kind=DataRequest.Kind.ACCESS)
    build_copies()
    place = f"https://kestrel.example/{organization.slug}.json"
    source = add_source(by=staff(Role.CATALOG), kind="address", url=place, interval_hours=24)
    family = make_family(guardian=customer)
    shared = family_app(family)
    hold = place_hold(customer.user, by=staff(Role.PRIVACY), reason="claim")
    initial_token, _ = issue_initial_token(organization, by=owner, count=3, days=7)
    override = override_rule(
        RULES["path-case"],
        by=staff(Role.CATALOG),
        level="off",
        reason="Until the next version.",
        until=timezone.now() + timedelta(days=30),
    )
    invitation, invitation_token = invited(organization, by=owner)
    heir = member(organization, Role.VIEWER)
    offer = offer_ownership(
        Membership.objects.get(user_id=heir.person_id), by=owner, steps_down=False
    )
    return {
        "organization_row": organization,
        "membership": Membership.objects.get(user_id=owner.person_id).pk,
        "invitation": invitation.pk,
        # Proven already: nobody asks a name server about it.
        "domain": proven_domain(organization).pk,
        "invitation_token": invitation_token,
        "offer": offer.pk,
        "offer_answer": "withdraw",
        "initial_token": initial_token.pk,
        "guardianship": family.link.pk,
        "approval": family.asks(ClientFactory(production=True)).pk,
        "childs_application": shared.slug,
        "client_id": sandbox.client_id,
        "api": api,
        "deployment": _deployment(api).pk,
        "label": "v1",
        "path": "things",
        "gateway": settings.GATEWAY_URL.removeprefix(f"{settings.ISSUER}/"),
        "problem": "malformed",
        "uidb36": "1",
        "key": "x-y",
        "key_id": 1,
        "operation": "list-things",
        "organization": organization.slug,
        "application": application.slug,
        "client": client,
        "customer": customer,
        "environment": "sandbox",
        "credential": credential.pk,
        "request": asked.number,
        "review": open_review(asked, by=SYSTEM).number,
        "agreement": _agreement(),
        "access": condition.subscription_id,
        "condition": condition.kind,
        "questionnaire": "onboarding",
        "section": "people",
        "evidence": evidence.public_id,
        "thread": remark.thread_id,
        "finding": finding.pk,
        "engagement": engagement.pk,
        "assignment": assignment.pk,
        "answer_key": "security-owner",
        "submission": submission.pk,
        "draft": draft.pk,
        "form": "csv",
        "endpoint": endpoint.pk,
        "delivery": Delivery.objects.filter(endpoint=endpoint).values_list("pk", flat=True)[0],
        "arrangement": arrangement.pk,
        "receipt": Receipt.objects.get(version__arrangement=arrangement).number,
        "mail": mail.pk,
        "notice": 1,
        "right": "complaint",
        "data_request": asked_us.number,
        "pause": pause.request.number,
        "copy_token": link_of(Copy.objects.get(request__person=customer.user)),
        "data_task": Task.objects.get(request=pause.request).public_id,
        "hold": hold.pk,
        "campaign": _campaign().pk,
        "sha256": Receipt.objects.get(version__arrangement=arrangement).sha256,
        "import": source.jobs.get().number,
        "source": source.pk,
        "source_move": "pause",
        "ending": Deprecation.objects.values_list("pk", flat=True)[0],
        "entry": Entry.objects.values_list("pk", flat=True)[0],
        "guide": _guide(api),
        "guide_revision": 1,
        "rule": "path-case",
        "override": override.pk,
        "revision": SpecRevision.objects.values_list("pk", flat=True)[0],
    }


def _agreement() -> str:
    """Return one that everybody may read and nobody has to accept yet."""
    agreement, is_new = Agreement.objects.get_or_create(code="terms", defaults={"title": "Terms"})
    if is_new:
        Version.objects.create(
            agreement=agreement,
            number=1,
            clauses=[{"title": "Who answers", "text": "Somebody does.", "control": "reachable"}],
            sha256="0" * 64,
            is_material=False,
            binding_at=timezone.now() + timedelta(days=30),
        )
    return "terms"


def _campaign() -> Campaign:
    """Return the plan to ask anew about the one notice there is."""
    planned = Campaign.objects.first()
    return planned or plan_campaign(
        by=SYSTEM,
        kind=Campaign.Kind.NOTICE,
        code="privacy",
        version=1,
        summary={"en": "It is new."},
        deadline=timezone.now() + timedelta(days=40),
    )


def _guide(slug: str) -> str:
    found = Guide.objects.filter(api__slug=slug).first()
    return (found or guide(Api.objects.get(slug=slug))).slug


def _deployment(slug: str) -> Deployment:
    deployment, _ = Deployment.objects.get_or_create(
        version=ApiVersion.objects.get(api__slug=slug),
        environment="production",
        gateway="edge-1",
        base_url="https://edge.example/things/v1",
    )
    return deployment
