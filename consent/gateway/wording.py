"""What a refusal says to its developer. ASCII without quotes, since it travels in a header."""

from __future__ import annotations

from consent.gateway.decision import Reason

TITLES: dict[Reason, str] = {
    Reason.ALLOWED: "This call may pass.",
    Reason.OPERATION_UNKNOWN: "No published operation answers this method and path.",
    Reason.VERSION_SUNSET: "This version has ended. See the Link header for what follows it.",
    Reason.TOKEN_MISSING: "Send an access token in the Authorization header.",
    Reason.TOKEN_DUPLICATE: "Send one Authorization header with one token.",
    Reason.TOKEN_IN_QUERY: "Send the token in the Authorization header, never in the address.",
    Reason.TOKEN_UNKNOWN: "We did not issue this token.",
    Reason.PROOF_MISSING: "This token is bound to a key. Send a DPoP proof or use the certificate.",
    Reason.PROOF_INVALID: "The DPoP proof does not fit this call, this token or this moment.",
    Reason.PROOF_UNCHECKED: "We could not check the proof now, so the call was refused.",
    Reason.TOKEN_EXPIRED: "This token has expired. Use the refresh token to get a new one.",
    Reason.TOKEN_REVOKED: "This token was revoked.",
    Reason.AUDIENCE_MISMATCH: "This token is for another API. Ask for one that names this API.",
    Reason.APPLICATION_INACTIVE: "This application may not call now. See its page in the portal.",
    Reason.SUBSCRIPTION_MISSING: "This client has no live access to this API.",
    Reason.SCOPE_MISSING: "The token lacks a scope that this operation needs.",
    Reason.CUSTOMER_MISSING: "This operation needs a token that a customer agreed to.",
    Reason.CUSTOMER_INACTIVE: "This customer cannot share data now.",
    Reason.CONSENT_WITHDRAWN: "The customer has stopped sharing. Delete what you hold in time.",
    Reason.CONSENT_REVOKED: "This sharing was ended by the portal. See your notices.",
    Reason.CONSENT_EXPIRED: "This sharing has ended. Ask the customer again if they start it.",
    Reason.CONSENT_INVALIDATED: "This sharing should never have begun. Delete what you hold.",
    Reason.CONSENT_PAUSED: "The customer has paused sharing. Keep your tokens and try later.",
    Reason.CONSENT_SUPERSEDED: "The customer has decided anew since this token. Ask for a new one.",
    Reason.CONSENT_NARROWED: "The customer no longer shares what this operation needs.",
    Reason.ACCESS_RESTRICTED: "The use of this data is paused for now. Keep what you hold unused.",
    Reason.RATE_LIMITED: "Too many calls. Wait as long as Retry-After says.",
}
