from enum import StrEnum


class ImportEvent(StrEnum):
    REQUESTED = "catalog.import.requested"
    ENDED = "catalog.import.ended"
    CANCELLED = "catalog.import.cancelled"
    RETRIED = "catalog.import.retried"


class SourceEvent(StrEnum):
    ADDED = "catalog.source.added"
    CHANGED = "catalog.source.changed"
    PAUSED = "catalog.source.paused"
    RESUMED = "catalog.source.resumed"
    REMOVED = "catalog.source.removed"
