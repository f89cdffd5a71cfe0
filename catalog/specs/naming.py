"""Addresses from what a document says: stable, readable, unique."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

_FILE = re.compile(r"(?P<vendor>.+?)__(?P<api>.+)__(?P<version>.+?)")
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,120}")
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_NUMBER = re.compile(r"v?[\s.]*(\d{1,9})(?![\d])")
_STAGE = re.compile(r"(alpha|beta|preview|rc)[.\-_]?(\d{0,4})")


def slugify(text: str, *, max_length: int) -> str:
    """Return lower-case ASCII with dashes; what was cut off leaves a digest behind."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return _fitted(slug, text, max_length)


def api_slug(*, title: str, host: str) -> str:
    """Name an API by its host and title, without saying the same word twice."""
    name = slugify(title, max_length=80)
    labels = [label for label in host.lower().split(".") if label not in {"www", "api", "apis"}]
    vendor = labels[-2] if len(labels) > 1 else "".join(labels)
    if vendor and slugify(vendor, max_length=40) not in name:
        name = slugify(f"{vendor} {title}", max_length=80)
    return name or "api"


def slug_of_file(stem: str) -> str | None:
    """Return the API's slug from a name such as `vendor__api__version`, or None."""
    found = _FILE.fullmatch(stem)
    if found is None:
        return None
    api = "" if found["api"] == "main" else found["api"]
    return slugify(f"{found['vendor']} {api}", max_length=80) or None


def version_label(number: str) -> str:
    """Name a version by what breaks its callers: `2.3.1` is `v2`, `v1beta1` stays."""
    text = number.strip().lower()
    if _DATE.fullmatch(text):
        return f"v{text}"
    found = _NUMBER.match(text)
    if found is None:
        return slugify(text, max_length=40) or "v1"
    stage = _STAGE.search(text)
    if stage is None:
        return f"v{int(found[1])}"
    joint = "" if text[: stage.start()] == f"v{found[1]}" else "-"
    return f"v{int(found[1])}{joint}{stage[1]}{stage[2]}"


def operation_slug(operation_id: str, *, method: str, path: str, taken: set[str]) -> str:
    """Keep the operationId where it can be an address and is free, else name the route."""
    kept = operation_id if _SLUG.fullmatch(operation_id) else slugify(operation_id, max_length=110)
    if kept and kept not in taken:
        return kept
    route = slugify(f"{method} {path}", max_length=110)
    if route not in taken:
        return route
    return f"{route[:110]}-{_digest(f'{method} {path}')}"


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _fitted(slug: str, text: str, max_length: int) -> str:
    if len(slug) <= max_length:
        return slug
    return f"{slug[: max_length - 9].rstrip('-')}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
