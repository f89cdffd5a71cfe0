"""How an application and its clients get the names that they keep."""

from __future__ import annotations

import secrets as random

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.plans.models import Environment
from partners.applications.models import Application, Client
from partners.applications.profiles import Profile

RESERVED_SLUGS = frozenset({"new"})
# The engine's own column takes a password hash; this one matches nothing. See `Credential`.
NO_ENGINE_SECRET = "pbkdf2_sha256$1$none$none"  # noqa: S105 - no secret, on purpose


def open_client(
    application: Application,
    environment: Environment,
    redirect_uris: list[str],
    *,
    profile: Profile = Profile.SANDBOX,
) -> Client:
    """Open a client with a fresh client_id; `profile` decides what it must do from then on."""
    initials = "".join(word[0] for word in slugify(application.name).split("-") if word)[:4]
    kind = "live" if environment == Environment.PRODUCTION else "test"
    client: Client = Client.objects.create(
        application=application,
        environment=environment,
        profile=profile,
        name=application.name,
        client_id=f"{initials or 'app'}_{kind}_{random.token_hex(8)}",
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
        redirect_uris=" ".join(redirect_uris),
        client_secret=NO_ENGINE_SECRET,
    )
    return client


def save_with_free_slug(application: Application) -> Application:
    slug = slugify(application.name)[:70].strip("-") or "app"
    application.slug = f"{slug}-app" if slug in RESERVED_SLUGS else slug
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError:  # Another organization has that slug already.
        application.slug = f"{application.slug}-{random.token_hex(3)}"
        application.save()
    return application
