from __future__ import annotations

from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from portal.errors import TooLarge


class DocumentParser(BaseParser):
    """Takes a body as it comes, up to the size of a description and no further."""

    media_type = "*/*"

    def parse(self, stream: IO[Any], *_: Any, **__: Any) -> dict[str, bytes]:
        raw: bytes = stream.read(settings.SPEC_MAX_BYTES + 1)
        if len(raw) > settings.SPEC_MAX_BYTES:
            raise TooLarge(f"The document is larger than {settings.SPEC_MAX_BYTES:,} bytes.")
        return {"raw": raw}
