from enum import StrEnum


class WebhookEvent(StrEnum):
    ADDED = "partners.webhook.added"
    TESTED = "partners.webhook.tested"
    SECRET_ROLLED = "partners.webhook.secret_rolled"  # noqa: S105 - the name of an event
    DISABLED = "partners.webhook.disabled"
    ENABLED = "partners.webhook.enabled"
    REMOVED = "partners.webhook.removed"


TRIALS = (WebhookEvent.ADDED, WebhookEvent.TESTED, WebhookEvent.ENABLED)
