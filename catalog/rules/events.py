from enum import StrEnum


class RuleEvent(StrEnum):
    OVERRIDDEN = "catalog.rule.overridden"
    RESTORED = "catalog.rule.restored"
