from enum import StrEnum


class ChangeEvent(StrEnum):
    DRAFTED = "catalog.change.drafted"
    EDITED = "catalog.change.edited"
    PUBLISHED = "catalog.change.published"


class DeprecationEvent(StrEnum):
    ANNOUNCED = "catalog.deprecation.announced"
    EXTENDED = "catalog.deprecation.extended"
    WITHDRAWN = "catalog.deprecation.withdrawn"
    REMINDED = "catalog.deprecation.reminded"
    ENDED = "catalog.deprecation.ended"
