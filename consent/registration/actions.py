"""What can be done about clients that programs register (RFC 7591, RFC 7592)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.plans.models import Environment
from catalog.scopes.models import Scope
from consent.oauth.authentication import methods_supported
from consent.registration.description import Description
from consent.registration.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    InvalidToken,
    NotByProgram,
    RegistrationRefused,
)
from consent.registration.events import RegistrationEvent
from consent.registration.models import InitialToken, Registration
from partners.applications import actions as applications
from partners.applications import details, security, sign_in
from partners.applications.models import Client, DataUse
from partners.applications.profiles import SECRETS
from partners.applications.uses import WantedUse
from partners.organizations.models import Organization
from partners.organizations.words import https_address, plain_line
from portal.access.actors import Actor, Role
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record
from portal.secrets import digest, new_secret

INITIAL_PREFIX = "mia_"
MANAGING_PREFIX = "mra_"
MAX_LIVE = 5
MAX_COUNT = 50
MAX_DAYS = 30
TAGLINE = "Registered by program"
_MAX_LENGTH = 200


class NotApproved(Conflict):
    code = "organization_not_approved"


class TooManyTokens(Conflict):
    code = "too_many_initial_tokens"


@dataclass(frozen=True, slots=True)
class Registered:
    """A client and what is said only now; `secret` is empty where nothing new was made."""

    registration: Registration
    client: Client
    managing_token: str = field(repr=False)
    secret: str = field(default="", repr=False)


@transaction.atomic
def issue_initial_token(
    organization: Organization, *, by: Actor, count: int, days: int
) -> tuple[InitialToken, str]:
    """Return a token that registers so many clients, and its one text."""
    require(by, Permission.ALLOW_REGISTRATION, organization_id=organization.pk)
    # One at a time in an organization, so that two cannot both find room.
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.status != Organization.Status.APPROVED:
        raise NotApproved("Programs can register clients once your organisation is approved.")
    now = timezone.now()
    if InitialToken.objects.live(at=now).filter(organization=organization).count() >= MAX_LIVE:
        raise TooManyTokens(f"{MAX_LIVE} tokens are live. Revoke one of them first.")
    raw = new_secret(INITIAL_PREFIX)
    token = InitialToken.objects.create(
        organization=organization,
        digest=digest(raw),
        hint=raw[-4:],
        issued_by_id=by.person_id,
        issued_at=now,
        expires_at=now + timedelta(days=days),
        max_count=count,
    )
    record(RegistrationEvent.ALLOWED, token, by=by, organization_id=organization.pk, count=count)
    return token, raw


@transaction.atomic
def revoke_initial_token(token: InitialToken, *, by: Actor) -> None:
    """Let the token register nothing more; the clients that it registered stay."""
    organization_id = token.organization_id
    require(by, Permission.STOP_REGISTRATION, organization_id=organization_id)
    kept = InitialToken.objects.filter(pk=token.pk, revoked_at=None)
    if not kept.update(revoked_at=timezone.now()):
        raise Conflict("This token was revoked before.", code="already_revoked")
    record(RegistrationEvent.STOPPED, token, by=by, organization_id=organization_id)


@transaction.atomic
def register(raw: str, said: Description) -> Registered:
    """Register a sandbox application of the token's organization; a refusal uses nothing up."""
    token = _use(raw, at=timezone.now())
    organization = token.organization
    by = _acting(f"initial_token:{token.pk}", f"The initial access token {token}", organization)
    with _in_their_words():
        _require_plain(said)
        application = applications.register_application(
            organization,
            by=by,
            name=said.name,
            tagline=TAGLINE,
            redirect_uris=list(said.redirect_uris),
            uses=_uses(organization, said),
            homepage_url=said.homepage_url,
            privacy_url=said.privacy_url,
        )
        client = application.clients.select_related("application__organization").get()
        secret = _set_up(client, said, by=by)
    managing_token = new_secret(MANAGING_PREFIX)
    registration = Registration.objects.create(
        client=client, token=token, digest=digest(managing_token)
    )
    return Registered(registration, client, managing_token, secret)


def find(client_id: str, raw: str) -> Registered:
    """Return the registration that the token manages; raise `InvalidToken` for all else alike."""
    found = None
    if len(raw) <= _MAX_LENGTH and raw.isascii():
        found = (
            Registration.objects.select_related("client__application__organization")
            .filter(client__client_id=client_id, digest=digest(raw))
            .first()
        )
    if found is None or not found.client.is_live:
        raise InvalidToken("This token manages no such client.")
    return Registered(found, found.client, raw)


@transaction.atomic
def replace(found: Registered, said: Description) -> Registered:
    """Put a new description in the place of the old one (RFC 7592 §2.2)."""
    client = found.client
    application = client.application
    if said.name != application.name:
        raise InvalidClientMetadata("client_name stays: customers know the application by it.")
    by = _managing(client)
    with _in_their_words():
        _require_plain(said)
        uses = _uses(application.organization, said)
        applications.change_redirect_uris(client, by=by, redirect_uris=list(said.redirect_uris))
        if sorted(use.scope for use in uses) != sorted(scopes_of(client)):
            applications.change_uses(application, by=by, uses=uses)
        secret = _set_up(client, said, by=by)
    return Registered(found.registration, client, found.managing_token, secret)


