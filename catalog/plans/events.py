from enum import StrEnum


class PlanEvent(StrEnum):
    OPENED = "catalog.plan.opened"
