from enum import StrEnum


class ApiEvent(StrEnum):
    DESCRIBED = "catalog.api.described"
    OWNED = "catalog.api.owned"


class OperationEvent(StrEnum):
    OWNED = "catalog.operation.owned"
