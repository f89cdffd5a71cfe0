"""What a token request that holds comes to: tokens, written with all that belongs to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from consent.arrangements.ending import use_up
from consent.arrangements.models import Duration
from consent.oauth import access_tokens, id_tokens, openid, tokens
from consent.oauth.authentication import actor_of
from consent.oauth.callers import Caller
from consent.oauth.events import OAuthEvent
from consent.oauth.families import tell
from consent.oauth.limits import granted_with, limits_for
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from consent.oauth.parameters import Parameters
from consent.oauth.rotation import first_one
from consent.proofs.holders import Holder
from partners.applications.profiles import TokenFormat
from portal.secrets import digest
from portal.written import insert


class Issuer(OAuth2Validator):
    """Issue what the source allows: a code, a device code, a refresh token, or none of these."""

    def __init__(self, caller: Caller | None = None, parameters: Parameters | None = None) -> None:
        super().__init__()
        self.parameters = parameters or Parameters({})
        self.client = caller.client if caller else None
        self.standing = caller.standing if caller else None
        self.holder = caller.holder if caller else Holder()
        # What the new tokens come from, and the answer that a retry gets once more.
        self.source: Grant | DeviceGrant | RefreshToken | None = None
        self.answered: AccessToken | None = None
        # The code or refresh token that was shown, a retry's too: it knows who signed in.
        self.shown: Grant | DeviceGrant | RefreshToken | None = None

    def lifetime(self) -> int:
        """Return how many seconds a new access token lasts: never beyond its arrangement."""
        seconds = tokens.ACCESS_LIFETIME.total_seconds()
        if self.source is not None:
            left = self.source.backing.ends_at - timezone.now()
            seconds = min(seconds, left.total_seconds())
        return max(1, int(seconds))

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        if self.answered is not None:
            left = self.answered.expires - timezone.now()
            token["expires_in"] = max(0, int(left.total_seconds()))
            token["scope"] = self.answered.scope
            token |= granted_with(self.answered)
            self._tell_who_signed_in(token)
            return
        client, source = request.client, self.source
        limits = limits_for(
            source,
            self.parameters,
            client=client,
            scopes=token["scope"].split(),
            at=timezone.now(),
        )
        issued = AccessToken(
            application=client,
            scope=token["scope"],
            expires=timezone.now() + timedelta(seconds=token["expires_in"]),
            jkt=self.holder.jkt,
            x5t_s256=self.holder.x5t_s256,
            resource=list(limits.resources),
            details=[detail.as_json() for detail in limits.details],
        )
        if source is not None:
            issued.user, issued.arrangement = source.user, source.arrangement
            issued.version_number, issued.epoch = source.version_number, source.epoch
            is_refresh = isinstance(source, RefreshToken)
            issued.family = source.token_family if is_refresh else source.family
            issued.expires = min(issued.expires, source.backing.ends_at)
            if source.backing.duration == Duration.ONE_TIME:
                del token["refresh_token"]
                use_up(source.backing, until=issued.expires)
        if client.requirements.token_format == TokenFormat.JWT:
            token["access_token"] = access_tokens.mint(
                issued, subject=getattr(source, "subject", None)
            )
        token["token_type"] = issued.token_type
        token |= granted_with(issued)
        issued.token_checksum = digest(token["access_token"])
        self._write(issued, token.get("refresh_token"))
        self._tell_who_signed_in(token)

    def _write(self, issued: AccessToken, refresh_token: str | None) -> None:
        """Write the token with all that comes with it, while what was decided on still holds.

        A refresh token goes out first; later ones followed when one was used up. What is shared
        once comes without any.
        """
        source, standing = self.source, self.standing
        if source is None:
            unchanged = standing.unchanged(at=timezone.now()) if standing is not None else None
            is_written = insert(issued, only_if=unchanged)
            if standing is not None:
                standing.confirm(is_written)
            return
        rows: list[AccessToken | RefreshToken] = [issued]
        kind = OAuthEvent.TOKEN_REFRESHED
        if not isinstance(source, RefreshToken):
            kind = OAuthEvent.TOKEN_ISSUED
            rows += [first_one(refresh_token, source, issued)] if refresh_token else []
        by = actor_of(issued.application)
        tell(kind, issued, by=by, scope=issued.scope, beside=rows)

    def _tell_who_signed_in(self, token: dict[str, Any]) -> None:
        """Add the id token to an answer with `openid`, until the person has signed out.

        The nonce belongs to the browser's question alone (OpenID Connect Core §12.2).
        """
        shown = self.shown
        if shown is None or shown.sign_in is None or shown.sign_in.ended_at is not None:
            return
        if openid.SCOPE not in token["scope"].split():
            return
        shown.sign_in.client = shown.application
        token["id_token"] = id_tokens.mint(
            shown.sign_in,
            access_token=token["access_token"],
            signed_in_at=shown.signed_in_at,
            nonce=shown.nonce if isinstance(shown, Grant) else "",
        )
