"""The demo world: someone in each state, with a past, made by the portal's own actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from joserfc.jwk import ECKey

from catalog.apis.models import Api
from catalog.plans.models import Environment
from catalog.specs import actions as specs
from consent.arrangements import ending, giving, picking, terms, wording
from consent.arrangements.models import Arrangement, Customer
from consent.notices.actions import publish_notice
from partners.applications import actions as applications
from partners.applications import security
from partners.applications.models import Application, Client
from partners.applications.uses import WantedUse
from partners.organizations import actions as organizations
from partners.organizations.models import Organization
from partners.questionnaires import answering, sending
from partners.questionnaires.models import Assignment
from partners.reviews import actions as reviews
from partners.reviews.models import Review, Verdict
from partners.subscriptions import actions as subscriptions
from partners.subscriptions.access import uses_of
from portal.accounts.models import User
from portal.demo import asked, editions, impact, people, records, traffic
from portal.demo.answers import ANSWERS
from portal.demo.clock import at
from portal.demo.notice import PRIVACY_NOTICE
from portal.demo.people import customer, person
from portal.demo.wishes import COACH, COUNTER, NOTES, REFILL
from portal.events import log

DESCRIPTIONS = Path(settings.BASE_DIR) / "portal" / "sandbox" / "descriptions"
AMARA, BRUNO = "amara@halden.example", "bruno@kestrel.example"
TOMAS, PRIYA, INES = "tomas@meridian.example", "priya@meridian.example", "ines@meridian.example"
MINA = "mina@meridian.example"
LEILA, JONAS = "leila@example.net", "jonas@example.net"
CALLBACK = "http://127.0.0.1:8765/callback"


def build(password: str) -> None:
    """Build the world, oldest things first, so that the log reads in order."""
    now = timezone.now()
    with at(_ago(240, now)):
        people.settle(password)
        publish_notice(PRIVACY_NOTICE, by=person(MINA), is_material=True)
        records.stock_pharmacies()
    _publish("prescriptions", at_=_ago(210, now))
    _give_records(now)
    _publish("practitioners", at_=_ago(190, now))
    halden = _join(AMARA, "Halden Health", "Vilnius", "LT", "health", at_=_ago(170, now))
    _pass_questionnaire(halden, at_=_ago(168, now))
    refill = _go_live(
        halden,
        "Halden Refill",
        "Reminds you before your medicine runs out",
        REFILL,
        "Reminders a few days before a prescription runs out, and a refill on the customer's tap.",
        at_=_ago(150, now),
    )
    counter = _go_live(
        halden,
        "Halden Counter",
        "Your visit is ready when you come",
        COUNTER,
        "Pharmacy staff prepare a visit that the customer has booked.",
        at_=_ago(130, now),
    )
    _share(refill, JONAS, ["prescriptions:read"], days=365, at_=_ago(110, now))
    _share(counter, JONAS, ["appointments:read"], days=90, at_=_ago(102, now))
    _publish("payments", at_=_ago(100, now))
    _suspend_pilot(halden, at_=_ago(80, now))
    _share(refill, LEILA, ["prescriptions:read", "refills:write"], days=90, at_=_ago(60, now))
    asked.complain_and_hear(LEILA, officer=MINA, at_=_ago(45, now))
    _stop(refill, JONAS, at_=_ago(40, now))
    asked.ask_to_delete(refill, JONAS, at_=_ago(38, now), answered_by=AMARA)
    _share(counter, LEILA, ["appointments:read"], days=365, at_=_ago(20, now))
    with at(_ago(30, now)):
        first = DESCRIPTIONS / "practitioners.v1.yaml"
        editions.publish_second(first, keeper=person(INES), officer=person(MINA))
    _publish("measurements", at_=_ago(15, now))
    with at(_ago(11, now)):
        ending.expire_overdue_arrangements()
    _start_kestrel(at_=_ago(10, now))
    asked.ask_to_delete(counter, JONAS, at_=_ago(6, now))
    asked.ask_to_correct(LEILA, officer=MINA, at_=_ago(5, now))
    _ask_for_notes(halden, at_=_ago(3, now))
    _call(refill, counter, now=now)
    with at(now):
        log.deliver_due()


def _ago(days: int, now: datetime) -> datetime:
    """Return a moment of that day's working hours, another one each day."""
    day = now - timedelta(days=days)
    return day.replace(hour=8 + days % 9, minute=7 * days % 60, second=13 * days % 60)


