"""The authorization request and its answers (RFC 6749 §4.1, RFC 7636, RFC 9207), without HTTP.

`prompt`, `max_age` and `login_hint` are read as OpenID Connect Core §3.1.2.1 says.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from consent.oauth import pkce
from consent.oauth.errors import (
    InvalidRedirectUri,
    InvalidScope,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from consent.oauth.openid import PROTOCOL_SCOPES, SCOPE
from consent.oauth.parameters import Parameters
from consent.oauth.wishes import Wishes
from consent.proofs.errors import InvalidRequest

MAX_STATE_BYTES = 2048
MAX_SCOPES = 40
MAX_HINT_LENGTH = 255
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
# JWT Secured Authorization Response Mode §2.3: for a code the two names mean the same.
SIGNED_MODES = frozenset({"jwt", "query.jwt"})
PLAIN_MODES = frozenset({"", "query"})
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the answer goes, once it is known to be safe, and what it must carry back.

    With `is_signed` it carries one signed parameter, for `client_id` (JARM).
    """

    redirect_uri: str
    state: str = ""
    client_id: str = ""
    is_signed: bool = False

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
        return self.carry(**answer, iss=issuer)

    def carry(self, **answer: str) -> str:
        """Return the address with these parameters behind the ones that it was registered with."""
        if not answer:
            return self.redirect_uri
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
    is_signed: bool = False
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str = ""
    ui_locales: str = ""
    id_token_hint: str = ""
    # The key that must prove itself when the code is exchanged (RFC 9449 §10).
    dpop_jkt: str = ""
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def digest(self) -> str:
        """Name the request: a client that asks twice makes a new challenge and state."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @property
    def signs_in(self) -> bool:
        """Whether the client wants to know who signed in (OpenID Connect Core §3.1.2.1)."""
        return SCOPE in self.scopes

    @property
    def return_address(self) -> ReturnAddress:
        return ReturnAddress(self.redirect_uri, self.state, self.client_id, self.is_signed)

    def accepts_sign_in(
        self, signed_in_at: datetime | None, *, opened_at: datetime, at: datetime
    ) -> bool:
        """Whether that sign-in will do for a request that the browser first opened then.

        `prompt=login` wants one of its own; `max_age` one of so many seconds ago, or its own.
        """
        if "login" not in self.prompt and self.max_age is None:
            return True
        if signed_in_at is None:
            return False
        if signed_in_at >= opened_at:
            return True
        if "login" in self.prompt or self.max_age is None:
            return False
        return at - signed_in_at <= timedelta(seconds=self.max_age)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "scopes": list(self.scopes), "prompt": list(self.prompt)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return the request as `as_json` wrote it; what it did not know yet has its default."""
        lists = {name: tuple(kept.get(name, ())) for name in ("scopes", "prompt")}
        wishes = Wishes.from_json(kept.get("wishes", {}))
        return cls(**{**kept, **lists, "wishes": wishes})


def return_address(
    parameters: Parameters, *, is_registered: Callable[[str], bool], must_be_signed: bool = False
) -> ReturnAddress:
    """Return where even an error may go; raise, for our own page, while that is not known.

    `is_registered` knows the client's addresses and how they are compared; `must_be_signed` says
    that the client takes signed answers only, whatever this request asks for.
    """
    redirect_uri = parameters.once("redirect_uri")
    if not redirect_uri:
        raise InvalidRequest("redirect_uri is missing.")
    if not is_registered(redirect_uri):
        raise InvalidRedirectUri("The redirect address is not one of the registered ones.")
    state = parameters.get("state")
    if "state" in parameters.repeated or len(state.encode()) > MAX_STATE_BYTES:
        state = ""
    is_signed = must_be_signed or (
        "response_mode" not in parameters.repeated
        and parameters.get("response_mode") in SIGNED_MODES
    )
    return ReturnAddress(redirect_uri, state, parameters.get("client_id"), is_signed)


