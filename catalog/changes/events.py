from enum import StrEnum


class ChangeEvent(StrEnum):
    DRAFTED = "catalog.change.drafted"
    EDITED = "catalog.change.edited"
    PUBLISHED = "catalog.change.published"
