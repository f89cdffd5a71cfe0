from enum import StrEnum


class ApplicationEvent(StrEnum):
    REGISTERED = "partners.application.registered"
    LIVE = "partners.application.live"
    SUSPENDED = "partners.application.suspended"
    CLOSED = "partners.application.closed"
    REINSTATED = "partners.application.reinstated"
    USES_CHANGED = "partners.application.uses_changed"
    CLIENT_OPENED = "partners.client.opened"
    PROFILE_CHOSEN = "partners.client.profile_chosen"
    KEYS_SET = "partners.client.keys_set"
    HABITS_SET = "partners.client.habits_set"
    REDIRECTS_CHANGED = "partners.client.redirects_changed"
    DETAIL_TYPES_NAMED = "partners.client.detail_types_named"
    SIGN_IN_CHANGED = "partners.client.sign_in_changed"
    CREDENTIAL_ISSUED = "partners.credential.issued"
    CREDENTIAL_ROTATED = "partners.credential.rotated"
    CREDENTIAL_REVOKED = "partners.credential.revoked"
