"""The authorization request and its answers (RFC 6749 §4.1, RFC 7636, RFC 9207), without HTTP."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from consent.oauth import pkce
from consent.oauth.errors import (
    InvalidRedirectUri,
    InvalidRequest,
    InvalidScope,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from consent.oauth.parameters import Parameters

MAX_STATE_BYTES = 2048
MAX_SCOPES = 40
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the answer goes, once it is known to be safe, and what it must carry back."""

    redirect_uri: str
    state: str = ""

    @property
    def form_source(self) -> str:
        """Return the source that lets a form lead there (CSP Level 3 §6.4.1).

        Its grammar knows no IPv6 host, so that [::1] is said as any host with this port.
        """
        parts = urlsplit(self.redirect_uri)
        host = "*" if parts.netloc.startswith("[") else parts.hostname or ""
        return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"

    def answer(self, *, issuer: str, **answer: str) -> str:
        """Return the address with the answer, `state` as it came and `iss` behind what it had."""
        if self.state:
            answer["state"] = self.state
        answer["iss"] = issuer
        parts = urlsplit(self.redirect_uri)
        added = urlencode(answer, quote_via=quote, safe="")
        query = f"{parts.query}&{added}" if parts.query else added
        return urlunsplit(parts._replace(query=query))


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    code_challenge: str
    nonce: str = ""

    @property
    def digest(self) -> str:
        """Name the request: a client that asks twice makes a new challenge and state."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @property
    def return_address(self) -> ReturnAddress:
        return ReturnAddress(self.redirect_uri, self.state)

    def as_json(self) -> dict[str, str | list[str]]:
        return {**asdict(self), "scopes": list(self.scopes)}

    @classmethod
    def from_json(cls, kept: dict[str, str | list[str]]) -> Self:
        return cls(**{**kept, "scopes": tuple(kept["scopes"])})  # type: ignore[arg-type] # as written by as_json


def return_address(
    parameters: Parameters, *, is_registered: Callable[[str], bool]
) -> ReturnAddress:
    """Return where even an error may go; raise, for our own page, while that is not known.

    `is_registered` knows the client's addresses and how they are compared.
    """
    redirect_uri = parameters.once("redirect_uri")
    if not redirect_uri:
        raise InvalidRequest("redirect_uri is missing.")
    if not is_registered(redirect_uri):
        raise InvalidRedirectUri("The redirect address is not one of the registered ones.")
    state = parameters.get("state")
    if "state" in parameters.repeated or len(state.encode()) > MAX_STATE_BYTES:
        state = ""
    return ReturnAddress(redirect_uri, state)


def read_request(parameters: Parameters, *, offered: Collection[str]) -> AuthorizationRequest:
    """Return a request that is fit to be shown to a person; raise what the client must hear.

    `offered` are the scopes that the client was approved for.
    """
    parameters.require_single()
    if parameters.get("request"):
        raise RequestNotSupported("Request objects are not supported.")
    if parameters.get("request_uri"):
        raise RequestUriNotSupported("Request URIs are not supported.")
    if len(parameters.get("state").encode()) > MAX_STATE_BYTES:
        raise InvalidRequest(f"state is longer than {MAX_STATE_BYTES} bytes.")
    _require_code_response(parameters)
    challenge = parameters.get("code_challenge")
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequest("code_challenge_method must be S256.")
    if not pkce.is_challenge(challenge):
        raise InvalidRequest("code_challenge must be the base64url of a SHA-256.")
    if len(parameters.get("nonce")) > 255:
        raise InvalidRequest("nonce is longer than 255 characters.")
    return AuthorizationRequest(
        client_id=parameters.get("client_id"),
        redirect_uri=parameters.get("redirect_uri"),
        state=parameters.get("state"),
        scopes=read_scopes(parameters.get("scope"), offered=offered),
        code_challenge=challenge,
        nonce=parameters.get("nonce"),
    )


def read_scopes(scope: str, *, offered: Collection[str]) -> tuple[str, ...]:
    """Return the scopes in order, each once; none, a strange or an unoffered one is refused."""
    scopes = tuple(dict.fromkeys(scope.split(" "))) if scope else ()
    if not scopes or len(scopes) > MAX_SCOPES:
        raise InvalidScope(f"Name between 1 and {MAX_SCOPES} scopes.")
    if not all(_SCOPE.fullmatch(name) for name in scopes):
        raise InvalidScope("A scope holds characters that no scope has.")
    if unknown := [name for name in scopes if name not in offered]:
        raise InvalidScope(f"Not approved for this application: {' '.join(unknown)}")
    return scopes


def _require_code_response(parameters: Parameters) -> None:
    if not parameters.get("response_type"):
        raise InvalidRequest("response_type is missing.")
    if parameters.get("response_type") != "code":
        raise UnsupportedResponseType("response_type must be code.")
    if parameters.get("response_mode") not in {"", "query"}:
        raise InvalidRequest("response_mode must be query.")
