"""A child, who decides with them, and staff who saw that it is so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from consent.arrangements.models import Customer
from consent.guardians.asking import ask_guardian
from consent.guardians.deciding import approve
from consent.guardians.family import Evidence
from consent.guardians.linking import begin_guardianship, change_birth_date
from consent.minors.models import Approval, Guardianship
from partners.applications.models import Application, Client
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Actor, Role
from tests.factories.catalog import ScopeFactory
from tests.factories.consent import CustomerFactory, share
from tests.factories.partners import ApprovedUseFactory, ClientFactory, SubscriptionFactory
from tests.factories.people import staff

EVIDENCE = Evidence(case="SC-000001", identity="document")
ZONE = "Europe/Vilnius"


@dataclass
class Family:
    """A child of twelve with one guardian; both have accounts and have signed in."""

    child: Customer
    guardian: Customer
    officer: Actor = field(default_factory=lambda: staff(Role.PRIVACY))

    @property
    def by_child(self) -> Actor:
        return actor_of(self.child.user)

    @property
    def by_guardian(self) -> Actor:
        return actor_of(self.guardian.user)

    @property
    def link(self) -> Guardianship:
        return Guardianship.objects.get(child=self.child.user, guardian=self.guardian.user)

    def born(self, day: date) -> None:
        change_birth_date(self.child, by=self.officer, day=day, evidence=EVIDENCE)

    def asks(self, client: Client, **question: object) -> Approval:
        """Let the child ask for all that the client may ask for."""
        uses = uses_of(client, at=datetime.now(UTC))
        return ask_guardian(self.child, client, by=self.by_child, uses=uses, **question)

    def allows(self, approval: Approval, *scopes: str, period: str = "90") -> Approval:
        return approve(approval, by=self.by_guardian, scopes=scopes, period=period)


def years_ago(years: int, *, days: int = 0) -> date:
    """Return the day on which somebody was born who has that birthday in so many days."""
    soon = datetime.now(UTC).date() + timedelta(days=days)
    return soon.replace(year=soon.year - years, day=min(soon.day, 28))


def make_family(
    child: Customer | None = None, *, guardian: Customer | None = None, age: int = 12
) -> Family:
    child = child or CustomerFactory()
    child.user.time_zone = ZONE
    child.user.save(update_fields=["time_zone"])
    family = Family(child, guardian or CustomerFactory(is_test=child.is_test))
    family.born(years_ago(age))
    begin_guardianship(child, family.guardian, by=family.officer, evidence=EVIDENCE)
    return family


def family_app(family: Family) -> Application:
    """Let the child share with an application that its guardian allowed."""
    client = ClientFactory(production=True)
    subscription = SubscriptionFactory(client=client)
    ApprovedUseFactory(subscription=subscription, scope=ScopeFactory(), is_required=True)
    approval = family.asks(client)
    scopes = [line["scope"] for line in approval.asked]
    family.allows(approval, *scopes)
    uses = uses_of(client, at=datetime.now(UTC))
    share(family.child, client, uses=uses, scopes=scopes, days=30)
    application: Application = client.application
    return application
