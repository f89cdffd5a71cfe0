from enum import StrEnum


class GuideEvent(StrEnum):
    WRITTEN = "catalog.guide.written"
    PUBLISHED = "catalog.guide.published"
    WITHDRAWN = "catalog.guide.withdrawn"
