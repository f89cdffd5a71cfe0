"""Tokens of the sandbox that the portal holds itself, for one call that a partner tries out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken
from consent.oauth.tokens import ACCESS_PREFIX, new_token
from partners.applications.models import Client
from portal.errors import Refused
from portal.secrets import digest
from portal.written import insert

LIFETIME = timedelta(seconds=30)


class SandboxOnly(Refused):
    code = "sandbox_only"


@contextmanager
def trial_token(
    client: Client, *, scopes: Collection[str], arrangement: Arrangement | None
) -> Iterator[str]:
    """Give a token that ends with the block; nobody but the portal ever sees it.

    It stands for the customer of the arrangement, running or not: whether it may pass is for the
    gateway's decision to say. Without one it is the client's own.
    """
    if not client.is_sandbox:
        raise SandboxOnly("Only a sandbox client can try a call here.")
    raw = new_token(ACCESS_PREFIX)
    issued = AccessToken(
        application=client,
        scope=" ".join(sorted(scopes)),
        expires=timezone.now() + LIFETIME,
        token_checksum=digest(raw),
    )
    if arrangement is not None:
        issued.user, issued.arrangement = arrangement.customer.user, arrangement
        issued.version_number, issued.epoch = arrangement.version_number, arrangement.epoch
    insert(issued)
    try:
        yield raw
    finally:
        ended = AccessToken.objects.filter(token_checksum=issued.token_checksum)
        ended.update(revoked_at=timezone.now())
