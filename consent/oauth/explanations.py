"""Each error of the authorization server in plain words: what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

EXPLAINED: Mapping[str, tuple[str, str]] = {
    "invalid_request": (
        "A parameter is missing, repeated, too long or broken, or PKCE is not S256.",
        "Compare what you sent with the list of parameters; send each once, form-encoded.",
    ),
    "invalid_client": (
        "We could not tell who is calling, or this client may not prove it in this way.",
        "Check client_id and the secret or key, send one proof, and see what this client must do.",
    ),
    "invalid_grant": (
        "The code or token was used before, has ended, or belongs to another client or key.",
        "Exchange a code once, within 60 seconds, with the same redirect_uri and verifier.",
    ),
    "unauthorized_client": (
        "There is no such client, or it may not ask for this now.",
        "Check client_id and that the application is neither suspended nor closed.",
    ),
    "unsupported_grant_type": (
        "We do not offer this grant.",
        "Use authorization_code, refresh_token, client_credentials or, on devices, device_code.",
    ),
    "invalid_scope": (
        "A scope was not approved for this application, or the customer does not allow it.",
        "Name only approved scopes; leave scope out when you refresh.",
    ),
    "authorization_pending": (
        "The customer has not answered yet.",
        "Nothing is wrong. Ask again, no sooner than after the interval.",
    ),
    "slow_down": (
        "The device asked again too soon.",
        "Wait five seconds longer than before, from now on.",
    ),
    "expired_token": (
        "The customer took longer than ten minutes.",
        "Begin again, and show the customer the new code.",
    ),
    "access_denied": (
        "The customer said no; with consent_status=pending_approval, somebody else decides first.",
        "Nothing is wrong. Explain why you ask, and ask again only when the customer wants it.",
    ),
    "unsupported_response_type": (
        "We answer with a code and nothing else.",
        "Send response_type=code.",
    ),
    "login_required": (
        "Nobody was signed in, or somebody else than id_token_hint names.",
        "Leave out prompt=none: a person always decides, and can change the account.",
    ),
    "consent_required": (
        "You asked to stay silent, and the customer has to be asked.",
        "Leave out prompt=none: a person always decides.",
    ),
    "invalid_redirect_uri": (
        "The redirect_uri is not one of those that are registered, character by character.",
        "Register it, or send the one that is registered. We redirect nowhere else.",
    ),
    "request_uri_not_supported": (
        "We read a request_uri only if we issued it ourselves.",
        "Push the request first and send the request_uri of the answer.",
    ),
    "invalid_request_uri": (
        "The request_uri was used, has ended or belongs to another client.",
        "Push the request again; each reference opens one page, soon after it was issued.",
    ),
    "invalid_request_object": (
        "The signed request could not be read or its signature does not hold.",
        "Check iss, aud, exp and nbf, the key that signs, and that the key is registered.",
    ),
    "invalid_dpop_proof": (
        "The DPoP proof is missing, old, used before, or for another method or address.",
        "Make a new proof for each request, with htm, htu, iat and a fresh jti.",
    ),
    "use_dpop_nonce": (
        "The DPoP proof needs the nonce of our answer.",
        "Repeat the request with a new proof that holds the value of the DPoP-Nonce header.",
    ),
    "invalid_target": (
        "The resource is not an API of ours that this client was approved for.",
        "Send the resource as the API's page names it.",
    ),
    "invalid_authorization_details": (
        "A part of authorization_details is unknown, incomplete or not approved.",
        "Compare each type and field with the API's page.",
    ),
    "invalid_grant_id": (
        "There is no live grant of this client with this grant_id, or it is another customer's.",
        "Ask for a new grant with grant_management_action=create, or without an action.",
    ),
    "cursor_too_old": (
        "News right behind that cursor is older than 30 days and is not kept any more.",
        "Begin without a cursor, and ask about each grant that you hold.",
    ),
    "invalid_token": (
        "The access token is unknown, has ended or was revoked.",
        "Refresh it; when that is refused too, ask the customer again.",
    ),
    "insufficient_scope": (
        "The access token is good, but not for this.",
        "Ask for a token with the scope that this address needs.",
    ),
    "temporarily_unavailable": (
        "A check that keeps others out could not be made, so nothing was issued.",
        "Try again in a moment, with a new proof or assertion.",
    ),
    "invalid_client_metadata": (
        "A member of the client's description is not one that we can take.",
        "The words of our answer name the member; mend it and send the whole description again.",
    ),
    "unapproved_software_statement": (
        "We read no software statements.",
        "Leave software_statement out and send the members themselves.",
    ),
    "not_a_customer": (
        "Whoever was signed in is nobody whom this client may ask.",
        "A sandbox client asks test customers, a production client real ones.",
    ),
    "server_error": (
        "Something broke on our side.",
        "Try again; if it stays, tell us the request id.",
    ),
}
UNKNOWN = (
    "We refused the request.",
    "Read the words of our answer, or ask us with the request id.",
)


def explained(code: str) -> tuple[str, str]:
    return EXPLAINED.get(code, UNKNOWN)
