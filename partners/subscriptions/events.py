from enum import StrEnum


class AccessEvent(StrEnum):
    REQUESTED = "partners.access.requested"
    WITHDRAWN = "partners.access.withdrawn"
    APPROVED = "partners.access.approved"
    REJECTED = "partners.access.rejected"


class SubscriptionEvent(StrEnum):
    ACTIVATED = "partners.subscription.activated"
    REPLACED = "partners.subscription.replaced"
    EXPIRED = "partners.subscription.expired"
    REVOKED = "partners.subscription.revoked"
    PAUSED = "partners.subscription.paused"
    RESUMED = "partners.subscription.resumed"
    CONDITION_MET = "partners.subscription.condition_met"
