from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalog.plans.models import Environment
from partners.applications.clients import open_client, save_with_free_slug
from partners.applications.credentials import LEAKED, MAX_LIVE, PREFIX
from partners.applications.events import ApplicationEvent
from partners.applications.models import Application, Client, Credential, DataUse
from partners.applications.profiles import Profile
from partners.applications.redirects import may_go_live, validate_redirect_uris
from partners.applications.uses import CheckedUse, WantedUse, check_uses
from partners.organizations.models import Organization
from portal import secrets
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record

# What a production client must do until its reviewers choose more: no secret opens production.
NEW_IN_PRODUCTION = Profile.FAPI2


class NameTaken(Conflict):
    code = "name_taken"


class TooManySecrets(Conflict):
    code = "too_many_secrets"


class LastSecret(Conflict):
    code = "last_secret"


class NotWorking(Conflict):
    code = "client_not_live"


class SecretRefused(Refused):
    """The client's profile takes a key or a certificate, so a secret would open nothing."""

    code = "secret_not_accepted"


class RedirectRefused(Refused):
    code = "redirect_uri_refused"


@transaction.atomic
def register_application(
    organization: Organization,
    *,
    by: Actor,
    name: str,
    tagline: str,
    redirect_uris: list[str],
    uses: Sequence[WantedUse],
    homepage_url: str = "",
    privacy_url: str = "",
) -> Application:
    """Register an application; its sandbox client works from now on."""
    require(by, Permission.REGISTER_APPLICATION, organization_id=organization.pk)
    _refuse_bad(redirect_uris)
    checked = check_uses(uses, organization_id=organization.pk)
    # One registration at a time in an organization: two could take the same name.
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.status in {Organization.Status.SUSPENDED, Organization.Status.CLOSED}:
        raise NotWorking(f"{organization} is {organization.status}.", code="organization_not_open")
    if organization.applications.filter(name__iexact=name).exists():
        message = f"You already have an application called {name}."
        raise NameTaken(message, errors={"name": [message]})
    application = save_with_free_slug(
        Application(
            organization=organization,
            name=name,
            tagline=tagline,
            homepage_url=homepage_url,
            privacy_url=privacy_url,
        )
    )
    client = open_client(application, Environment.SANDBOX, redirect_uris)
    _keep_uses(application, checked)
    scopes = [use.scope.name for use in checked]
    client_id = client.client_id
    _record(ApplicationEvent.REGISTERED, application, by=by, client_id=client_id, scopes=scopes)
    return application


@transaction.atomic
def change_uses(application: Application, *, by: Actor, uses: Sequence[WantedUse]) -> None:
    """Ask for other things. The sandbox follows at once, production only after a new review."""
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    checked = check_uses(uses, organization_id=application.organization_id)
    Application.objects.select_for_update().get(pk=application.pk)
    application.data_uses.all().delete()
    _keep_uses(application, checked)
    scopes = [use.scope.name for use in checked]
    _record(ApplicationEvent.USES_CHANGED, application, by=by, scopes=scopes)


@transaction.atomic
def open_production_client(application: Application, *, by: Actor) -> Client:
    """Return the production client, opened now if need be; it works once access is approved."""
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    Application.objects.select_for_update().get(pk=application.pk)
    known = application.clients.filter(environment=Environment.PRODUCTION).first()
    if known is not None:
        return known
    sandbox = application.clients.get(environment=Environment.SANDBOX)
    redirect_uris = [uri for uri in sandbox.redirect_uris.split() if may_go_live(uri)]
    client = open_client(
        application, Environment.PRODUCTION, redirect_uris, profile=NEW_IN_PRODUCTION
    )
    _record(ApplicationEvent.CLIENT_OPENED, application, by=by, about=client, **_names(client))
    return client


@transaction.atomic
def change_redirect_uris(client: Client, *, by: Actor, redirect_uris: list[str]) -> None:
    application = client.application
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    _refuse_bad(redirect_uris)
    is_production = client.environment == Environment.PRODUCTION
    if is_production and not all(map(may_go_live, redirect_uris)):
        message = "Use https in production."
        raise RedirectRefused(message, errors={"redirect_uris": [message]})
    client.redirect_uris = " ".join(redirect_uris)
    client.save(update_fields=["redirect_uris", "updated"])
    _record(ApplicationEvent.REDIRECTS_CHANGED, application, by=by, about=client, **_names(client))


