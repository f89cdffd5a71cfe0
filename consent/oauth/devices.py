"""Devices without a browser (RFC 8628): the customer types a short code where they are signed in.

The device's own code is redeemed once, by the client that it was issued to, within ten minutes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consent.arrangements.access import current_details, running_version
from consent.arrangements.models import Arrangement, Customer
from consent.oauth import families
from consent.oauth.authorization import AuthorizationRequest, scopes_with_details
from consent.oauth.callers import Caller
from consent.oauth.errors import InvalidScope, UnauthorizedClient
from consent.oauth.events import OAuthEvent
from consent.oauth.limits import read_wishes
from consent.oauth.models import AuthorizationIntent, DeviceGrant
from consent.oauth.openid import SCOPE
from consent.oauth.parameters import Parameters
from consent.oauth.screen import notice_for
from consent.proofs.errors import InvalidRequest
from consent.proofs.holders import Holder
from consent.proofs.store import StoreAway, count_try
from partners.applications.models import Client
from partners.subscriptions.access import uses_of
from portal.accounts.sessions import Session
from portal.errors import Conflict, Refused, TooMany
from portal.secrets import digest, new_secret

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
CODE_PREFIX = "mdc_"
LIFETIME = timedelta(minutes=10)
INTERVAL = 5
# §6.1: no vowels, so no words, and nothing that looks like something else. 20^8 is 34 bits.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
# §5.1: within its ten minutes nobody finds a code that waits by typing.
MAX_TRIES = {"person": 10, "address": 100}
TRIES_WINDOW = timedelta(minutes=10)

# The engine's words for how far the customer is.
AUTHORIZED, PENDING, SLOW_DOWN = "authorized", "authorization_pending", "slow_down"
EXPIRED, DENIED, INVALID = "expired_token", "access_denied", ""


class UnknownCode(Refused):
    code = "unknown_code"


class TooManyTries(TooMany):
    code = "too_many_tries"


class NotWaiting(Conflict):
    """Somebody answered before, or the ten minutes are over."""

    code = "device_not_waiting"


def begin(caller: Caller, parameters: Parameters, *, at: datetime) -> dict[str, Any]:
    """Return both codes and where the customer types one of them (§3.2), in seconds and URLs."""
    client = caller.client
    if not client.requirements.device_codes:
        raise UnauthorizedClient("This client's profile does not allow device codes.")
    uses = uses_of(client, at=at)
    wishes = read_wishes(parameters, client=client, uses=uses, at=at)
    if wishes.management or wishes.grant_id:
        # Nobody knows yet whose grant it would be, and the page shows what is in it.
        raise InvalidRequest("A device can ask for a new grant only.")
    offered = [use.scope for use in uses]
    scopes = scopes_with_details(parameters.get("scope"), wishes, offered=offered)
    if SCOPE not in scopes and not any(use.cluster_code for use in uses if use.scope in scopes):
        raise InvalidScope("None of these scopes opens customer data: use client_credentials.")
    device_code = new_secret(CODE_PREFIX)
    typed = _keep(
        DeviceGrant(
            application=client,
            client_id=client.client_id,
            device_code=digest(device_code),
            scope=" ".join(scopes),
            request=AuthorizationRequest(
                client_id=str(client.client_id),
                redirect_uri="",
                state="",
                scopes=scopes,
                code_challenge="",
                wishes=wishes,
            ).as_json(),
            interval=INTERVAL,
            expires=at + LIFETIME,
            # A key that was shown now is the only one that may collect (RFC 9449 §10, as for PAR).
            jkt=caller.holder.jkt,
            x5t_s256=caller.holder.x5t_s256,
        )
    )
    page = f"{settings.ISSUER}{reverse('oauth:device')}"
    return {
        "device_code": device_code,
        "user_code": spelled(typed),
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={spelled(typed)}",
        "expires_in": int(LIFETIME.total_seconds()),
        "interval": INTERVAL,
    }


def find(typed: str, *, person_id: int, address: str, at: datetime) -> DeviceGrant:
    """Return the device that shows this code and waits; a person has a few tries.

    Raises `UnknownCode` alike for a wrong, an answered and an old one, `TooManyTries`, `StoreAway`.
    """
    _take_try("person", str(person_id))
    _take_try("address", address)
    found: DeviceGrant | None = (
        DeviceGrant.objects.select_related("application__application__organization")
        .filter(user_code=digest(normal(typed)), status=DeviceGrant.AUTHORIZATION_PENDING)
        .filter(expires__gt=at)
        .first()
    )
    if found is None or not found.application.is_live:
        raise UnknownCode(
            "No device waits with this code. Compare it letter by letter; after ten minutes, "
            "start again on the device."
        )
    return found


def open_intent(customer: Customer, device: DeviceGrant, *, at: datetime) -> AuthorizationIntent:
    """Keep what the device asks for and the words that are shown for it, as for a browser."""
    client = device.application
    running = running_version(customer, client, at=at)
    asked = AuthorizationRequest.from_json(device.request)
    uses = [use for use in uses_of(client, at=at) if use.scope in asked.scopes]
    return AuthorizationIntent.objects.create(
        customer=customer,
        client=client,
        device=device,
        digest=hashlib.sha256(f"device {device.pk}".encode()).hexdigest(),
        request=device.request,
        notice=notice_for(
            client,
            uses,
            asked.wishes,
            at=at,
            customer=customer,
            running=running,
            signs_in=asked.signs_in,
        ),
        asked_at=at,
        stands_on=running,
        expires_at=device.expires,
    )


def session_at(device: DeviceGrant, session: Session) -> Session:
    """Return the session that begins at the device: it outlives that of the customer's browser."""
    return replace(session, name=digest(f"device:{device.pk}"))


