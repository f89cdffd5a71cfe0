"""What a client must do, in the words of its developers: a row for each rule of its profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from partners.applications.profiles import SECRETS, Requirements, TokenFormat


@dataclass(frozen=True, slots=True)
class Duty:
    """`standard` is where the rule is written down."""

    subject: str
    rule: str
    standard: str


def duties_of(asked: Requirements) -> Iterator[Duty]:
    """Yield each rule, the ones that ask for nothing too: that is worth knowing as well."""
    takes_secret = bool(asked.methods & SECRETS)
    yield Duty(
        "Prove who it is",
        "With a secret, a private key or a certificate."
        if takes_secret
        else "With a private key or a certificate. A secret is refused.",
        "RFC 6749 §2.3" if takes_secret else "RFC 7523, RFC 8705",
    )
    yield Duty(
        "Bind its tokens",
        "To its key (DPoP) or certificate, so that a stolen token is worth nothing."
        if asked.sender_constrained
        else "Not asked for: whoever holds a token can use it.",
        "RFC 9449, RFC 8705" if asked.sender_constrained else "RFC 6750",
    )
    yield Duty(
        "Send its requests",
        "To us first, over its own line; the browser carries only a reference."
        if asked.pushed_requests
        else "Through the customer’s browser.",
        "RFC 9126" if asked.pushed_requests else "RFC 6749 §4.1.1",
    )
    yield Duty(
        "Sign its requests",
        "Each request is a signed object." if asked.signed_requests else "Not asked for.",
        "RFC 9101",
    )
    yield Duty(
        "Check our answers",
        "They come signed: check signature, issuer and audience."
        if asked.signed_responses
        else "Check state and iss in each answer.",
        "JARM" if asked.signed_responses else "RFC 9207",
    )
    yield Duty(
        "Keep its refresh token",
        "It is replaced at each use: keep the newest."
        if asked.rotates_refresh_tokens
        else "It stays the same until the customer’s agreement ends.",
        "RFC 9700 §4.14",
    )
    yield Duty(
        "Ask from a device",
        "With a code that the customer types at /device/."
        if asked.device_codes
        else "Not allowed: a code that is read out belongs to no browser.",
        "RFC 8628",
    )
    is_jwt = asked.token_format == TokenFormat.JWT
    yield Duty(
        "Pass on its access token",
        "It is a signed JWT, but its content is for the API alone."
        if is_jwt
        else "It is an opaque string; only we can read it.",
        "RFC 9068" if is_jwt else "RFC 6750",
    )
