"""How a client signs customers in with OpenID Connect, and hears that they signed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction

from partners.applications.events import ApplicationEvent
from partners.applications.models import Application, Client
from partners.applications.profiles import ALGORITHMS
from partners.applications.redirects import may_go_live, validate_redirect_uris
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a client signs customers in, as it stands or as it should be."""

    algorithm: str
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str

    @classmethod
    def of(cls, client: Client) -> Self:
        return cls(
            client.id_token_signed_response_alg,
            tuple(client.post_logout_redirect_uris.split()),
            client.backchannel_logout_uri,
        )


class SignInRefused(Refused):
    code = "sign_in_refused"


@transaction.atomic
def change_sign_in(
    client: Client,
    *,
    by: Actor,
    algorithm: str,
    post_logout_redirect_uris: Sequence[str],
    backchannel_logout_uri: str,
) -> None:
    """Say how this client's id tokens are signed, and where it hears that somebody signed out."""
    application = client.application
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    if application.status == Application.Status.CLOSED:
        raise Conflict(f"{application} is closed.", code="client_not_live")
    if algorithm not in ALGORITHMS:
        raise _refusal("algorithm", f"Id tokens are signed with {', '.join(ALGORITHMS)}.")
    _check("post_logout_redirect_uris", post_logout_redirect_uris, client)
    if backchannel_logout_uri:
        _check("backchannel_logout_uri", [backchannel_logout_uri], client)
    client.id_token_signed_response_alg = algorithm
    client.post_logout_redirect_uris = " ".join(post_logout_redirect_uris)
    client.backchannel_logout_uri = backchannel_logout_uri
    fields = ["id_token_signed_response_alg", "post_logout_redirect_uris", "backchannel_logout_uri"]
    client.save(update_fields=[*fields, "updated"])
    record(
        ApplicationEvent.SIGN_IN_CHANGED,
        client,
        by=by,
        organization_id=application.organization_id,
        application=application.slug,
        client_id=client.client_id,
        environment=client.environment,
        algorithm=algorithm,
    )


def _check(field: str, uris: Sequence[str], client: Client) -> None:
    """Refuse what could be read in two ways, and plain http outside of the sandbox."""
    try:
        validate_redirect_uris(uris)
    except ValidationError as error:
        raise _refusal(field, error.messages[0]) from error
    if not client.is_sandbox and not all(map(may_go_live, uris)):
        raise _refusal(field, "Use https in production.")


def _refusal(field: str, message: str) -> SignInRefused:
    return SignInRefused(message, errors={field: [message]})
