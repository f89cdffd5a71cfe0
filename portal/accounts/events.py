from enum import StrEnum


class AccountEvent(StrEnum):
    SIGNED_UP = "accounts.user.signed_up"
    SIGNED_IN = "accounts.user.signed_in"
    SIGNED_OUT = "accounts.user.signed_out"
    CLOSED = "accounts.user.closed"
    ERASED = "accounts.user.erased"
    CHANGED = "accounts.user.changed"
    EMAIL_VERIFIED = "accounts.email.verified"
    EMAIL_CHANGED = "accounts.email.changed"
    PASSWORD_CHANGED = "accounts.password.changed"  # noqa: S105 - the name of an event
    SECOND_FACTOR_ADDED = "accounts.second_factor.added"
    SECOND_FACTOR_REMOVED = "accounts.second_factor.removed"
    ROLE_GIVEN = "accounts.role.given"
    ROLE_TAKEN = "accounts.role.taken"
    RECOVERY_CODES_MADE = "accounts.recovery_codes.made"
