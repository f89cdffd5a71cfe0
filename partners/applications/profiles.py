"""What a client must do, by its security profile: the one table that everything else reads.

`sandbox` is for the first hour: a secret is enough. `fapi2` is the FAPI 2.0 Security Profile
(§5.3.2), which production starts with; `fapi2-message-signing` adds signed requests and signed
answers (FAPI 2.0 Message Signing §5.3, §5.4, §5.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices


class Profile(TextChoices):
    SANDBOX = "sandbox", "Sandbox"
    FAPI2 = "fapi2", "FAPI 2.0"
    FAPI2_MESSAGE_SIGNING = "fapi2-message-signing", "FAPI 2.0 with signed messages"


class Method(TextChoices):
    """How a client proves who it is (RFC 7591 §2, RFC 8705 §2)."""

    SECRET_BASIC = "client_secret_basic", "Secret in the header"
    SECRET_POST = "client_secret_post", "Secret in the body"
    PRIVATE_KEY_JWT = "private_key_jwt", "Signed with a private key"
    TLS = "tls_client_auth", "Certificate of a certificate authority"
    SELF_SIGNED_TLS = "self_signed_tls_client_auth", "Certificate of your own"


class TokenFormat(StrEnum):
    OPAQUE = "opaque"
    JWT = "at+jwt"


SECRETS = frozenset({Method.SECRET_BASIC, Method.SECRET_POST})
ASYMMETRIC = frozenset({Method.PRIVATE_KEY_JWT, Method.TLS, Method.SELF_SIGNED_TLS})
# FAPI 2.0 Security Profile §5.4.1; never RS256, never a shared secret.
ALGORITHMS = ("ES256", "PS256", "EdDSA")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a profile asks of a client; `True` means that anything less is refused."""

    methods: frozenset[Method]
    sender_constrained: bool
    pushed_requests: bool
    signed_requests: bool
    signed_responses: bool
    rotates_refresh_tokens: bool
    # A code that one person reads out and another types cannot be bound to a browser.
    device_codes: bool
    token_format: TokenFormat


REQUIREMENTS: Mapping[Profile, Requirements] = {
    Profile.SANDBOX: Requirements(
        methods=SECRETS | ASYMMETRIC,
        sender_constrained=False,
        pushed_requests=False,
        signed_requests=False,
        signed_responses=False,
        rotates_refresh_tokens=True,
        device_codes=True,
        token_format=TokenFormat.OPAQUE,
    ),
    Profile.FAPI2: Requirements(
        methods=ASYMMETRIC,
        sender_constrained=True,
        pushed_requests=True,
        signed_requests=False,
        signed_responses=False,
        rotates_refresh_tokens=False,
        device_codes=False,
        token_format=TokenFormat.JWT,
    ),
    Profile.FAPI2_MESSAGE_SIGNING: Requirements(
        methods=ASYMMETRIC,
        sender_constrained=True,
        pushed_requests=True,
        signed_requests=True,
        signed_responses=True,
        rotates_refresh_tokens=False,
        device_codes=False,
        token_format=TokenFormat.JWT,
    ),
}


# One line for whoever chooses: what the profile is good for.
MEANINGS: Mapping[Profile, str] = {
    Profile.SANDBOX: "A secret is enough. For trials, never for customers’ own data.",
    Profile.FAPI2: "A key instead of a secret, tokens bound to that key, requests pushed first.",
    Profile.FAPI2_MESSAGE_SIGNING: "The same, and what is asked and answered is signed, as proof.",
}


def requirements_of(profile: str) -> Requirements:
    return REQUIREMENTS[Profile(profile)]


def strictest(profiles: Iterable[str]) -> Profile:
    """Return the one that asks most; the enumeration goes from the loosest to the strictest."""
    return max(map(Profile, profiles), key=list(Profile).index)
