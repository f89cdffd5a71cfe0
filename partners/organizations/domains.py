"""Proving that a domain is an organization's: by a DNS record or a file only they can write."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Domain, Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.dns import texts_at
from portal.errors import Conflict, Refused, TooMany
from portal.events.log import record
from portal.outbound import fetch
from portal.secrets import new_secret

FILE_ADDRESS = "https://{name}/.well-known/meridian-domain.txt"
MAX_CLAIMED = 10
_BETWEEN_CHECKS = timedelta(seconds=10)
_MAX_FILE_BYTES = 1024
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")


class NotADomain(Refused):
    code = "not_a_domain"


class NotProven(Refused):
    code = "domain_not_proven"


@transaction.atomic
def claim_domain(organization: Organization, *, by: Actor, name: str) -> Domain:
    """Say that a domain is the organization's; it counts once the proof is found there."""
    require(by, Permission.PROVE_DOMAIN, organization_id=organization.pk)
    plain = _plain(name)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.domains.filter(name=plain).exists():
        raise _about(Conflict, f"{plain} is on the list already.", "domain_claimed")
    if organization.domains.count() >= MAX_CLAIMED:
        raise _about(
            Conflict, f"{MAX_CLAIMED} domains are on the list. Remove one.", "domains_full"
        )
    domain = Domain.objects.create(organization=organization, name=plain, code=new_secret(size=18))
    _record(OrganizationEvent.DOMAIN_CLAIMED, domain, by=by)
    return domain


def prove_domain(domain: Domain, *, by: Actor) -> None:
    """Look for the proof, in the DNS and then in the file, outside of any transaction."""
    require(by, Permission.PROVE_DOMAIN, organization_id=domain.organization_id)
    if domain.proven_at is not None:
        return
    _take_turn(domain)
    way = _found(domain)
    if way is None:
        raise NotProven(
            f"We found neither the record nor the file for {domain}. A new record can take an hour"
            " to be seen everywhere."
        )
    try:
        with transaction.atomic():
            unproven = Domain.objects.filter(pk=domain.pk, proven_at=None)
            if unproven.update(proven_at=timezone.now(), proven_by=way):
                _record(OrganizationEvent.DOMAIN_PROVEN, domain, by=by, way=way.value)
    except IntegrityError as error:
        message = f"Another organisation has proven {domain}. Write to us if it is yours now."
        raise Conflict(message, code="domain_taken") from error
    domain.refresh_from_db()


@transaction.atomic
def release_domain(domain: Domain, *, by: Actor) -> None:
    """Let go of a domain; whatever stood on it stops from now on."""
    require(by, Permission.PROVE_DOMAIN, organization_id=domain.organization_id)
    _record(OrganizationEvent.DOMAIN_RELEASED, domain, by=by)
    domain.delete()


def _take_turn(domain: Domain) -> None:
    """Let a domain be looked at every few seconds only, by the database's clock."""
    waited = Domain.objects.filter(pk=domain.pk).exclude(checked_at__gt=Now() - _BETWEEN_CHECKS)
    if not waited.update(checked_at=Now()):
        raise TooMany("We looked a moment ago. Wait ten seconds, then let us look again.")


def _found(domain: Domain) -> Domain.Way | None:
    try:
        if domain.proof in texts_at(domain.record_name):
            return Domain.Way.DNS
    except Refused:
        pass  # The file may still say it.
    return Domain.Way.FILE if _is_in_file(domain) else None


def _is_in_file(domain: Domain) -> bool:
    address = FILE_ADDRESS.format(name=domain.name)
    try:
        found = fetch(address, max_bytes=_MAX_FILE_BYTES, timeout=5)
    except Refused:
        return False
    # Somebody else's server says nothing about this domain, whoever redirects to it.
    is_there = urlsplit(found.url).hostname == urlsplit(address).hostname
    return is_there and found.body.strip() == domain.proof.encode()


def _plain(name: str) -> str:
    try:
        plain = name.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    if len(plain) > 253 or not _NAME.fullmatch(plain):
        raise _about(NotADomain, "Type a domain such as halden.example.", NotADomain.code)
    return plain


def _about(kind: type[Refused], message: str, code: str) -> Refused:
    return kind(message, code=code, errors={"name": [message]})


def _record(kind: OrganizationEvent, domain: Domain, *, by: Actor, way: str = "") -> None:
    organization_id = domain.organization_id
    record(kind, domain, by=by, organization_id=organization_id, domain=domain.name, way=way)
