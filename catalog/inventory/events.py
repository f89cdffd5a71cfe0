from enum import StrEnum


class DeploymentEvent(StrEnum):
    FOUND = "catalog.deployment.found"
    REMOVED = "catalog.deployment.removed"
