"""Pictures: how large they would be once unpacked, read from their headers alone."""

from __future__ import annotations

from typing import IO

from partners.evidence.kinds import FileRefused

MAX_PIXELS = 40_000_000
PNG_MARK = b"\x89PNG\r\n\x1a\n"
JPG_MARK = b"\xff\xd8\xff"
# SOF markers of ITU-T T.81 table B.1; the gaps are tables, not frames.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


def check_png(file: IO[bytes]) -> None:
    header = file.read(24)
    if header[12:16] != b"IHDR":
        raise _damaged()
    _check_size(int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big"))


def check_jpg(file: IO[bytes]) -> None:
    file.read(2)
    while True:
        if file.read(1) != b"\xff":
            raise _damaged()
        mark = file.read(1)
        while mark == b"\xff":
            mark = file.read(1)
        if not mark or mark[0] in {0xD9, 0xDA}:
            raise _damaged()  # It ends, or its picture begins, before anybody said how large.
        if mark[0] in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(file.read(2), "big")
        if mark[0] in _FRAMES:
            frame = file.read(5)
            _check_size(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
            return
        if length < 2:
            raise _damaged()
        file.seek(length - 2, 1)


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise _damaged()
    if width * height > MAX_PIXELS:
        raise FileRefused(
            f"The picture has {width:,} × {height:,} points. Scale it to at most 40 million.",
            code="image_too_large",
        )


def _damaged() -> FileRefused:
    return FileRefused("The picture cannot be opened. Save it once more.", code="file_damaged")
