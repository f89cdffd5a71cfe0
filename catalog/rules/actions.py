from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.apis.models import Api
from catalog.rules.events import RuleEvent
from catalog.rules.models import Override
from catalog.rules.rulebook import Rule
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Refused
from portal.events.log import record


class RuleFixed(Conflict):
    code = "rule_fixed"


@transaction.atomic
def override_rule(
    rule: Rule,
    *,
    by: Actor,
    level: str,
    reason: str,
    until: datetime,
    owner: User | None = None,
    api: Api | None = None,
) -> Override:
    """Give the rule another level until then; an earlier word for the same APIs ends now."""
    require(by, Permission.OVERRIDE_RULE)
    if rule.is_fixed:
        raise RuleFixed(f"{rule.name} protects customers. Its level stays as it is.")
    now = timezone.now()
    if not now < until <= now + timedelta(days=Override.LONGEST_DAYS):
        raise Refused("Choose a day within the next year.", code="override_until")
    same = Override.objects.select_for_update().filter(
        rule=rule.code, owner=owner, api=api, ended_at=None
    )
    same.update(ended_at=now)
    override = Override.objects.create(
        rule=rule.code,
        level=level,
        reason=reason,
        owner=owner,
        api=api,
        set_by_id=by.person_id,
        begins_at=now,
        ends_at=until,
    )
    record(
        RuleEvent.OVERRIDDEN,
        override,
        by=by,
        rule=rule.code,
        level=level,
        api=api.slug if api else "",
        owner_id=owner.pk if owner else None,
        until=until.isoformat(),
    )
    return override


@transaction.atomic
def restore_rule(override: Override, *, by: Actor) -> None:
    """End the override now: the rule's own level counts again."""
    require(by, Permission.OVERRIDE_RULE)
    locked = Override.objects.select_for_update().get(pk=override.pk)
    if locked.ended_at is not None:
        raise Conflict("It has ended already.", code="ended")
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    record(
        RuleEvent.RESTORED,
        locked,
        by=by,
        rule=locked.rule,
        api=locked.api.slug if locked.api else "",
        owner_id=locked.owner_id,
    )
