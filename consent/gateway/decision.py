"""Decide whether one call may pass. Pure: facts in, reason out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus


class Reason(StrEnum):
    """Why a call passed or not. The codes are stable: partners program against them."""

    ALLOWED = "allowed"
    OPERATION_UNKNOWN = "operation_unknown"
    VERSION_SUNSET = "version_sunset"
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code, not a secret
    TOKEN_DUPLICATE = "token_duplicate"  # noqa: S105
    TOKEN_IN_QUERY = "token_in_query"  # noqa: S105
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105
    PROOF_MISSING = "proof_missing"
    PROOF_INVALID = "proof_invalid"
    PROOF_UNCHECKED = "proof_unchecked"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    AUDIENCE_MISMATCH = "audience_mismatch"
    APPLICATION_INACTIVE = "application_inactive"
    SUBSCRIPTION_MISSING = "subscription_missing"
    SCOPE_MISSING = "scope_missing"
    CUSTOMER_MISSING = "customer_missing"
    CUSTOMER_INACTIVE = "customer_inactive"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_INVALIDATED = "consent_invalidated"
    CONSENT_PAUSED = "consent_paused"
    CONSENT_SUPERSEDED = "consent_superseded"
    CONSENT_NARROWED = "consent_narrowed"
    ACCESS_RESTRICTED = "access_restricted"
    RATE_LIMITED = "rate_limited"

    @property
    def status(self) -> HTTPStatus:
        """Return the HTTP status of a refusal for this reason (RFC 6750 §3.1)."""
        return _STATUS.get(self, HTTPStatus.UNAUTHORIZED)


_STATUS = {
    Reason.ALLOWED: HTTPStatus.OK,
    Reason.OPERATION_UNKNOWN: HTTPStatus.NOT_FOUND,
    Reason.VERSION_SUNSET: HTTPStatus.GONE,
    Reason.TOKEN_DUPLICATE: HTTPStatus.BAD_REQUEST,
    Reason.TOKEN_IN_QUERY: HTTPStatus.BAD_REQUEST,
    Reason.PROOF_UNCHECKED: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.APPLICATION_INACTIVE: HTTPStatus.FORBIDDEN,
    Reason.SUBSCRIPTION_MISSING: HTTPStatus.FORBIDDEN,
    Reason.SCOPE_MISSING: HTTPStatus.FORBIDDEN,
    Reason.CUSTOMER_MISSING: HTTPStatus.FORBIDDEN,
    Reason.CUSTOMER_INACTIVE: HTTPStatus.FORBIDDEN,
    Reason.CONSENT_PAUSED: HTTPStatus.FORBIDDEN,
    Reason.CONSENT_NARROWED: HTTPStatus.FORBIDDEN,
    Reason.ACCESS_RESTRICTED: HTTPStatus.FORBIDDEN,
    Reason.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
}


class Presented(StrEnum):
    """How the credential came with the request."""

    NOTHING = "nothing"
    HEADER = "header"
    TWICE = "twice"
    QUERY = "query"


class Possession(StrEnum):
    """Whether the sender holds the key that the token is bound to (RFC 9449 §7.1, RFC 8705 §3)."""

    NOT_NEEDED = "not_needed"
    HELD = "held"
    MISSING = "missing"
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the presented token is, at the instant of the call.

    `is_for_this_api` says whether its audience covers the API that is called.
    """

    expires_at: datetime
    is_revoked: bool
    scopes: frozenset[str]
    possession: Possession
    is_for_this_api: bool = True


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the customer's arrangement says now; `scopes` are those of its current version.

    `restricted` are those of them whose data is kept and not used at the moment (GDPR Art. 18).
    """

    status: str
    ends_at: datetime
    is_same_epoch: bool
    scopes: frozenset[str]
    customer_is_active: bool
    restricted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about the call at the instant it arrives.

    `needed` are the operation's scopes, None where no operation answers this route; `consentable`
    those of them that a customer must have agreed to. `granted` are the scopes of the client's live
    subscription, None where it has none. From `sunset_at` on the version answers nobody.
    """

    at: datetime
    needed: frozenset[str] | None
    consentable: frozenset[str]
    presented: Presented
    token: TokenFacts | None
    client_is_live: bool
    granted: frozenset[str] | None
    consent: ConsentFacts | None
    sunset_at: datetime | None


Rule = Callable[[Facts], Reason | None]


def operation_is_known(facts: Facts) -> Reason | None:
    return Reason.OPERATION_UNKNOWN if facts.needed is None else None


