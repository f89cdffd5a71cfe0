from enum import StrEnum


class ReceiptEvent(StrEnum):
    SIGNED_ANEW = "consent.receipt.signed_anew"