def _publish(slug: str, *, at_: datetime) -> None:
    with at(at_):
        ines = person(INES)
        path = DESCRIPTIONS / f"{slug}.v1.yaml"
        revision = specs.import_document(path.read_bytes(), by=ines, source=path.name)
        assert revision.version is not None  # noqa: S101 - the demo's own descriptions are sound
        impact.assess(revision.version, author=ines, officer=person(MINA))
        specs.publish_version(revision.version, by=ines)
        log.deliver_due()


def _give_records(now: datetime) -> None:
    for email, count in (
        (LEILA, 3),
        (JONAS, 2),
        ("all@sandbox.example", 4),
        ("some@sandbox.example", 1),
    ):
        records.give_records(customer(email), medicine_count=count, now=now)
    records.share_a_household(customer(LEILA), customer(JONAS), now=now)


def _join(
    email: str, name: str, city: str, country: str, sector: str, *, at_: datetime
) -> Organization:
    with at(at_):
        organization = organizations.join(
            User.objects.get(email=email),
            by=person(email),
            name=name,
            city=city,
            country=country,
            website=f"https://{email.partition('@')[2]}",
            sector=sector,
        )
        log.deliver_due()
    return organization


def _pass_questionnaire(organization: Organization, *, at_: datetime) -> None:
    with at(at_):
        assignment = Assignment.objects.get(organization=organization)
        _answer(assignment, AMARA)
        sending.submit_questionnaire(assignment, by=person(AMARA))
        log.deliver_due()
    with at(at_ + timedelta(days=1)):
        _approve(Review.objects.get(organization=organization, submission__isnull=False))


def _answer(assignment: Assignment, email: str, *, count: int | None = None) -> None:
    """Answer the way a careful partner would, all of it or the first questions only."""
    for key, value in list(ANSWERS.items())[:count]:
        answering.answer_question(assignment, by=person(email), key=key, value=value, revision=0)


def _approve(review: Review, *, voters: Sequence[str] = (TOMAS, PRIYA)) -> None:
    for email in voters:
        review.refresh_from_db()
        if review.status != Review.Status.OPEN:
            break
        reviews.cast_vote(
            review,
            by=person(email),
            verdict=Verdict.APPROVE,
            reason="The answers are clear and the purpose fits the scopes.",
            digest=review.digest,
        )
        log.deliver_due()


def _go_live(
    organization: Organization,
    name: str,
    tagline: str,
    uses: list[WantedUse],
    purpose: str,
    *,
    at_: datetime,
) -> Client:
    with at(at_):
        application = _register(organization, name, tagline, uses)
    client = _request(application, purpose, at_=at_ + timedelta(days=5))
    with at(at_ + timedelta(days=7)):
        _approve(Review.objects.get(access_request__client=client))
        security.set_client_keys(client, by=person(AMARA), jwks=_key_set())
        log.deliver_due()
    return client


def _register(
    organization: Organization, name: str, tagline: str, uses: list[WantedUse], email: str = AMARA
) -> Application:
    application = applications.register_application(
        organization,
        by=person(email),
        name=name,
        tagline=tagline,
        redirect_uris=[CALLBACK],
        uses=uses,
        privacy_url=f"{organization.website}/privacy",
    )
    applications.issue_credential(application.clients.get(), by=person(email))
    log.deliver_due()
    return application


