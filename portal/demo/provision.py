"""Bring the portal to what a file declares: people, organizations, applications, customers.

What is there already and says the same stays untouched, so a second run changes nothing. Nothing is
ever deleted, and no declaration stands in for a decision: what needs a review still needs one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from jsonschema_rs import Draft202012Validator

from catalog.plans.models import Environment
from consent.arrangements.models import Customer
from partners.applications import actions as applications
from partners.applications.models import Application
from partners.applications.uses import WantedUse
from partners.organizations import actions as organizations
from partners.organizations import members
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from portal.access.actors import SYSTEM, Actor, Role
from portal.accounts.actions import give_role
from portal.accounts.models import User
from portal.errors import Malformed

Declared = Mapping[str, Any]
SCHEMA = json.loads((Path(__file__).parent / "provision.schema.json").read_text())
_PROFILE = ("country", "city", "website", "sector")


def read(text: str) -> Declared:
    """Return a declaration, or raise `Malformed` with the place of the first mistake."""
    try:
        declared = json.loads(text)
    except ValueError as error:
        raise Malformed(f"The file is not JSON: {error}") from error
    for mistake in Draft202012Validator(SCHEMA).iter_errors(declared):
        place = "/".join(map(str, mistake.instance_path)) or "the top"
        raise Malformed(f"At {place}: {mistake.message}")
    found: Declared = declared
    return found


@transaction.atomic
def provision(declared: Declared, *, is_trial: bool = False) -> list[str]:
    """Return what changed, line by line, or with `is_trial` what would."""
    changes = [*_everything(declared)]
    if is_trial:
        transaction.set_rollback(True)
    return changes


def _everything(declared: Declared) -> Iterator[str]:
    for one in declared.get("staff", ()):
        user = yield from _person(one)
        if give_role(user, Role(one["role"]), by=SYSTEM):
            yield f"{user.email} is {one['role']} now"
    for one in declared.get("customers", ()):
        user = yield from _person(one)
        is_test = one.get("is_test", False)
        if Customer.objects.get_or_create(user=user, defaults={"is_test": is_test})[1]:
            yield f"{user.email} is a {'test ' if is_test else ''}customer now"
    for one in declared.get("organizations", ()):
        yield from _organization(one)


def _person(one: Declared) -> Any:
    """Have an account with a verified address; its person sets the password by a reset."""
    email = one["email"].lower()
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(
            email, name=one.get("name", ""), time_zone=one.get("time_zone", "UTC")
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        yield f"{email} has an account now"
    return user


def _organization(one: Declared) -> Iterator[str]:
    first, *others = one["members"]
    owner = yield from _person(first)
    profile = {name: one.get(name, "") for name in _PROFILE}
    known = Organization.objects.filter(name=one["name"], memberships__user=owner).first()
    if known is None:
        known = organizations.join(owner, by=actor_of(owner), name=one["name"], **profile)
        yield f"{known} is here now, with {owner.email} as its owner"
    elif any(getattr(known, name) != value for name, value in profile.items()):
        organizations.change_organization(known, by=actor_of(owner), **profile)
        yield f"{known} has another profile now"
    for other in others:
        yield from _member(known, other)
    for wanted in one.get("applications", ()):
        yield from _application(known, wanted, by=actor_of(owner))


def _member(organization: Organization, one: Declared) -> Iterator[str]:
    user = yield from _person(one)
    roles = {Role(role) for role in one["roles"]}
    place = Membership.objects.filter(organization=organization, user=user).first()
    if place is None or set(place.roles) < roles:
        members.place_member(organization, user, roles, by=SYSTEM)
        yield f"{user.email} is {', '.join(sorted(roles))} at {organization} now"


def _application(organization: Organization, one: Declared, *, by: Actor) -> Iterator[str]:
    uses = [
        WantedUse(
            use["scope"],
            use.get("purpose"),
            use.get("why", ""),
            use.get("is_required", False),
            use.get("retention_days", 0),
            look_back_days=use.get("look_back_days"),
        )
        for use in one["uses"]
    ]
    known = Application.objects.filter(organization=organization, name=one["name"]).first()
    if known is None:
        applications.register_application(
            organization,
            by=by,
            name=one["name"],
            tagline=one["tagline"],
            redirect_uris=one["redirect_uris"],
            uses=uses,
            homepage_url=one.get("homepage_url", ""),
            privacy_url=one.get("privacy_url", ""),
        )
        yield f"{one['name']} of {organization} is registered now"
        return
    if _uses_of(known) != {use.scope: use for use in uses}:
        applications.change_uses(known, by=by, uses=uses)
        yield f"{known} asks for other things now"
    client = known.clients.get(environment=Environment.SANDBOX)
    if client.redirect_uris.split() != one["redirect_uris"]:
        applications.change_redirect_uris(client, by=by, redirect_uris=one["redirect_uris"])
        yield f"{known} has other redirect URIs now"


def _uses_of(application: Application) -> dict[str, WantedUse]:
    return {
        use.scope.name: WantedUse(
            use.scope.name,
            use.purpose.code if use.purpose else None,
            use.why,
            use.is_required,
            use.retention_days,
            max_days=use.max_days,
            look_back_days=use.look_back_days,
        )
        for use in application.data_uses.select_related("scope", "purpose")
    }
