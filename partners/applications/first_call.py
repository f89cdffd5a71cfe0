"""What to paste into a terminal for the first answer from an API."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.apis.audience import Audience
from catalog.apis.models import Api, ApiVersion, Operation
from catalog.plans.models import Environment, Plan
from catalog.scopes.models import Scope
from partners.applications.models import Client


@dataclass(frozen=True, slots=True)
class FirstCall:
    """What to run; without an open scope, `call` is where a customer is sent first."""

    needs_customer: bool
    token: str
    call: str


def first_call(client: Client, secret: str) -> FirstCall:
    """Return the shortest way to an answer that this client's scopes allow."""
    operation = open_operation(client)
    basic = quote(f"{client.client_id}:{secret}")
    address = f"{settings.ISSUER}/oauth/token"
    if operation is None:
        return FirstCall(
            needs_customer=True,
            token=(
                f"curl -u {basic} -d grant_type=authorization_code \\\n"
                "  -d code=$CODE -d code_verifier=$VERIFIER \\\n"
                f"  -d redirect_uri={quote(_first_redirect(client))} \\\n"
                f"  {quote(address)}"
            ),
            call=_authorize_address(client),
        )
    scopes = quote(" ".join(operation.scopes))
    path = f"{operation.version.api.slug}/{operation.version.label}{operation.path}"
    return FirstCall(
        needs_customer=False,
        token=(
            f"TOKEN=$(curl -s -u {basic} \\\n"
            f"  -d grant_type=client_credentials -d scope={scopes} \\\n"
            f"  {quote(address)} \\\n"
            """  | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')"""
        ),
        call=f'curl -H "Authorization: Bearer $TOKEN" {quote(f"{settings.GATEWAY_URL}/{path}")}',
    )


def open_operation(client: Client) -> Operation | None:
    """Return something to read that needs no customer, of the scopes that were asked for."""
    uses = client.application.data_uses.filter(scope__cluster_code="")
    return _open_to(list(uses.values_list("scope__name", flat=True)))


def first_open_operation() -> Operation | None:
    """Return the same for whoever has not asked for any scope yet."""
    scopes = Scope.objects.filter(cluster_code="").values_list("name", flat=True)
    plans = Plan.objects.filter(
        environment=Environment.SANDBOX,
        approval=Plan.Approval.AUTOMATIC,
        api=OuterRef("version__api"),
    )
    return _open_to(list(scopes), Exists(plans))


def _open_to(scopes: list[str], *conditions: Exists) -> Operation | None:
    return (
        Operation.objects.filter(
            *conditions,
            version__in=ApiVersion.objects.answering(at=timezone.now()),
            version__api__status=Api.Status.PUBLISHED,
            version__api__audience=Audience.PUBLIC,
            method="GET",
            scopes__in=[[name] for name in scopes],
        )
        .exclude(path__contains="{")
        .select_related("version__api")
        .order_by("position", "pk")
        .first()
    )


def _authorize_address(client: Client) -> str:
    scopes = client.application.data_uses.values_list("scope__name", flat=True)
    query = urlencode(
        {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": _first_redirect(client),
            "scope": " ".join(scopes.order_by("scope__name")),
            "state": "xyz",
            "code_challenge_method": "S256",
        }
    )
    return f"{settings.ISSUER}/oauth/authorize?{query}&code_challenge=$CHALLENGE"


def _first_redirect(client: Client) -> str:
    return next(iter(client.redirect_uris.split()), "https://")
