"""What can be done with codes and tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from consent.arrangements.access import current_details, current_items, running_version
from consent.arrangements.giving import NOTHING, Occasion, WrongPeriod, give_consent
from consent.arrangements.holding import ChangedSince
from consent.arrangements.models import Arrangement, Customer, Management
from consent.arrangements.periods import Period
from consent.arrangements.picking import Picks
from consent.oauth import children, devices, families, foreign, pending, sign_ins, tokens
from consent.oauth.authentication import actor_of
from consent.oauth.authorization import AuthorizationRequest
from consent.oauth.callers import Caller
from consent.oauth.errors import AccessDenied
from consent.oauth.events import OAuthEvent
from consent.oauth.models import (
    AccessToken,
    AuthorizationIntent,
    Grant,
    PushedRequest,
    RefreshToken,
)
from consent.oauth.openid import PROTOCOL_SCOPES, acr_of, amr_of
from consent.oauth.parameters import Parameters
from consent.oauth.responses import location_of
from consent.oauth.screen import is_another_question, notice_for, periods_shown
from consent.oauth.server import token_response
from consent.proofs.errors import InvalidRequest
from consent.proofs.protocol.dpop import InvalidProof
from partners.applications.models import Client
from partners.subscriptions.access import Use, uses_of
from portal.access.actors import Actor
from portal.accounts.sessions import Session
from portal.errors import Conflict
from portal.events.log import record
from portal.secrets import digest

INTENT_LIFETIME = timedelta(minutes=10)


class AlreadyDecided(Conflict):
    code = "already_decided"


class NoLongerOpen(Conflict):
    """The screen is too old, or the application may not ask any more."""

    code = "no_longer_open"


def open_intent(
    customer: Customer,
    client: Client,
    request: AuthorizationRequest,
    *,
    uses: Sequence[Use],
    pushed: PushedRequest | None = None,
) -> AuthorizationIntent:
    """Keep what was asked, the words that are shown for it and what is shared at that moment.

    The same request on the same ground keeps its row. Another screen is another row: whoever
    answers an older one has not seen what the newer one says.
    """
    now = timezone.now()
    running = running_version(customer, client, at=now)
    asked = [use for use in uses if use.scope in request.scopes]
    notice = notice_for(
        client,
        asked,
        request.wishes,
        at=now,
        customer=customer,
        running=running,
        signs_in=request.signs_in,
    )
    # One that was decided comes first.
    known = (
        AuthorizationIntent.objects.current(at=now)
        .filter(customer=customer, client=client, digest=request.digest, pushed=pushed)
        .order_by("decided_at")
    )
    for intent in known:
        if intent.decided_at is not None:
            return intent
        then = periods_shown(asked, request.wishes, at=intent.asked_at, running=running)
        is_same_ground = intent.stands_on_id == (running.pk if running else None)
        if is_same_ground and intent.notice == {**notice, "periods": then}:
            return intent
    return AuthorizationIntent.objects.create(
        customer=customer,
        client=client,
        pushed=pushed,
        digest=request.digest,
        request=request.as_json(),
        notice=notice,
        asked_at=now,
        stands_on=running,
        expires_at=now + INTENT_LIFETIME,
    )


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
    _claim(intent)
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
    _claim(intent)
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


def answer_token_request(caller: Caller, parameters: Parameters) -> tuple[int, str]:
    """Exchange a code, refresh, or issue a token for the client itself, in one transaction.

    Return the status and the JSON that says it.
    """
    if not parameters.get("grant_type"):
        raise InvalidRequest("grant_type is missing.")
    _require_possession(caller)
    alone = parameters.get("grant_type") == "client_credentials"
    with nullcontext() if alone else transaction.atomic():
        return token_response(caller, parameters)


def _require_possession(caller: Caller) -> None:
    """Refuse who must bind its tokens to a key and shows none (FAPI 2.0 §5.3.2.1, item 4)."""
    client = caller.client
    if client.requirements.sender_constrained and not caller.holder:
        raise InvalidProof("Send a DPoP proof: this client's tokens are bound to a key.")
    if client.dpop_bound_access_tokens and not caller.holder.jkt:
        raise InvalidProof("Send a DPoP proof: this client registered that it always does.")


@transaction.atomic
def revoke_token(client: Client, raw: str) -> None:
    """End a token of this client and all that came with it (RFC 7009); the consent stays."""
    model = RefreshToken if raw.startswith(tokens.REFRESH_PREFIX) else AccessToken
    issued = (
        model.objects.select_related("arrangement")
        .filter(application=client, token_checksum=digest(raw))
        .first()
    )
    if issued is None:
        others = model.objects.filter(token_checksum=digest(raw))
        foreign.note_if_another_has(client, foreign.Kind.TOKEN, raw, others)
        return
    issued.application = client
    family = issued.family if isinstance(issued, AccessToken) else issued.token_family
    if families.end_family(family) if family else _end_alone(issued):
        families.tell(OAuthEvent.TOKEN_REVOKED, issued, by=actor_of(client))


def sweep(arrangement_id: UUID) -> int:
    """Write down that what an ended arrangement leaves behind has ended; its epoch refuses it.

    Codes have a minute and nothing to be written down: one that comes back in it is recognised.
    """
    arrangement = Arrangement.objects.get(pk=arrangement_id)
    now = timezone.now()
    accesses, refreshes = (
        model.objects.of_arrangement(arrangement_id).filter(epoch__lt=arrangement.epoch)
        for model in (AccessToken, RefreshToken)
    )
    return accesses.filter(revoked_at=None).update(revoked_at=now) + refreshes.filter(
        revoked=None
    ).update(revoked=now)


def _end_alone(issued: AccessToken | RefreshToken) -> int:
    """Revoke a token that came from no code, such as one for the client itself."""
    return AccessToken.objects.filter(pk=issued.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )


def _claim(intent: AuthorizationIntent) -> None:
    """Take the one decision that a question has; a double click or a second tab comes too late."""
    now = timezone.now()
    undecided = AuthorizationIntent.objects.filter(decided_at=None)
    is_open = Exists(undecided.current(at=now).filter(pk=intent.pk))
    # Two tabs that opened at the same moment have a row each: one UPDATE decides both.
    same = undecided.filter(
        is_open,
        customer=intent.customer_id,
        client=intent.client_id,
        digest=intent.digest,
        pushed=intent.pushed_id,
    )
    if not same.update(decided_at=now):
        if undecided.filter(pk=intent.pk).exists():
            raise NoLongerOpen("You took longer than ten minutes. Nothing was shared.")
        raise AlreadyDecided("You have already answered this.")
    if intent.pushed_id is None:
        return
    if not PushedRequest.objects.filter(pk=intent.pushed_id, used_at=None).update(used_at=now):
        # Somebody else was asked the same: a request URI counts once (RFC 9126 §4).
        raise AlreadyDecided("This has been answered already.")


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