@transaction.atomic
def issue_credential(
    client: Client, *, by: Actor, expires_at: datetime | None = None
) -> tuple[Credential, str]:
    """Return a new secret. It is kept as a digest only, so this is the one time it is seen."""
    organization_id = client.application.organization_id
    require(by, Permission.ISSUE_CREDENTIAL, organization_id=organization_id)
    # The lock keeps two requests from both counting one live secret.
    client = Client.objects.select_for_update(of=("self",)).select_related(
        "application__organization"
    ).get(pk=client.pk)  # fmt: skip
    if not client.is_live:
        raise NotWorking(f"{client.application} cannot be used here now, so it needs no secret.")
    if not client.takes_secrets:
        raise SecretRefused(f"{client} proves who it is with a key or a certificate. Register one.")
    now = timezone.now()
    if client.credentials.live(at=now).count() >= MAX_LIVE:
        raise TooManySecrets("Two secrets are live. Revoke one of them first.")
    if expires_at is not None and expires_at <= now:
        raise Refused("Choose an end that has not passed.", code="ends_in_the_past")
    secret = secrets.new_secret(PREFIX)
    credential = Credential.objects.create(
        client=client,
        digest=secrets.digest(secret),
        hint=secret[-4:],
        issued_by_id=by.person_id,
        issued_at=now,
        expires_at=expires_at,
    )
    _record(
        ApplicationEvent.CREDENTIAL_ISSUED,
        client.application,
        by=by,
        about=credential,
        **_names(client),
    )
    return credential, secret


@transaction.atomic
def revoke_credential(credential: Credential, *, by: Actor, reason: str) -> None:
    """Stop a secret from the next request on.

    The last way to prove who it is is taken from a client only because it leaked.
    """
    application = credential.client.application
    require(by, Permission.REVOKE_CREDENTIAL, organization_id=application.organization_id)
    now = timezone.now()
    # One at a time: two could each take what the other leaves.
    client = Client.objects.select_for_update().get(pk=credential.client_id)
    others = client.credentials.live(at=now).exclude(pk=credential.pk)
    if reason != LEAKED and not client.has_keys and not others.exists():
        raise LastSecret(
            "No other secret works. Make a new one first, or say that this one leaked."
        )
    if not Credential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=now):
        raise Conflict("This secret was revoked before.", code="already_revoked")
    credential.revoked_at = now
    _record(
        ApplicationEvent.CREDENTIAL_REVOKED,
        application,
        by=by,
        about=credential,
        reason=reason,
        **_names(credential.client),
    )


@transaction.atomic
def make_live(application: Application, *, by: Actor) -> None:
    """Let the production client work; an application that is live stays so."""
    require(by, Permission.REVIEW)
    if application.status == Application.Status.LIVE:
        return
    if application.status == Application.Status.SUSPENDED:
        raise NotWorking(f"{application} is suspended.", code="application_suspended")
    application.move_to(Application.Status.LIVE, live_at=timezone.now())
    _record(ApplicationEvent.LIVE, application, by=by)


@transaction.atomic
def suspend_application(application: Application, *, by: Actor, reason: str) -> None:
    """Stop both clients of the application from the next request on."""
    require(by, Permission.SUSPEND_APPLICATION)
    application.move_to(Application.Status.SUSPENDED, suspended_at=timezone.now())
    _record(ApplicationEvent.SUSPENDED, application, by=by, reason=reason)


@transaction.atomic
def reinstate_application(application: Application, *, by: Actor) -> None:
    """Bring the application back to where it was."""
    require(by, Permission.SUSPEND_APPLICATION)
    was_live = application.live_at is not None
    status = Application.Status.LIVE if was_live else Application.Status.SANDBOX
    if application.status != Application.Status.SUSPENDED:
        raise Conflict(f"{application} is not suspended.")
    application.move_to(status, suspended_at=None)
    _record(ApplicationEvent.REINSTATED, application, by=by)


@transaction.atomic
def close_application(application: Application, *, by: Actor) -> None:
    """End both clients for good; what they did stays in the log."""
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    application.move_to(Application.Status.CLOSED, closed_at=timezone.now(), suspended_at=None)
    _record(ApplicationEvent.CLOSED, application, by=by)


def _record(
    kind: ApplicationEvent,
    application: Application,
    *,
    by: Actor,
    about: Client | Credential | None = None,
    **facts: Any,
) -> None:
    record(
        kind,
        about or application,
        by=by,
        organization_id=application.organization_id,
        application=application.slug,
        **facts,
    )


def _names(client: Client) -> dict[str, Any]:
    return {"client_id": client.client_id, "environment": client.environment}


def _keep_uses(application: Application, uses: list[CheckedUse]) -> None:
    DataUse.objects.bulk_create(
        DataUse(
            application=application,
            scope=use.scope,
            purpose=use.purpose,
            why=use.why,
            is_required=use.is_required,
            retention_days=use.retention_days,
            max_days=use.max_days,
            look_back_days=use.look_back_days,
        )
        for use in uses
    )


def _refuse_bad(redirect_uris: list[str]) -> None:
    try:
        validate_redirect_uris(redirect_uris)
    except ValidationError as error:
        raise RedirectRefused(
            error.messages[0], errors={"redirect_uris": error.messages}
        ) from error