@transaction.atomic
def remove(found: Registered) -> None:
    """End the client for good (RFC 7592 §2.3), as long as no customer can have used it."""
    application = found.client.application
    if application.clients.filter(environment=Environment.PRODUCTION).exists():
        raise NotByProgram("This application has a production client: close it in the portal.")
    applications.close_application(application, by=_managing(found.client))


def scopes_of(client: Client) -> list[str]:
    return list(client.application.data_uses.order_by("pk").values_list("scope__name", flat=True))


def _use(raw: str, *, at: datetime) -> InitialToken:
    """Take one of the token's uses; of many at once only so many find one."""
    if len(raw) > _MAX_LENGTH or not raw.isascii():
        raise InvalidToken("This initial access token is not one of ours.")
    # No join: only conditions on its own row are read again by an UPDATE that had to wait.
    live = InitialToken.objects.live(at=at).filter(digest=digest(raw))
    if not live.update(used_count=F("used_count") + 1):
        raise InvalidToken("This initial access token is unknown, used up, revoked or has ended.")
    token = InitialToken.objects.select_related("organization").get(digest=digest(raw))
    if token.organization.status != Organization.Status.APPROVED:
        raise InvalidToken("The organization of this token may not register anything now.")
    return token


def _set_up(client: Client, said: Description, *, by: Actor) -> str:
    """Keep how the client proves itself; return a secret if it needs one and has none."""
    if said.method.value not in methods_supported():
        raise InvalidClientMetadata(f"{said.method} does not work here.")
    if said.has_keys:
        security.set_client_keys(
            client,
            by=by,
            jwks=said.jwks,
            jwks_uri=said.jwks_uri,
            certificate_subject=said.certificate_subject,
            replace_all=True,
        )
    security.set_client_habits(client, by=by, method=said.method, is_dpop_bound=said.is_dpop_bound)
    details.name_detail_types(client, by=by, types=said.detail_types)
    _set_sign_in(client, said, by=by)
    has_secret = client.credentials.live(at=timezone.now()).exists()
    if said.method not in SECRETS or has_secret:
        return ""
    return applications.issue_credential(client, by=by)[1]


def _set_sign_in(client: Client, said: Description, *, by: Actor) -> None:
    wanted = sign_in.SignIn(
        said.id_token_algorithm, said.post_logout_redirect_uris, said.backchannel_logout_uri
    )
    if wanted != sign_in.SignIn.of(client):
        sign_in.change_sign_in(client, by=by, **asdict(wanted))


def _uses(organization: Organization, said: Description) -> list[WantedUse]:
    """Return what the client may ask for: open scopes, and what the organization has explained.

    Customers read why a scope is wanted. A program cannot say that, so the words are those that
    the organization's people wrote when they last asked for the same scope.
    """
    opening = set(
        Scope.objects.filter(name__in=said.scopes, cluster_code="").values_list("name", flat=True)
    )
    explained = {
        use.scope.name: use
        for use in DataUse.objects.filter(
            application__organization=organization, scope__name__in=said.scopes
        )
        .select_related("scope", "purpose")
        .order_by("pk")
    }
    unknown = [name for name in said.scopes if name not in opening | explained.keys()]
    if unknown:
        raise InvalidClientMetadata(
            f"Say in the portal first what you want this for: {' '.join(unknown)}"
        )
    return [
        WantedUse(name, None, why="", is_required=False, retention_days=0)
        if name in opening
        else _again(explained[name])
        for name in said.scopes
    ]


def _again(use: DataUse) -> WantedUse:
    return WantedUse(
        use.scope.name,
        use.purpose.code if use.purpose else None,
        why=use.why,
        is_required=use.is_required,
        retention_days=use.retention_days,
    )


def _require_plain(said: Description) -> None:
    plain_line(said.name)
    for url in filter(None, (said.homepage_url, said.privacy_url)):
        https_address(url)


@contextmanager
def _in_their_words() -> Iterator[None]:
    """Say a refusal of the portal as RFC 7591 §3.2.2 does."""
    try:
        yield
    except RegistrationRefused:
        raise
    except applications.RedirectRefused as error:
        raise InvalidRedirectUri(str(error)) from error
    except Refused as error:
        raise InvalidClientMetadata(str(error)) from error
    except ValidationError as error:
        raise InvalidClientMetadata(error.messages[0]) from error


def _managing(client: Client) -> Actor:
    organization = client.application.organization
    return _acting(f"client:{client.client_id}", str(client.application), organization)


def _acting(name: str, title: str, organization: Organization) -> Actor:
    """Return an actor that may do in its organization what a developer may."""
    developer = frozenset({Role.DEVELOPER})
    return Actor(id=name, name=title, memberships={organization.pk: developer})
