from enum import StrEnum


class OAuthEvent(StrEnum):
    AUTHORIZATION_DENIED = "consent.authorization.denied"
    TOKEN_ISSUED = "consent.token.issued"
    TOKEN_REFRESHED = "consent.token.refreshed"
    TOKEN_REVOKED = "consent.token.revoked"
    CODE_REPLAYED = "consent.code.replayed"
    CODE_HOARDED = "consent.code.hoarded"
    REFRESH_REPLAYED = "consent.refresh.replayed"
    FOREIGN_IDS = "consent.client.foreign_ids"
