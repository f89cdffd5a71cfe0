"""Whether what somebody holds is a receipt of ours, to the byte. It asks who is asking for nothing.

The answer says no more than the paper in the asker's hand: not whose it is, nor what became of it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from django.utils.translation import gettext as _

from consent.arrangements.models import Receipt, Resignature
from consent.arrangements.receipts import TYP, canonical, digest
from consent.keys import jws
from consent.keys.jws import BadSignature
from portal.errors import Malformed

MAX_BYTES = 1024 * 1024
NUMBER = re.compile(r"MR-\d{4}-\d{6,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_JWS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class Verdict(StrEnum):
    GENUINE = "genuine"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class NoReceipt(Malformed):
    """Neither a receipt's JSON nor its signed form: nothing that could be compared."""

    code = "no_receipt"


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_signed` says that a key of ours, which we have not given up, still proves it.

    `signed_anew_at` is when a later key did that in the place of one that was given up.
    """

    verdict: Verdict
    number: str
    is_signed: bool = False
    signed_anew_at: datetime | None = None


def check(raw: bytes) -> Finding:
    """Compare a receipt as JSON, however it is spaced, or as a compact JWS with what we wrote."""
    text = _text(raw)
    signature, payload = _parted(text) if _JWS.fullmatch(text) else ("", text)
    body = _read(payload)
    number = body.get("receipt_id")
    if not isinstance(number, str):
        raise NoReceipt(_("This is JSON, but no receipt: it has no receipt_id."))
    # A signed form is compared as it is: bytes that were spaced anew were not signed.
    is_spelled = not signature or payload.encode() == canonical(body)
    found = _find(number)
    if found is None:
        return Finding(Verdict.UNKNOWN, number[:40])
    is_same = compare_digest(digest(body), found.sha256) and is_spelled
    if signature and signature not in signatures_of(found):
        is_same = False
    return _finding(found, is_same=is_same)


def check_number(number: str, sha256: str) -> Finding:
    """Compare a receipt's number and fingerprint, as a printed one has them, with what we wrote."""
    number, sha256 = number.strip().upper(), re.sub(r"\s", "", sha256).lower()
    if not NUMBER.fullmatch(number) or not _DIGEST.fullmatch(sha256):
        raise NoReceipt(_("A number looks like MR-2026-000123, a fingerprint has 64 digits."))
    found = _find(number)
    if found is None:
        return Finding(Verdict.UNKNOWN, number)
    return _finding(found, is_same=compare_digest(sha256, found.sha256))


def is_signed(receipt: Receipt) -> bool:
    """Whether a signature on it holds now, its first one or a later one."""
    return _holds(receipt, receipt.signature) or signed_anew(receipt) is not None


def signed_anew(receipt: Receipt) -> Resignature | None:
    """Return the newest later signature, if its key was not given up as well."""
    later = receipt.resignatures.order_by("-pk")
    return next((one for one in later if _holds(receipt, one.signature)), None)


def signatures_of(receipt: Receipt) -> set[str]:
    return {receipt.signature, *receipt.resignatures.values_list("signature", flat=True)}


def signed_form(receipt: Receipt) -> str:
    """Return the receipt as a compact JWS: one file that proves itself."""
    # There is a later one only where the first does not hold any more.
    later = signed_anew(receipt)
    header, _, signature = (later.signature if later else receipt.signature).partition("..")
    return f"{header}.{jws.encoded(canonical(receipt.body))}.{signature}"


def _finding(receipt: Receipt, *, is_same: bool) -> Finding:
    if not is_same:
        return Finding(Verdict.CHANGED, receipt.number)
    if _holds(receipt, receipt.signature):
        return Finding(Verdict.GENUINE, receipt.number, is_signed=True)
    later = signed_anew(receipt)
    at = later.created_at if later else None
    return Finding(Verdict.GENUINE, receipt.number, is_signed=at is not None, signed_anew_at=at)


def _holds(receipt: Receipt, signature: str) -> bool:
    try:
        jws.check_of_record(signature, canonical(receipt.body), typ=TYP)
    except BadSignature:
        return False
    return True


def _find(number: str) -> Receipt | None:
    return Receipt.objects.filter(number=number).first() if NUMBER.fullmatch(number) else None


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise NoReceipt(_("This is too long for one of our receipts."))
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise NoReceipt(_("This is no receipt: choose its .json or .jws file.")) from error


def _parted(text: str) -> tuple[str, str]:
    header, payload, signature = text.split(".")
    try:
        decoded = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except ValueError as error:
        raise NoReceipt(_("This looks signed, but cannot be read.")) from error
    return f"{header}..{signature}", decoded


def _read(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text, object_pairs_hook=_single, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NoReceipt(_("This is no receipt: it cannot be read as JSON.")) from error
    if not isinstance(body, dict):
        raise NoReceipt(_("This is JSON, but no receipt."))
    return body


def _single(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    # Of two values under one name a person may see the one and we the other.
    body: dict[str, Any] = {}
    for name, value in pairs:
        if name in body:
            raise ValueError(name)
        body[name] = value
    return body


def _refuse(constant: str) -> None:
    raise ValueError(constant)
