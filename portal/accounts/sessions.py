"""A signed-in session, as others may know it: never by the key that would open it."""

# ruff: noqa: TID251 - it is about requests and their sessions

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from portal.secrets import digest


@dataclass(frozen=True, slots=True)
class Session:
    """`name` is a keyed digest of the session's key; `methods` are the ways somebody signed in."""

    name: str
    methods: tuple[str, ...] = ()


def name_of(session_key: str | None) -> str:
    return digest(session_key) if session_key else ""


def session_of(request: HttpRequest) -> Session:
    records = get_authentication_records(request, request.user)
    # A second factor is the method `mfa`, and says beside it which kind it is.
    methods = {str(record.get("type") or record.get("method") or "") for record in records}
    return Session(name_of(request.session.session_key), tuple(sorted(methods - {""})))
