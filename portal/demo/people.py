"""Who lives in the demo world."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from consent.arrangements.models import Customer
from partners.organizations.actors import actor_of
from portal.access.actors import Actor, Role
from portal.accounts.models import StaffRole, User

STAFF = {
    "tomas@meridian.example": ("Tomás Herrera", Role.REVIEWER),
    "priya@meridian.example": ("Priya Raman", Role.SECURITY),
    "ines@meridian.example": ("Ines Costa", Role.CATALOG),
    "mina@meridian.example": ("Mina Park", Role.PRIVACY),
}
PARTNERS = {
    "amara@halden.example": "Amara Okafor",
    "bruno@kestrel.example": "Bruno Silva",
}
CUSTOMERS = {
    "leila@example.net": "Leila Haddad",
    "jonas@example.net": "Jonas Weber",
}
TEST_CUSTOMERS = {
    "all@sandbox.example": "Test customer, shares everything",
    "some@sandbox.example": "Test customer, shares a little",
    "none@sandbox.example": "Test customer, has no data",
}
ZONE = "Europe/Vilnius"


def settle(password: str) -> None:
    """Create everybody, with a verified address and the demo's password."""
    for email, (name, role) in STAFF.items():
        StaffRole.objects.create(user=_person(email, name, password, zone="UTC"), role=role)
    for email, name in PARTNERS.items():
        _person(email, name, password, zone="UTC")
    for email, name in CUSTOMERS.items():
        Customer.objects.create(user=_person(email, name, password, zone=ZONE))
    for email, name in TEST_CUSTOMERS.items():
        Customer.objects.create(user=_person(email, name, password, zone=ZONE), is_test=True)


def person(email: str) -> Actor:
    return actor_of(User.objects.get(email=email))


def customer(email: str) -> Customer:
    return Customer.objects.select_related("user").get(user__email=email)


def _person(email: str, name: str, password: str, *, zone: str) -> User:
    user = User.objects.create_user(email, password, name=name, time_zone=zone)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user
