"""The one wording of a consent: the same on the screen, the pages, the receipt and in mail."""

from consent.arrangements.wording.endings import (
    DELETE_WITHIN,
    all_stopped,
    delete_by,
    ending,
    is_of_the_app,
    switched_off,
)
from consent.arrangements.wording.lines import (
    kept_for,
    line_of,
    line_of_item,
    look_back,
    special_label,
    why,
)
from consent.arrangements.wording.lists import listed, looked_at, sentence, several
from consent.arrangements.wording.notices import (
    NEVER_SEEN,
    NO_DATA,
    by_whom,
    narrowed_notice,
    notice_of,
    place,
    sign_in_words,
)
from consent.arrangements.wording.receipts import receipt_words

__all__ = [
    "DELETE_WITHIN",
    "NEVER_SEEN",
    "NO_DATA",
    "all_stopped",
    "by_whom",
    "delete_by",
    "ending",
    "is_of_the_app",
    "kept_for",
    "line_of",
    "line_of_item",
    "listed",
    "look_back",
    "looked_at",
    "narrowed_notice",
    "notice_of",
    "place",
    "receipt_words",
    "sentence",
    "several",
    "sign_in_words",
    "special_label",
    "switched_off",
    "why",
]
