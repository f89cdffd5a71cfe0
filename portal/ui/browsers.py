"""A browser as its owner would call it, from the words it sends about itself."""

from __future__ import annotations

import re

# The order matters: most browsers also claim to be the ones below them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z .-]{0,30}(?=/|$)")


def spoken_browser(user_agent: str) -> str:
    """Return “Firefox on Windows” for a `User-Agent` (RFC 9110 §10.1.5), whatever it holds.

    What is no browser is called by its first product, and an empty text “An unnamed program”.
    """
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    if not browser:
        product = _PRODUCT.match(user_agent)
        is_generic = product is None or product[0] == "Mozilla"
        browser = "An unnamed program" if product is None or is_generic else product[0]
    return f"{browser} on {system}" if system else browser
