from enum import StrEnum


class NoticeEvent(StrEnum):
    PUBLISHED = "consent.notice.published"
