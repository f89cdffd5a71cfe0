from enum import StrEnum


class DraftEvent(StrEnum):
    IMPORTED = "partners.draft.imported"
    PUBLISHED = "partners.draft.published"
    DISCARDED = "partners.draft.discarded"
