from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from catalog.apis.audience import possible_guests
from catalog.apis.events import ApiEvent, OperationEvent
from catalog.apis.models import Api, ApiVersion, Audience, Guest, Operation
from portal.access.actors import STAFF_ROLES, Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Malformed
from portal.events.log import record


@dataclass(frozen=True, slots=True)
class Service:
    """Where help is, and what is promised: availability in percent of a month, p95 in ms."""

    technical_contact: str = ""
    support_url: str = ""
    slo_percent: Decimal | None = None
    slo_latency_ms: int | None = None


@transaction.atomic
def describe_service(api: Api, *, by: Actor, service: Service) -> None:
    require(by, Permission.DESCRIBE_API)
    if service.support_url and not service.support_url.startswith("https://"):
        raise Malformed("Help is at an address that begins with https://.")
    changed = [name for name in Service.__slots__ if getattr(api, name) != getattr(service, name)]
    if not changed:
        return
    for name in changed:
        setattr(api, name, getattr(service, name))
    api.save(update_fields=changed)
    record(ApiEvent.DESCRIBED, api, by=by, api=api.slug, changed=changed)


@transaction.atomic
def set_audience(
    api: Api, *, by: Actor, audience: Audience, organizations: Collection[int] = (), reason: str
) -> None:
    """Say who may know about the API, from the next page on; access that was given stays."""
    require(by, Permission.DESCRIBE_API)
    if not reason.strip():
        raise Malformed("Say why, for whoever asks later.", errors={"reason": ["Say why."]})
    wanted = set(organizations) if audience == Audience.NAMED else set()
    if audience == Audience.NAMED and not wanted:
        message = "Name at least one partner, or nobody outside could see it."
        raise Malformed(message, errors={"organizations": ["Name at least one."]})
    if not wanted <= {key for key, _ in possible_guests()}:
        raise Malformed("One of these is no partner.", errors={"organizations": ["Unknown."]})
    api = Api.objects.select_for_update().get(pk=api.pk)
    known = set(api.guests.values_list("organization_id", flat=True))
    if api.audience == audience and known == wanted:
        return
    before, api.audience = api.audience, audience
    api.save(update_fields=["audience"])
    api.guests.exclude(organization_id__in=wanted).delete()
    Guest.objects.bulk_create(Guest(api=api, organization_id=key) for key in sorted(wanted - known))
    record(
        ApiEvent.AUDIENCE_SET,
        api,
        by=by,
        api=api.slug,
        before=before,
        audience=audience.value,
        organization_ids=sorted(wanted),
        reason=reason.strip(),
    )


@transaction.atomic
def give_api(api: Api, *, by: Actor, to: User) -> None:
    """Let somebody on the staff answer for the API from now on."""
    require(by, Permission.DESCRIBE_API)
    _require_staff(to)
    if api.owner_id == to.pk:
        return
    api.owner = to
    api.save(update_fields=["owner"])
    record(ApiEvent.OWNED, api, by=by, api=api.slug, person_id=to.pk)


@transaction.atomic
def give_operations(
    version: ApiVersion, slugs: Sequence[str], *, by: Actor, to: User | None
) -> int:
    """Let somebody answer for single operations; without anybody it is the API's owner again."""
    require(by, Permission.DESCRIBE_API)
    if to is not None:
        _require_staff(to)
    found = Operation.objects.filter(version=version, slug__in=slugs)
    changed = list(found.exclude(owner=to).values_list("slug", flat=True))
    if to is None:
        changed = list(found.exclude(owner=None).values_list("slug", flat=True))
    if not changed:
        return 0
    found.filter(slug__in=changed).update(owner=to)
    record(
        OperationEvent.OWNED,
        version,
        by=by,
        api=version.api.slug,
        label=version.label,
        operations=sorted(changed),
        person_id=to.pk if to else None,
    )
    return len(changed)


def staff_people() -> list[User]:
    """Return who may own something, by name."""
    found = User.objects.filter(is_active=True, staff_roles__role__in=STAFF_ROLES)
    return list(found.distinct().order_by("name", "pk"))


def _require_staff(person: User) -> None:
    if not person.is_active or not person.staff_roles.exists():
        raise Malformed("Only somebody on the staff answers for an API.")
