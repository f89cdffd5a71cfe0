from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Membership, Organization
from portal.access.actors import Actor, Role
from portal.access.permissions import Permission, require
from portal.accounts.areas import AccountInUse, Area, area_of
from portal.accounts.models import User
from portal.errors import Conflict
from portal.events.log import record


@transaction.atomic
def join(
    user: User, *, by: Actor, name: str, country: str, city: str, website: str, sector: str
) -> Organization:
    """Bring a new organization in; whoever does it answers for it as its owner."""
    organization = Organization(
        name=name, country=country, city=city, website=website, sector=sector
    )
    return _founded(organization, user, by=by)


@transaction.atomic
def open_sandbox(user: User, *, by: Actor, name: str) -> Organization:
    """Let somebody begin before they say for whom: in an organization that is a sandbox alone."""
    return _founded(Organization(name=name, introduced_at=None), user, by=by)


@transaction.atomic
def introduce_organization(
    organization: Organization,
    *,
    by: Actor,
    name: str,
    country: str,
    city: str,
    website: str,
    sector: str,
) -> None:
    """Say, once, which company a sandbox is of; reviewers and customers know it by this name."""
    require(by, Permission.CHANGE_ORGANIZATION, organization_id=organization.pk)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.introduced_at is not None:
        raise Conflict(f"We know {organization} already.", code="introduced_already")
    organization.name, organization.country, organization.city = name, country, city
    organization.website, organization.sector = website, sector
    organization.introduced_at = timezone.now()
    _with_free_slug(organization)
    _record(OrganizationEvent.INTRODUCED, organization, by=by)


def _founded(organization: Organization, user: User, *, by: Actor) -> Organization:
    require(by, Permission.JOIN, person_id=user.pk)
    require_free(user)
    _with_free_slug(organization)
    Membership.objects.create(organization=organization, user=user, roles=[Role.OWNER])
    _record(OrganizationEvent.JOINED, organization, by=by, person_id=user.pk)
    return organization


def require_free(user: User) -> None:
    """Refuse an account of staff or of a customer."""
    area = area_of(user)
    if area is not Area.DEVELOPER:
        whose = "our staff" if area is Area.CONSOLE else "a customer"
        raise AccountInUse(
            f"This account is that of {whose}. Sign up with another email address to bring an "
            "organisation in."
        )


@transaction.atomic
def change_organization(
    organization: Organization, *, by: Actor, country: str, city: str, website: str, sector: str
) -> None:
    """Correct the profile. The name stays: customers and reviewers know the partner by it."""
    require(by, Permission.CHANGE_ORGANIZATION, organization_id=organization.pk)
    profile = {"country": country, "city": city, "website": website, "sector": sector}
    changed = [name for name, value in profile.items() if getattr(organization, name) != value]
    for name in changed:
        setattr(organization, name, profile[name])
    if changed:
        organization.save(update_fields=changed)
        record(
            OrganizationEvent.CHANGED,
            organization,
            by=by,
            organization_id=organization.pk,
            fields=changed,
        )


@transaction.atomic
def approve_organization(organization: Organization, *, by: Actor) -> None:
    require(by, Permission.REVIEW)
    if organization.introduced_at is None:
        raise Conflict(f"{organization} has not said who it is.", code="not_introduced")
    organization.move_to(Organization.Status.APPROVED, approved_at=timezone.now())
    record(OrganizationEvent.APPROVED, organization, by=by, organization_id=organization.pk)


@transaction.atomic
def clear_organization(organization: Organization, *, by: Actor, until: datetime | None) -> None:
    """Say until when production is open; that instant closes it by itself, and no job."""
    require(by, Permission.REVIEW)
    organization.cleared_until = until
    organization.save(update_fields=["cleared_until"])
    record(
        OrganizationEvent.CLEARED,
        organization,
        by=by,
        organization_id=organization.pk,
        until=until.isoformat() if until else None,
    )


@transaction.atomic
def suspend_organization(organization: Organization, *, by: Actor, reason: str) -> None:
    """Stop every client of the organization from the next request on."""
    require(by, Permission.SUSPEND_ORGANIZATION)
    organization.move_to(Organization.Status.SUSPENDED, suspended_at=timezone.now())
    record(
        OrganizationEvent.SUSPENDED,
        organization,
        by=by,
        organization_id=organization.pk,
        reason=reason,
    )


@transaction.atomic
def reinstate_organization(organization: Organization, *, by: Actor) -> None:
    require(by, Permission.SUSPEND_ORGANIZATION)
    organization.move_to(Organization.Status.APPROVED, suspended_at=None)
    record(OrganizationEvent.REINSTATED, organization, by=by, organization_id=organization.pk)


def _record(
    kind: OrganizationEvent, organization: Organization, *, by: Actor, person_id: int | None = None
) -> None:
    record(kind, organization, by=by, organization_id=organization.pk, person_id=person_id)


def _with_free_slug(organization: Organization) -> Organization:
    organization.slug = slugify(organization.name)[:50].strip("-") or "partner"
    try:
        with transaction.atomic():
            organization.save()
    except IntegrityError:  # Somebody has that slug already.
        organization.slug = f"{organization.slug}-{secrets.token_hex(3)}"
        organization.save()
    return organization
