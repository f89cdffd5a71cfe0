from enum import StrEnum


class RemarkEvent(StrEnum):
    WRITTEN = "partners.remark.written"
    RESOLVED = "partners.remark.resolved"