def read_request(
    parameters: Parameters,
    *,
    offered: Collection[str],
    wishes: Wishes | None = None,
    must_be_signed: bool = False,
) -> AuthorizationRequest:
    """Return a request that is fit to be shown to a person; raise what the client must hear.

    `offered` are the scopes that the client was approved for, `wishes` what was read beside them,
    `must_be_signed` says that it takes signed answers only.
    """
    wishes = wishes or Wishes()
    parameters.require_single()
    if parameters.get("request_uri"):
        raise RequestUriNotSupported("Request URIs are not supported.")
    if len(parameters.get("state").encode()) > MAX_STATE_BYTES:
        raise InvalidRequest(f"state is longer than {MAX_STATE_BYTES} bytes.")
    _require_code_response(parameters)
    is_signed = _read_mode(parameters.get("response_mode"), must_be_signed=must_be_signed)
    challenge = parameters.get("code_challenge")
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequest("code_challenge_method must be S256.")
    if not pkce.is_challenge(challenge):
        raise InvalidRequest("code_challenge must be the base64url of a SHA-256.")
    if len(parameters.get("nonce")) > 255:
        raise InvalidRequest("nonce is longer than 255 characters.")
    if parameters.get("dpop_jkt") and not _THUMBPRINT.fullmatch(parameters.get("dpop_jkt")):
        raise InvalidRequest("dpop_jkt must be the base64url of a SHA-256.")
    return AuthorizationRequest(
        client_id=parameters.get("client_id"),
        redirect_uri=parameters.get("redirect_uri"),
        state=parameters.get("state"),
        scopes=scopes_with_details(parameters.get("scope"), wishes, offered=offered),
        code_challenge=challenge,
        nonce=parameters.get("nonce"),
        is_signed=is_signed,
        prompt=_read_prompt(parameters.get("prompt")),
        max_age=_read_seconds("max_age", parameters.get("max_age")),
        login_hint=_read_hint("login_hint", parameters),
        ui_locales=_read_hint("ui_locales", parameters),
        id_token_hint=parameters.get("id_token_hint"),
        dpop_jkt=parameters.get("dpop_jkt"),
        wishes=wishes,
    )


def read_scopes(scope: str, *, offered: Collection[str]) -> tuple[str, ...]:
    """Return the scopes in order, each once; none, a strange or an unoffered one is refused."""
    scopes = tuple(dict.fromkeys(scope.split(" "))) if scope else ()
    if not scopes or len(scopes) > MAX_SCOPES:
        raise InvalidScope(f"Name between 1 and {MAX_SCOPES} scopes.")
    if not all(_SCOPE.fullmatch(name) for name in scopes):
        raise InvalidScope("A scope holds characters that no scope has.")
    if unknown := [name for name in scopes if name not in {*offered, *PROTOCOL_SCOPES}]:
        raise InvalidScope(f"Not approved for this application: {' '.join(unknown)}")
    return scopes


def scopes_with_details(scope: str, wishes: Wishes, *, offered: Collection[str]) -> tuple[str, ...]:
    """Return the scopes, and behind them those of which only details were named (RFC 9396 §3)."""
    named = read_scopes(scope, offered=offered) if scope or not wishes.scopes else ()
    return (*named, *sorted(wishes.scopes - set(named)))


def _require_code_response(parameters: Parameters) -> None:
    if not parameters.get("response_type"):
        raise InvalidRequest("response_type is missing.")
    if parameters.get("response_type") != "code":
        raise UnsupportedResponseType("response_type must be code.")


def _read_mode(mode: str, *, must_be_signed: bool) -> bool:
    """Return whether the answer is signed."""
    if mode not in SIGNED_MODES | PLAIN_MODES:
        raise InvalidRequest("response_mode must be query, query.jwt or jwt.")
    if must_be_signed and mode not in SIGNED_MODES:
        raise InvalidRequest("response_mode must be jwt: this client takes signed answers only.")
    return mode in SIGNED_MODES


def _read_prompt(prompt: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(prompt.split()))
    if not PROMPTS.issuperset(asked):
        raise InvalidRequest(f"prompt may hold: {', '.join(sorted(PROMPTS))}.")
    if "none" in asked and len(asked) > 1:
        raise InvalidRequest("prompt=none stands alone.")
    return asked


def _read_seconds(name: str, value: str) -> int | None:
    if not value:
        return None
    if not _SECONDS.fullmatch(value):
        raise InvalidRequest(f"{name} must be a number of seconds.")
    return int(value)


def _read_hint(name: str, parameters: Parameters) -> str:
    if len(parameters.get(name)) > MAX_HINT_LENGTH:
        raise InvalidRequest(f"{name} is longer than {MAX_HINT_LENGTH} characters.")
    return parameters.get(name)