def _key_set() -> dict[str, Any]:
    """Return the public part of a key that nobody keeps: who wants to call registers another."""
    key = ECKey.generate_key("P-256")
    key.ensure_kid()
    return {"keys": [{**key.as_dict(private=False), "alg": "ES256", "use": "sig"}]}


def _request(application: Application, purpose: str, *, at_: datetime) -> Client:
    with at(at_):
        client = applications.open_production_client(application, by=person(AMARA))
        plan = Api.objects.get(slug="prescriptions").plans.get(environment=Environment.PRODUCTION)
        subscriptions.request_access(client, by=person(AMARA), plan=plan, purpose=purpose)
        log.deliver_due()
    return client


def _suspend_pilot(organization: Organization, *, at_: datetime) -> None:
    with at(at_ - timedelta(days=18)):
        pilot = _register(organization, "Halden Pilot", "A first try, no longer in use", COUNTER)
    with at(at_):
        applications.suspend_application(
            pilot, by=person(PRIYA), reason="It asked for tokens it never used, for a month."
        )
        log.deliver_due()


def _share(client: Client, email: str, scopes: list[str], *, days: int, at_: datetime) -> None:
    with at(at_):
        giver: Customer = customer(email)
        uses = uses_of(client, at=at_)
        consentable = [use for use in uses if use.cluster_code]
        notice = wording.notice_of(client, uses, clusters=terms.clusters_of(consentable))
        giving.give_consent(
            giver,
            client,
            by=person(email),
            uses=consentable,
            scopes=scopes,
            ends_at=at_ + timedelta(days=days),
            notice=notice,
            resources=picking.every(terms.clusters_of(consentable).values()),
            occasion=giving.Occasion("en", at_),
        )
        log.deliver_due()


def _stop(client: Client, email: str, *, at_: datetime) -> None:
    with at(at_):
        arrangement = Arrangement.objects.get(client=client, customer=customer(email))
        ending.withdraw_arrangement(arrangement, by=person(email))
        log.deliver_due()


def _start_kestrel(*, at_: datetime) -> None:
    kestrel = _join(BRUNO, "Kestrel Coach", "Porto", "PT", "fitness", at_=at_)
    with at(at_ + timedelta(hours=2)):
        _register(kestrel, "Kestrel Coach", "Plans your training week", COACH, BRUNO)
    with at(at_ + timedelta(days=3)):
        _answer(Assignment.objects.get(organization=kestrel), BRUNO, count=7)


def _ask_for_notes(organization: Organization, *, at_: datetime) -> None:
    with at(at_ - timedelta(days=3)):
        application = _register(
            organization, "Halden Notes", "Your pharmacist's advice beside each reminder", NOTES
        )
    client = _request(application, "To show the pharmacist's advice next to a reminder.", at_=at_)
    with at(at_ + timedelta(days=1)):
        _approve(Review.objects.get(access_request__client=client), voters=[TOMAS])


def _call(refill: Client, counter: Client, *, now: datetime) -> None:
    api = "prescriptions/v1"
    names = {
        operation.path + operation.method: operation.key
        for operation in Api.objects.get(slug="prescriptions")
        .versions.get()
        .operations.select_related("version__api")
    }
    assert all(key.startswith(api) for key in names.values())  # noqa: S101 - keys name the version
    listing, one = names["/prescriptionsGET"], names["/prescriptions/{prescription_id}GET"]
    visits, shops = names["/appointmentsGET"], names["/pharmaciesGET"]
    traffic.add_usage(refill, {listing: 420, one: 160, shops: 60}, now=now)
    traffic.add_usage(counter, {visits: 210}, now=now)
    for arrangement in Arrangement.objects.filter(status=Arrangement.Status.ACTIVE):
        if arrangement.client_id == refill.pk:
            traffic.add_readings(arrangement, {listing: ["prescriptions"]}, now=now)
        else:
            traffic.add_readings(arrangement, {visits: ["appointments"]}, now=now)
