from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.browsers import spoken_browser

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"


@pytest.mark.parametrize(
    ("sent", "spoken"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/156.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            f"{IPHONE} {WEBKIT} Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0",
            "Samsung Internet on Android",
        ),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32", "python-requests"),
        ("Mozilla/5.0", "An unnamed program"),
        ("", "An unnamed program"),
        ("<script>alert(1)</script>", "An unnamed program"),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(sent, spoken):
    assert spoken_browser(sent) == spoken


@given(st.text(max_size=400))
def test_whatever_is_sent_has_a_short_name(sent):
    assert 0 < len(spoken_browser(sent)) < 60
