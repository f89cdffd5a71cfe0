"""Resource indicators (RFC 8707): which API a token is for, named as clients call it.

A resource is an API of the catalog at the gateway, `<gateway>/<api>`, or one published version of
it, `<gateway>/<api>/<version>`, spelled exactly so. A token without any is for all that its client
may call.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from consent.oauth.parameters import Parameters
from consent.proofs.errors import OAuthError
from partners.applications.models import Client
from partners.subscriptions.access import access_of

MAX_RESOURCES = 10


class InvalidTarget(OAuthError):
    """Not an API that this client may call (RFC 8707 §2)."""

    code = "invalid_target"


def read_resources(
    parameters: Parameters, *, client: Client, at: datetime, within: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the resources that are asked for, each once, or those `within` which nothing is.

    `within` is what was granted before, and may only be narrowed. Raises `InvalidTarget`.
    """
    asked = tuple(dict.fromkeys(parameters.get("resource").split()))
    if not asked:
        return tuple(within)
    if len(asked) > MAX_RESOURCES:
        raise InvalidTarget(f"Name at most {MAX_RESOURCES} resources.")
    if within and not all(is_within(resource, within) for resource in asked):
        raise InvalidTarget("A resource is none of those that were granted.")
    _require_callable(asked, client, at=at)
    return asked


def address_of(api_slug: str, label: str = "") -> str:
    """Return the resource that names an API, or one version of it."""
    return "/".join(filter(None, (settings.GATEWAY_URL, api_slug, label)))


def covers(resources: Collection[str], *, api_slug: str, label: str) -> bool:
    """Whether a token for these resources may be shown to that version of that API."""
    return not resources or not {address_of(api_slug), address_of(api_slug, label)}.isdisjoint(
        resources
    )


def covers_api(resources: Collection[str], api_slug: str) -> bool:
    """Whether something of that API is among the resources."""
    address = address_of(api_slug)
    return not resources or any(
        resource == address or resource.startswith(f"{address}/") for resource in resources
    )


def is_within(resource: str, granted: Collection[str]) -> bool:
    """Whether a resource is one of the granted ones, or a version of a granted API."""
    return resource in granted or resource.rpartition("/")[0] in granted


def _require_callable(asked: Sequence[str], client: Client, *, at: datetime) -> None:
    named = {resource: _named(resource) for resource in asked}
    published = _published({slug for slug, _ in named.values()})
    for slug, label in named.values():
        if (slug, label) not in published:
            raise InvalidTarget("A resource is no published API at the gateway.")
    for slug in {slug for slug, _ in named.values()}:
        if access_of(client, api_slug=slug, at=at) is None:
            raise InvalidTarget("A resource is an API that this client has no access to.")


def _named(resource: str) -> tuple[str, str]:
    """Return the API and the version, or no version, that a resource spells."""
    path = resource.removeprefix(f"{settings.GATEWAY_URL}/")
    slug, _, label = path.partition("/")
    if address_of(slug, label) != resource:
        raise InvalidTarget("A resource is no address of an API at the gateway.")
    return slug, label


def _published(slugs: Collection[str]) -> set[tuple[str, str]]:
    versions = (
        ApiVersion.objects.answering(at=timezone.now())
        .filter(
            api__slug__in=slugs,
            api__status__in=[Api.Status.PUBLISHED, Api.Status.DEPRECATED],
        )
        .values_list("api__slug", "label")
    )
    found = set(versions)
    return found | {(slug, "") for slug, _ in found}