def approve(
    device: DeviceGrant,
    arrangement: Arrangement,
    granted: Sequence[str],
    told: Mapping[str, Any],
) -> str:
    """Let the device collect its tokens, and return where the browser goes next.

    `told` is what an id token will say of the sign-in.
    """
    _answer(
        device,
        status=DeviceGrant.AUTHORIZED,
        user=arrangement.customer.user,
        scope=" ".join(granted),
        details=current_details(arrangement),
        arrangement=arrangement,
        version_number=arrangement.version_number,
        epoch=arrangement.epoch,
        **told,
    )
    return reverse("oauth:device_answered")


def deny(device: DeviceGrant) -> str:
    _answer(device, status=DeviceGrant.DENIED)
    return reverse("oauth:device_answered")


def collect(
    client: Client, raw: str, holder: Holder, *, at: datetime
) -> tuple[str, DeviceGrant | None]:
    """Return how far the customer is (§3.5) and, once it was yes, the grant, claimed and held.

    A second use ends all that came from the first, as with an authorization code.
    """
    found: DeviceGrant | None = DeviceGrant.objects.filter(
        application=client, device_code=digest(raw)
    ).first()
    if found is None or not found.may_be_used_by(holder):
        return INVALID, None
    found.application = client
    if found.used_at is not None:
        return _replayed(found), None
    if at < found.expires and found.status == DeviceGrant.AUTHORIZED:
        return _claim(found, at=at)
    return _refusal(found, at=at), None


def normal(typed: str) -> str:
    """Return the letters that count: people type small ones, spaces and dashes."""
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)


def spelled(user_code: str) -> str:
    return f"{user_code[:4]}-{user_code[4:]}"


def _keep(grant: DeviceGrant) -> str:
    """Save the grant with a code that no other has, and return that code."""
    while True:
        typed = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        grant.user_code = digest(typed)
        try:
            with transaction.atomic():
                grant.save(force_insert=True)
        except IntegrityError:
            continue  # Another device shows the same: once in many millions.
        return typed


def _answer(device: DeviceGrant, **changes: Any) -> None:
    """Take the one answer that a device has, whoever gives it."""
    waiting = DeviceGrant.objects.filter(
        pk=device.pk, status=DeviceGrant.AUTHORIZATION_PENDING, expires__gt=timezone.now()
    )
    if not waiting.update(**changes):
        raise NotWaiting("The device does not wait for this any more. Nothing was shared.")


def _pace(waiting: DeviceGrant, *, at: datetime) -> str:
    """Say that the answer is not there yet and, to who asks too often, to ask less often."""
    row = DeviceGrant.objects.filter(pk=waiting.pk)
    before = at - timedelta(seconds=waiting.interval)
    if row.filter(Q(last_checked=None) | Q(last_checked__lte=before)).update(last_checked=at):
        return PENDING
    row.update(last_checked=at, interval=F("interval") + INTERVAL)
    return SLOW_DOWN


def _claim(found: DeviceGrant, *, at: datetime) -> tuple[str, DeviceGrant | None]:
    """Use the code up while its arrangement is held, or learn that another request was faster."""
    client = found.application
    held: DeviceGrant | None = DeviceGrant.objects.held(
        client.pk, device_code=found.device_code
    ).first()
    if held is None or not held.is_live(at=at):
        return INVALID, None
    held.application = client
    if not DeviceGrant.objects.filter(pk=held.pk, used_at=None).update(used_at=at):
        return _replayed(held), None
    return AUTHORIZED, held


def _refusal(found: DeviceGrant, *, at: datetime) -> str:
    if at >= found.expires:
        return EXPIRED
    return DENIED if found.status == DeviceGrant.DENIED else _pace(found, at=at)


def _replayed(grant: DeviceGrant) -> str:
    families.end_replayed(OAuthEvent.CODE_REPLAYED, grant, grant.family)
    return INVALID


def _take_try(kind: str, who: str) -> None:
    name = f"device-tries:{kind}:{who}"
    try:
        tries = count_try(name, within=TRIES_WINDOW)
    except redis.RedisError as error:
        raise StoreAway from error
    if tries > MAX_TRIES[kind]:
        raise TooManyTries("Too many codes were tried. Wait ten minutes, then try again.")
