"""How a client proves who it is: what staff ask of it, and what its developers register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.applications.events import ApplicationEvent
from partners.applications.keys import (
    MAX_SUBJECT_LENGTH,
    kept_set,
    shown_keys,
    why_no_address,
)
from partners.applications.models import Application, Client
from partners.applications.profiles import Method, Profile
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import record
from portal.jwks import InvalidKeys
from portal.subjects import read_subject


class KeysRefused(Refused):
    code = "keys_refused"


class ProfileRefused(Refused):
    code = "profile_for_sandbox_only"


class NoOverlap(Conflict):
    code = "keys_without_overlap"


@transaction.atomic
def choose_profile(client: Client, *, by: Actor, profile: Profile) -> None:
    """Say what the client must do from its next request on; its secrets and keys stay on record."""
    require(by, Permission.CHOOSE_PROFILE)
    organization_id = client.application.organization_id
    if organization_id in by.memberships:
        raise NotAllowed("You belong to the organization, so somebody else must choose.")
    if profile == Profile.SANDBOX and not client.is_sandbox:
        raise ProfileRefused("In production a client proves itself by a key, never by a secret.")
    kept = Client.objects.select_for_update().get(pk=client.pk)
    if kept.profile == profile:
        return
    before, kept.profile = kept.profile, profile
    kept.save(update_fields=["profile", "updated"])
    client.profile = profile
    record(
        ApplicationEvent.PROFILE_CHOSEN,
        client,
        by=by,
        organization_id=organization_id,
        application=client.application.slug,
        client_id=client.client_id,
        environment=client.environment,
        before=before,
        profile=profile.value,
    )


@transaction.atomic
def set_client_keys(
    client: Client,
    *,
    by: Actor,
    jwks: str | Mapping[str, Any] | None = None,
    jwks_uri: str = "",
    certificate_subject: str = "",
    replace_all: bool = False,
) -> None:
    """Say by which key or certificate the client proves who it is: exactly one of the three.

    What was there before goes. A key set that has no key in common with the one before would lock
    out servers that still use the old key, so it is taken only with `replace_all`.
    """
    organization_id = client.application.organization_id
    require(by, Permission.SET_CLIENT_KEYS, organization_id=organization_id)
    if sum(map(bool, (jwks, jwks_uri, certificate_subject))) != 1:
        raise KeysRefused("Register a key set, its address, or a certificate: exactly one.")
    if client.application.status == Application.Status.CLOSED:
        raise Conflict(f"{client.application} is closed.", code="client_not_live")
    kept = Client.objects.select_for_update().get(pk=client.pk)
    before = {one.thumbprint for one in shown_keys(kept.client_jwks)}
    found = _key_set(jwks, kept) if jwks else None
    after = {one.thumbprint for one in shown_keys(found)}
    if before and after and before.isdisjoint(after) and not replace_all:
        why = "None of the keys that work now is in this set. Keep one, or replace all at once."
        raise NoOverlap(why, errors={"replace_all": [why]})
    kept.client_jwks = found
    kept.client_jwks_uri = _checked_address(jwks_uri)
    kept.tls_client_auth_subject_dn = _checked_subject(certificate_subject)
    kept.token_endpoint_auth_method = ""  # Whatever the profile allows and the keys can prove.
    fields = [
        "client_jwks",
        "client_jwks_uri",
        "tls_client_auth_subject_dn",
        "token_endpoint_auth_method",
    ]
    kept.save(update_fields=[*fields, "updated"])
    for name in fields:
        setattr(client, name, getattr(kept, name))
    record(
        ApplicationEvent.KEYS_SET,
        client,
        by=by,
        organization_id=organization_id,
        application=client.application.slug,
        client_id=client.client_id,
        environment=client.environment,
        way="jwks" if found else "jwks_uri" if jwks_uri else "certificate",
        added=sorted(after - before),
        removed=sorted(before - after),
    )


@transaction.atomic
def set_client_habits(client: Client, *, by: Actor, method: Method, is_dpop_bound: bool) -> None:
    """Hold the client to one way of proving who it is, and to DPoP if it says that it always will.

    Any other way that its profile would allow is refused from its next request on.
    """
    organization_id = client.application.organization_id
    require(by, Permission.SET_CLIENT_KEYS, organization_id=organization_id)
    if method not in client.requirements.methods:
        raise KeysRefused(f"The profile of this client does not allow {method}.")
    client.token_endpoint_auth_method = method
    client.dpop_bound_access_tokens = is_dpop_bound
    client.save(update_fields=["token_endpoint_auth_method", "dpop_bound_access_tokens", "updated"])
    record(
        ApplicationEvent.HABITS_SET,
        client,
        by=by,
        organization_id=organization_id,
        application=client.application.slug,
        client_id=client.client_id,
        environment=client.environment,
        method=method.value,
        is_dpop_bound=is_dpop_bound,
    )


def _key_set(jwks: str | Mapping[str, Any], client: Client) -> dict[str, Any]:
    try:
        return kept_set(jwks, before=client.client_jwks, at=timezone.now())
    except InvalidKeys as refusal:
        raise InvalidKeys(str(refusal), errors={"jwks": [str(refusal)]}) from refusal


def _checked_address(url: str) -> str:
    if url and (why := why_no_address(url)):
        raise KeysRefused(why, errors={"jwks_uri": [why]})
    return url


def _checked_subject(name: str) -> str:
    if name and (len(name) > MAX_SUBJECT_LENGTH or read_subject(name) is None):
        why = "Write the subject as RFC 4514 does, such as CN=app.example,O=Example,C=LT."
        raise KeysRefused(why, errors={"certificate_subject": [why]})
    return name
