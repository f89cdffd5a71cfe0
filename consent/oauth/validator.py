"""The engine's questions about one token request, answered from the portal's own records.

One validator serves one request of one authenticated client, inside one transaction. Every code
and refresh token is read with its arrangement held, so that a withdrawal is before or after.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError

from consent.oauth import devices, foreign, pkce, tokens
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.events import OAuthEvent
from consent.oauth.families import end_replayed, tell_if_hoarded
from consent.oauth.holding import claim_code, held_code, held_refresh_token
from consent.oauth.issuing import Issuer
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from consent.oauth.rotation import rotate
from consent.oauth.scopes import OWN_SCOPES
from partners.applications.models import Client
from partners.subscriptions.access import uses_of
from portal.secrets import digest

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", devices.GRANT_TYPE)


class ConsentPausedError(InvalidGrantError):
    """Nothing was used up: the same refresh token works again once the customer resumes."""

    description = "The customer has paused sharing. Keep this refresh token and try later."

    @property
    def twotuples(self) -> list[tuple[str, str]]:
        return [*super().twotuples, ("consent_status", "paused")]


class PortalValidator(Issuer):
    # Who asks, and in which way

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        if self.client is None:
            return False
        request.client, request.client_id = self.client, self.client.client_id
        return True

    def authenticate_client_id(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any, **kw: Any) -> bool:
        if grant_type == devices.GRANT_TYPE:
            return self.client is not None and self.client.requirements.device_codes
        return grant_type in GRANT_TYPES

    # The authorization code

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kw: Any
    ) -> bool:
        """Claim the code, or refuse; a second use ends all that came from the first."""
        grant = held_code(client, code, standing=self.standing)
        if grant is None:
            others = Grant.objects.filter(code=digest(code))
            foreign.note_if_another_has(client, foreign.Kind.CODE, code, others)
            return False
        grant.application = client
        if grant.used_at is None and not self._fits(grant, request):
            tell_if_hoarded(grant, at=timezone.now())
            return False
        if not claim_code(grant, at=timezone.now()):
            end_replayed(OAuthEvent.CODE_REPLAYED, grant, grant.family)
            return False
        self._stand_on(grant, request)
        return bool(request.scopes)

    def _fits(self, grant: Grant, request: Request) -> bool:
        """Whether the code is live and its redirect URI and proof key are the ones it was for."""
        if not grant.is_live(at=timezone.now()) or request.redirect_uri != grant.redirect_uri:
            return False
        if not grant.may_be_used_by(self.holder):
            return False
        return pkce.proves(request.code_verifier or "", grant.code_challenge)

    def get_code_challenge(self, code: str, request: Request) -> str:
        return str(self.source.code_challenge) if isinstance(self.source, Grant) else ""

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, *args: Any, **kw: Any
    ) -> bool:
        return isinstance(self.source, Grant) and self.source.redirect_uri == redirect_uri

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is left to do: the code was claimed before anything was issued for it."""

    # The device code

    def validate_device_code(self, client_id: str, device_code: str, request: Request) -> str:
        """Say how far the customer is; claim the code once the answer was yes."""
        at = timezone.now()
        answer, grant = devices.collect(request.client, device_code, self.holder, at=at)
        if grant is not None:
            self._stand_on(grant, request)
        return answer if grant is None or request.scopes else devices.INVALID

    # The refresh token

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Claim the refresh token; its retry is answered alike, its replay ends the family."""
        token = held_refresh_token(client, refresh_token, standing=self.standing)
        if token is None:
            others = RefreshToken.objects.filter(token_checksum=digest(refresh_token))
            foreign.note_if_another_has(client, foreign.Kind.TOKEN, refresh_token, others)
            return False
        token.application = client
        if token.revoked is None and token.is_paused(at=timezone.now()):
            raise ConsentPausedError(request=request)
        rotates = self.rotate_refresh_token(request)
        if token.revoked is None:
            if not self._may_refresh(token, request):
                return False
            if not rotates or rotate(token, refresh_token, at=timezone.now()):
                return True
            token.refresh_from_db(fields=["revoked"])
        return rotates and self._is_retry(token, refresh_token, request)

    def _may_refresh(self, held: RefreshToken, request: Request) -> bool:
        """Whether the token is live and something is left of what it is for."""
        if not held.is_live(at=timezone.now()):
            return False
        self._stand_on(held, request)
        self._narrow(request)
        return bool(request.scopes)

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any) -> list[str]:
        return list(request.scopes)

    def is_within_original_scope(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def rotate_refresh_token(self, request: Request) -> bool:
        """Rotate only for who is not bound to a key (FAPI 2.0 §5.3.2.1, item 9)."""
        return self.client is None or self.client.requirements.rotates_refresh_tokens

    def _narrow(self, request: Request) -> None:
        """Keep what this refresh asks for; more than the customer allows now is refused."""
        if not request.scope:
            return
        wanted = request.scope.split()
        if not set(wanted) <= set(request.scopes):
            raise InvalidScopeError(request=request)
        request.scopes = wanted

    def _is_retry(self, held: RefreshToken, refresh_token: str, request: Request) -> bool:
        """Whether it was superseded moments ago and its successor is still unused."""
        after = tokens.new_token(tokens.REFRESH_PREFIX, after=refresh_token)
        now = timezone.now()
        successor = RefreshToken.objects.filter(token_checksum=digest(after), revoked=None).first()
        if successor is None or held.revoked <= now - tokens.RETRY_WINDOW:
            end_replayed(OAuthEvent.REFRESH_REPLAYED, held, held.token_family)
            return False
        access = tokens.new_token(tokens.ACCESS_PREFIX, after=refresh_token)
        given = AccessToken.objects.filter(token_checksum=digest(access), revoked_at=None)
        self.answered = given.first()
        if held.is_paused(at=now):
            raise ConsentPausedError(request=request)
        if self.answered is None or not held.user.is_active or not held.is_backed(at=now):
            return False
        self.shown = held
        request.scopes = self.answered.scope.split()
        request.scope = ""
        return True

    # Scopes

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Client, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow a client by itself only what opens no customer's data."""
        at = timezone.now()
        uses = uses_of(client, at=at) if self.standing is None else self.standing.uses(at=at)
        opening = {use.scope for use in uses if not use.cluster_code}
        return bool(scopes) and set(scopes) <= opening | OWN_SCOPES

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []

    def _stand_on(self, source: Grant | DeviceGrant | RefreshToken, request: Request) -> None:
        self.source = self.shown = source
        request.user = source.user
        request.scopes = allowed_scopes(source)