def version_still_answers(facts: Facts) -> Reason | None:
    """Say that the version has ended, at its instant, whether or not somebody wrote it down."""
    has_ended = facts.sunset_at is not None and facts.at >= facts.sunset_at
    return Reason.VERSION_SUNSET if has_ended else None


def token_came_once_in_the_header(facts: Facts) -> Reason | None:
    return {
        Presented.NOTHING: Reason.TOKEN_MISSING,
        Presented.TWICE: Reason.TOKEN_DUPLICATE,
        Presented.QUERY: Reason.TOKEN_IN_QUERY,
    }.get(facts.presented)


def token_is_known(facts: Facts) -> Reason | None:
    return Reason.TOKEN_UNKNOWN if facts.token is None else None


def sender_holds_the_key(facts: Facts) -> Reason | None:
    """Tell whoever found somebody else's token nothing more about it."""
    return {
        Possession.MISSING: Reason.PROOF_MISSING,
        Possession.INVALID: Reason.PROOF_INVALID,
        Possession.UNCHECKED: Reason.PROOF_UNCHECKED,
    }.get(facts.token.possession if facts.token else Possession.NOT_NEEDED)


def consent_was_not_ended(facts: Facts) -> Reason | None:
    """Say that the customer stopped, rather than that the token died of it.

    The end by the clock is the same end before and after somebody wrote it down.
    """
    if facts.consent is None:
        return None
    ended = {
        "withdrawn": Reason.CONSENT_WITHDRAWN,
        "revoked": Reason.CONSENT_REVOKED,
        "expired": Reason.CONSENT_EXPIRED,
        "invalidated": Reason.CONSENT_INVALIDATED,
    }.get(facts.consent.status)
    is_over = facts.at >= facts.consent.ends_at
    return ended or (Reason.CONSENT_EXPIRED if is_over else None)


def token_is_not_revoked(facts: Facts) -> Reason | None:
    return Reason.TOKEN_REVOKED if facts.token is None or facts.token.is_revoked else None


def token_is_not_expired(facts: Facts) -> Reason | None:
    if facts.token is not None and facts.at < facts.token.expires_at:
        return None
    return Reason.TOKEN_EXPIRED


def token_is_for_this_api(facts: Facts) -> Reason | None:
    """Refuse a token that was asked for other APIs (RFC 8707 §3, RFC 9700 §2.3)."""
    if facts.token is not None and facts.token.is_for_this_api:
        return None
    return Reason.AUDIENCE_MISMATCH


def application_is_live(facts: Facts) -> Reason | None:
    return None if facts.client_is_live else Reason.APPLICATION_INACTIVE


def subscription_is_live(facts: Facts) -> Reason | None:
    return Reason.SUBSCRIPTION_MISSING if facts.granted is None else None


def scopes_are_granted(facts: Facts) -> Reason | None:
    held = (facts.granted or frozenset()) & (facts.token.scopes if facts.token else frozenset())
    return None if facts.needed is not None and facts.needed <= held else Reason.SCOPE_MISSING


def customer_agreed(facts: Facts) -> Reason | None:
    """Check the consent that the token stands on, as it is now.

    Without one it opens only what reveals and changes nothing of a customer's.
    """
    consent = facts.consent
    if consent is None:
        return Reason.CUSTOMER_MISSING if facts.consentable else None
    if not consent.customer_is_active:
        return Reason.CUSTOMER_INACTIVE
    if not consent.is_same_epoch:
        return Reason.CONSENT_SUPERSEDED
    if consent.status == "paused":
        return Reason.CONSENT_PAUSED
    if consent.status != "active" or facts.at >= consent.ends_at:
        return Reason.CONSENT_EXPIRED
    return None if facts.consentable <= consent.scopes else Reason.CONSENT_NARROWED


def data_may_be_used(facts: Facts) -> Reason | None:
    """Refuse what the customer still shares while its use is restricted; nothing is rewritten."""
    restricted = facts.consent.restricted if facts.consent else frozenset()
    return Reason.ACCESS_RESTRICTED if facts.consentable & restricted else None


# The order is part of the contract: the first refusal is the one reported.
RULES: tuple[Rule, ...] = (
    operation_is_known,
    version_still_answers,
    token_came_once_in_the_header,
    token_is_known,
    sender_holds_the_key,
    consent_was_not_ended,
    token_is_not_revoked,
    token_is_not_expired,
    token_is_for_this_api,
    application_is_live,
    subscription_is_live,
    scopes_are_granted,
    customer_agreed,
    data_may_be_used,
)


def decide(facts: Facts, rules: Iterable[Rule] = RULES) -> Reason:
    return next((reason for rule in rules if (reason := rule(facts))), Reason.ALLOWED)
