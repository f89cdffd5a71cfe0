from enum import StrEnum


class SpecEvent(StrEnum):
    IMPORTED = "catalog.spec.imported"
    REJECTED = "catalog.spec.rejected"


class VersionEvent(StrEnum):
    PUBLISHED = "catalog.version.published"
