"""Cells that a spreadsheet shows and does not work out."""

from __future__ import annotations

# The wide forms too: a spreadsheet takes them for the plain ones.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
