from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.applications.models import Application
from partners.organizations.models import Organization
from partners.webhooks.addresses import valid_address
from partners.webhooks.challenge import challenge_of
from partners.webhooks.envelope import body_of
from partners.webhooks.events import WebhookEvent
from partners.webhooks.models import Endpoint, Message
from portal import secrets
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, NotFound
from portal.events.hints import hint
from portal.events.log import record
from portal.events.models import Event
from portal.signing import new_secret

MAX_ENDPOINTS = 10
OVERLAP = timedelta(hours=72)


@transaction.atomic
def add_endpoint(
    organization: Organization,
    *,
    by: Actor,
    url: str,
    application: Application | None = None,
    format: str = Endpoint.Format.STANDARD,  # noqa: A002 - the field's name
) -> tuple[Endpoint, str]:
    """Return the endpoint and its secret, which is readable this once.

    The secret signs Standard Webhooks; a Security Event Token is signed by the issuer's own key.
    """
    require(by, Permission.MANAGE_WEBHOOKS, organization_id=organization.pk)
    valid_address(url)
    if application is not None and application.organization_id != organization.pk:
        raise NotFound("That application is not one of yours.")
    Organization.objects.select_for_update().get(pk=organization.pk)
    if Endpoint.objects.filter(organization=organization).count() >= MAX_ENDPOINTS:
        raise Conflict(f"You have {MAX_ENDPOINTS} addresses already.", code="too_many_endpoints")
    try:
        with transaction.atomic():
            endpoint = Endpoint.objects.create(
                organization=organization, application=application, url=url, format=format
            )
    except IntegrityError as error:
        raise Conflict("You have that address already.", code="endpoint_exists") from error
    secret = _sealed(endpoint)
    endpoint.save(update_fields=["sealed_secret"])
    event = _record(WebhookEvent.ADDED, endpoint, by=by)
    _queue(event, endpoint)
    return endpoint, secret


@transaction.atomic
def roll_secret(endpoint: Endpoint, *, by: Actor, is_leaked: bool = False) -> str:
    """Return a new secret; for three days each message is signed with the old one as well.

    One that leaked signs nothing more from now on.
    """
    endpoint = _locked(endpoint, by=by)
    if not endpoint.is_signed_by_secret:
        raise Conflict("Tokens are signed with our published keys; there is no secret to change.")
    endpoint.previous_secret = "" if is_leaked else endpoint.sealed_secret
    endpoint.previous_ends_at = None if is_leaked else timezone.now() + OVERLAP
    secret = _sealed(endpoint)
    endpoint.save(update_fields=["sealed_secret", "previous_secret", "previous_ends_at"])
    reason = "leaked" if is_leaked else ""
    _record(WebhookEvent.SECRET_ROLLED, endpoint, by=by, reason=reason)
    return secret


@transaction.atomic
def try_endpoint(endpoint: Endpoint, *, by: Actor) -> None:
    endpoint = _locked(endpoint, by=by)
    _refuse_if_disabled(endpoint)
    _queue(_record(WebhookEvent.TESTED, endpoint, by=by), endpoint)


@transaction.atomic
def disable_endpoint(endpoint: Endpoint, *, by: Actor, reason: str = "by_hand") -> None:
    require(by, Permission.MANAGE_WEBHOOKS, organization_id=endpoint.organization_id)
    endpoint.move_to(Endpoint.Status.DISABLED, disabled_at=timezone.now(), disabled_reason=reason)
    _record(WebhookEvent.DISABLED, endpoint, by=by, reason=reason)


@transaction.atomic
def enable_endpoint(endpoint: Endpoint, *, by: Actor) -> None:
    require(by, Permission.MANAGE_WEBHOOKS, organization_id=endpoint.organization_id)
    endpoint.move_to(Endpoint.Status.PENDING, disabled_at=None, disabled_reason="")
    _queue(_record(WebhookEvent.ENABLED, endpoint, by=by), endpoint)


@transaction.atomic
def remove_endpoint(endpoint: Endpoint, *, by: Actor) -> None:
    endpoint = _locked(endpoint, by=by)
    _record(WebhookEvent.REMOVED, endpoint, by=by)
    endpoint.delete()


@transaction.atomic
def send_again(message: Message, *, by: Actor) -> None:
    """Try once more now; what was delivered is delivered again, under the same id."""
    endpoint = message.endpoint
    require(by, Permission.MANAGE_WEBHOOKS, organization_id=endpoint.organization_id)
    _refuse_if_disabled(endpoint)
    message = Message.objects.select_for_update().get(pk=message.pk)
    now = timezone.now()
    if message.status == Message.Status.WAITING:
        Message.objects.filter(pk=message.pk).update(next_attempt_at=now)
    else:
        message.move_to(Message.Status.WAITING, next_attempt_at=now)
    transaction.on_commit(_nudge)


@transaction.atomic
def queue_event(event: Event) -> int:
    """Write one message for each endpoint that hears of the event; the second time changes none."""
    body = body_of(event)
    listening = list(Endpoint.objects.told_of(event).filter(format=Endpoint.Format.STANDARD))
    Message.objects.bulk_create(
        [Message(event=event, endpoint=one, kind=event.kind, body=body) for one in listening],
        ignore_conflicts=True,
    )
    if listening:
        transaction.on_commit(_nudge)
    return len(listening)


@transaction.atomic
def queue_token(event: Event, endpoint: Endpoint, token: str) -> bool:
    """Write what the issuer signed for that endpoint; return whether it was not there yet."""
    _, is_new = Message.objects.get_or_create(
        event=event, endpoint=endpoint, defaults={"kind": event.kind, "body": token}
    )
    if is_new:
        transaction.on_commit(_nudge)
    return is_new


def _queue(event: Event, endpoint: Endpoint) -> None:
    """Write the trial of one endpoint. For a token the issuer hears of the event, and signs it."""
    if not endpoint.is_signed_by_secret:
        return
    body = body_of(event, challenge=challenge_of(event, endpoint))
    Message.objects.create(event=event, endpoint=endpoint, kind=event.kind, body=body)
    transaction.on_commit(_nudge)


def _locked(endpoint: Endpoint, *, by: Actor) -> Endpoint:
    require(by, Permission.MANAGE_WEBHOOKS, organization_id=endpoint.organization_id)
    return Endpoint.objects.select_for_update().get(pk=endpoint.pk)


def _refuse_if_disabled(endpoint: Endpoint) -> None:
    if endpoint.status == Endpoint.Status.DISABLED:
        raise Conflict("This address is switched off. Switch it on first.")


def _sealed(endpoint: Endpoint) -> str:
    secret = new_secret()
    endpoint.sealed_secret = secrets.seal(secret, context=secret_context(endpoint))
    return secret


def secret_context(endpoint: Endpoint) -> str:
    return f"webhooks_endpoint:{endpoint.pk}:secret"


def _record(kind: WebhookEvent, endpoint: Endpoint, *, by: Actor, reason: str = "") -> Event:
    return record(kind, endpoint, by=by, organization_id=endpoint.organization_id, reason=reason)


def _nudge() -> None:
    hint("partners.webhooks.tasks.deliver_webhooks")
