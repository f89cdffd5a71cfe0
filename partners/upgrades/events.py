from enum import StrEnum


class UpgradeEvent(StrEnum):
    # Told to each application that uses what changes: its partner's webhooks hear of it.
    CHANGED = "partners.upgrade.changed"
    ENDING = "partners.upgrade.ending"
    ACKNOWLEDGED = "partners.upgrade.acknowledged"
