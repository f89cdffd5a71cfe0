"""Each stable error code as two sentences: what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "allowed": (
        "The gateway let this call pass: token, access and the customer's consent all hold.",
        "Nothing. What the API then answers is its own affair.",
    ),
    # Everywhere
    "refused": (
        "We understood the request, and a rule of the portal turned it down.",
        "Read the title of the answer: it names the rule. Repeating the request changes nothing.",
    ),
    "invalid": (
        "Some fields hold a value that they cannot hold.",
        "The answer's `errors` names each field and what it needs.",
    ),
    "malformed": (
        "We could not read the request.",
        "Send well-formed JSON or form fields, without NUL bytes, and an address below 8 kB.",
    ),
    "parse_error": (
        "The body is not the JSON that its header promises.",
        "Check the body with a JSON parser and send `Content-Type: application/json`.",
    ),
    "not_authenticated": (
        "The request does not say who is asking.",
        "Sign in, or send a token that the portal issued.",
    ),
    "not_allowed": (
        "You are known here, but none of your roles includes this.",
        "Ask an owner of your organisation for a role that does.",
    ),
    "permission_denied": (
        "You are known here, but this is not open to you.",
        "Ask an owner of your organisation for a role that includes it.",
    ),
    "not_found": (
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the address. Both cases read the same, so that nobody learns what others have.",
    ),
    "method_not_allowed": (
        "The address exists, but not for this method.",
        "The answer's `Allow` header names the methods that work.",
    ),
    "owner_stays": (
        "An owner's place is not given or taken like any other.",
        "Hand the organisation over: the other person agrees, then the old owner can leave.",
    ),
    "ownership_not_offered": (
        "The offer was answered, taken back or is older than a week.",
        "Ask the owner to offer it again.",
    ),
    "invitation_ended": (
        "The invitation was answered, taken back or is older than a week.",
        "Ask whoever invited you for a new one.",
    ),
    "invitation_for_another": (
        "The invitation went to another email address than that of this account.",
        "Sign out, and open the link with the account of the address that the mail came to.",
    ),
    "conflict": (
        "Something changed between what you saw and what you sent.",
        "Load it again, look at what is different, and repeat what you still want.",
    ),
    "changed_since": (
        "What you decided on is not what is there now.",
        "Load it again and decide on what it says now.",
    ),
    "too_large": (
        "The request is larger than we read.",
        "Send less: an API description may have 20 MB, everything else 2 MB.",
    ),
    "too_many": (
        "Too many requests came in too short a time.",
        "Wait for as long as the `Retry-After` header says, then go on more slowly.",
    ),
    "throttled": (
        "Too many requests came in too short a time.",
        "Wait for as long as the `Retry-After` header says, then go on more slowly.",
    ),
    "csrf_failed": (
        "The request came with a session but without its form token.",
        "Programs send a token of their own and no cookie. People load the page again.",
    ),
    "broken": (
        "Something broke on our side; it is in our log.",
        "Try again in a few minutes. If it stays, tell us the answer's `request_id`.",
    ),
    # Partners
    "name_taken": (
        "Your organisation already has something of this name.",
        "Choose another name, or use the one that exists.",
    ),
    "too_many_secrets": (
        "A client holds two live secrets, so that one can replace the other, and never more.",
        "Revoke the secret that nothing uses any longer, then make the new one.",
    ),
    "client_not_live": (
        "The application or its organisation is suspended or closed.",
        "Open the application's page: it says since when, and what to do.",
    ),
    "redirect_uri_refused": (
        "A redirect address must be exact, use https and hold no fragment.",
        "Register the address that your application really answers at, character by character.",
    ),
    "address_blocked": (
        "The address leads to a network that the portal does not reach into.",
        "Give an address that is open to the internet.",
    ),
    "unreachable": (
        "The address did not answer, or its certificate does not fit its name.",
        "Open the address from outside your network, and try again when it answers.",
    ),
    # Calls through the gateway
    "operation_unknown": (
        "No operation answers this method on this path.",
        "Compare both with the API's page in the catalog.",
    ),
    "version_sunset": (
        "This version has come to its announced end and answers no more.",
        "Move to the version that the Link header names; the changelog of the API has the guide.",
    ),
    "token_missing": (
        "The call carries no access token.",
        "Send `Authorization: Bearer` and the token.",
    ),
    "token_duplicate": (
        "The call carries more than one token.",
        "Send one `Authorization` header and nothing else that holds a token.",
    ),
    "token_in_query": (
        "The token stands in the address, where logs would keep it.",
        "Send it in the `Authorization` header. Revoke the token: it may have been seen.",
    ),
    "token_unknown": (
        "We did not issue this token, or it was deleted long ago.",
        "Ask for a new one with the refresh token or the client's secret.",
    ),
    "token_expired": (
        "The token's five minutes are over.",
        "Use the refresh token, or ask for a new token with the client's secret.",
    ),
    "token_revoked": (
        "The token was revoked.",
        "Ask the customer again, unless you revoked it yourself.",
    ),
    "application_inactive": (
        "The application or its organisation is suspended or closed.",
        "Open the application's page: it says since when, and what to do.",
    ),
    "subscription_missing": (
        "The application has no access to this API in this environment.",
        "Ask for access on the application's page.",
    ),
    "scope_missing": (
        "The token does not carry a scope that the operation needs.",
        "Look up the scope on the operation's page, and ask the customer for it.",
    ),
    "customer_missing": (
        "The operation reads a customer's data, and the token stands for no customer.",
        "Send the customer through the authorization page and use the token that comes back.",
    ),
    "customer_inactive": (
        "The customer's account is closed.",
        "Delete what you hold about the customer. There is nothing to ask for any longer.",
    ),
    "consent_withdrawn": (
        "The customer stopped sharing.",
        "Stop calling, delete what you hold within 24 hours, and do not ask again unprompted.",
    ),
    "consent_revoked": (
        "We ended this consent, for the customer's safety.",
        "Look at your notices: they say why.",
    ),
    "consent_expired": (
        "The consent reached its end.",
        "Ask the customer again when they next use your application.",
    ),
    "consent_invalidated": (
        "This consent should never have been given, such as after a fraud.",
        "Stop calling and delete what you hold. Your notices say more.",
    ),
    "consent_paused": (
        "The customer has paused sharing for now.",
        "Keep your tokens and call again later: they work once the customer resumes it.",
    ),
    "consent_superseded": (
        "The customer has agreed anew since this token was issued.",
        "Use the tokens that came with the new agreement.",
    ),
    "consent_narrowed": (
        "The customer no longer shares this part of their data.",
        "Work with the parts that are left, and delete this one within 24 hours.",
    ),
    "access_restricted": (
        "The customer still shares this, but its use is restricted for now.",
        "Keep what you hold and do not use it. Try again after we tell you that it was lifted.",
    ),
    "exemption_missing": (
        "The answer to a customer's request names no reason that we know.",
        "Send one of `law`, `claim`, `nothing`, `health` or `research`, or say that it is done.",
    ),
    "rate_limited": (
        "The plan's limit is used up for now.",
        "Wait for as long as the `Retry-After` header says. The plan's page names the limits.",
    ),
}
