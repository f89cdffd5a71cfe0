"""The ways in which the portal says no on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class Refused(Exception):
    """A request that is understood and turned down; the message is for its author.

    `status` is the HTTP status, `code` the stable name that clients may rely on. `errors` names the
    inputs that need another look, as field name to messages.
    """

    status: ClassVar[int] = 422
    code: str = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.errors = dict(errors or {})


class Malformed(Refused):
    status = 400
    code = "malformed"


class NotAllowed(Refused):
    status = 403
    code = "not_allowed"


class NotFound(Refused):
    status = 404
    code = "not_found"


class Conflict(Refused):
    status = 409
    code = "conflict"


class TooLarge(Refused):
    status = 413
    code = "too_large"


class TooMany(Refused):
    status = 429
    code = "too_many"
