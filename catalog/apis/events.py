from enum import StrEnum


class ApiEvent(StrEnum):
    DESCRIBED = "catalog.api.described"
    OWNED = "catalog.api.owned"
    AUDIENCE_SET = "catalog.api.audience_set"


class OperationEvent(StrEnum):
    OWNED = "catalog.operation.owned"
