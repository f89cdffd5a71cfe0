"""How a browser is sent on from here."""

# ruff: noqa: TID251 - it is an answer

from __future__ import annotations

from django.http import HttpResponseRedirect

from consent.proofs.errors import OAuthError


class SeeOther(HttpResponseRedirect):
    """Go there with a GET: a redirect that repeats the POST would hand on what was typed."""

    status_code = 303
    allowed_schemes = ["http", "https"]

    def __init__(self, to: str, *, refusal: OAuthError | None = None) -> None:
        """Keep what the answer refuses, if it does: where it is signed nobody else reads it."""
        super().__init__(to)
        self.refusal = refusal
