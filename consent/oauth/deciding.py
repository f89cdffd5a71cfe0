"""What a customer answers on the consent screen, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent.arrangements.access import current_details, current_items, running_version
from consent.arrangements.giving import NOTHING, Occasion, WrongPeriod, give_consent
from consent.arrangements.holding import ChangedSince
from consent.arrangements.models import Arrangement, Management
from consent.arrangements.periods import Period
from consent.arrangements.picking import Picks
from consent.oauth import children, devices, pending, sign_ins, tokens
from consent.oauth.authorization import AuthorizationRequest
from consent.oauth.errors import AccessDenied
from consent.oauth.events import OAuthEvent
from consent.oauth.intents import NoLongerOpen, claim
from consent.oauth.models import (
    AuthorizationIntent,
    Grant,
)
from consent.oauth.openid import PROTOCOL_SCOPES, acr_of, amr_of
from consent.oauth.responses import location_of
from consent.oauth.screen import is_another_question, notice_for
from partners.subscriptions.access import uses_of
from portal.access.actors import Actor
from portal.accounts.sessions import Session
from portal.events.log import record
from portal.secrets import digest


@transaction.atomic
def approve_authorization(
    intent: AuthorizationIntent,
    *,
    by: Actor,
    optional: Collection[str],
    period: str,
    resources: Picks | None = None,
    locale: str,
    authenticated_at: datetime | None,
    session: Session,
) -> str:
    """Write the consent down, issue a code for it, and return where the browser goes next.

    `period` is the code of one that the screen offered: it ends at the instant that was shown.
    `resources` are the things that were picked, by kind.
    """
    claim(intent)
    client, customer = intent.client, intent.customer
    now = timezone.now()
    if not client.is_live or not customer.user.is_active:
        raise NoLongerOpen("This application may not ask for your data now. Nothing was shared.")
    asked = AuthorizationRequest.from_json(intent.request)
    uses = [use for use in uses_of(client, at=now) if use.scope in asked.scopes]
    question = notice_for(
        client,
        uses,
        asked.wishes,
        at=intent.asked_at,
        customer=customer,
        running=running_version(customer, client, at=now),
        signs_in=asked.signs_in,
    )
    if is_another_question(intent.notice, question, at=now):
        raise ChangedSince("What the application asks for has changed. Nothing was shared.")
    if children.waits_for_another(intent.notice):
        return pending.ask_who_decides(intent, asked, uses, by=by)
    chosen_end = _period(intent, period)
    needed = {use.scope for use in uses if use.cluster_code and use.is_required}
    chosen = {use.scope for use in uses if use.cluster_code and use.scope in optional} | needed
    arrangement = give_consent(
        customer,
        client,
        by=by,
        uses=uses,
        scopes=chosen,
        ends_at=chosen_end.ends_at,
        duration=chosen_end.duration,
        notice=intent.notice,
        occasion=Occasion(
            locale,
            authenticated_at,
            acr=acr_of(session.methods),
            amr=tuple(amr_of(session.methods)),
        ),
        resources=resources,
        details=[detail.as_json() for detail in asked.wishes.details],
        management=Management(asked.wishes.management) if asked.wishes.management else None,
        grant_id=UUID(asked.wishes.grant_id) if asked.wishes.grant_id else None,
        may_share_nothing=asked.signs_in,
        stands_on=intent.stands_on_id or NOTHING,
    )
    opening = {use.scope for use in uses if not use.cluster_code} | PROTOCOL_SCOPES
    granted = [scope for scope in asked.scopes if scope in chosen | opening]
    sign_in = None
    if asked.signs_in:
        where = devices.session_at(intent.device, session) if intent.device else session
        sign_in = sign_ins.begin(customer, client, session=where)
    told = {"sign_in": sign_in, "signed_in_at": authenticated_at if sign_in else None}
    if intent.device is not None:
        return devices.approve(intent.device, arrangement, granted, told)
    # What is paused stays so: signing in adds nothing of it to the code.
    is_paused = arrangement.status == Arrangement.Status.PAUSED
    if asked.wishes.management == Management.MERGE and not is_paused:
        shared = (item.scope.name for item in current_items(arrangement))
        granted += [scope for scope in shared if scope not in granted]
    code = _issue_code(arrangement, asked, granted, told)
    return location_of(asked.return_address, code=code)


@transaction.atomic
def deny_authorization(intent: AuthorizationIntent, *, by: Actor) -> str:
    """Note the refusal, without a reason, and return where the browser goes next."""
    claim(intent)
    asked = AuthorizationRequest.from_json(intent.request)
    record(
        OAuthEvent.AUTHORIZATION_DENIED,
        intent.client,
        by=by,
        organization_id=intent.client.application.organization_id,
        person_id=intent.customer.user_id,
        client_id=intent.client.client_id,
        application=intent.client.application.slug,
        scopes=sorted(asked.scopes),
    )
    if intent.device is not None:
        return devices.deny(intent.device)
    return location_of(asked.return_address, error=AccessDenied.code)


def _period(intent: AuthorizationIntent, code: str) -> Period:
    """Return the choice that the screen offered under this code."""
    for offered in intent.notice["periods"]:
        if offered["code"] == code:
            return Period.from_json(offered)
    raise WrongPeriod("Choose how long to share it.")


def _issue_code(
    arrangement: Arrangement,
    asked: AuthorizationRequest,
    granted: Sequence[str],
    told: Mapping[str, Any],
) -> str:
    code = tokens.new_code()
    Grant.objects.create(
        user=arrangement.customer.user,
        application=arrangement.client,
        code=digest(code),
        expires=timezone.now() + tokens.CODE_LIFETIME,
        redirect_uri=asked.redirect_uri,
        scope=" ".join(granted),
        code_challenge=asked.code_challenge,
        code_challenge_method="S256",
        nonce=asked.nonce,
        jkt=asked.dpop_jkt,
        resource=list(asked.wishes.resources),
        details=current_details(arrangement),
        **told,
        arrangement=arrangement,
        version_number=arrangement.version_number,
        epoch=arrangement.epoch,
    )
    return code
