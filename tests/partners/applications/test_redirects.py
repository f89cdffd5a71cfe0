from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from partners.applications.redirects import (
    MAX_LENGTH,
    is_same_loopback,
    may_go_live,
    validate_redirect_uri,
    validate_redirect_uris,
)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback",
        "https://app.example:8443/callback?tenant=1&b=%20",
        "https://app.example/a;x=1/b",
        "https://xn--bcher-kva.example/",
        "https://app.example",
        "http://127.0.0.1:5000/callback",
        "http://[::1]/callback",
        "http://[::1]:5000/callback",
    ],
)
def test_an_exact_address_is_taken(uri):
    validate_redirect_uri(uri)


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("", "encoding"),
        ("callback", "not_absolute"),
        ("//app.example/callback", "not_absolute"),
        ("https:///callback", "not_absolute"),
        ("HTTPS://app.example/", "not_absolute"),
        ("javascript:alert(1)", "not_absolute"),
        ("data:text/html,x", "not_absolute"),
        ("com.halden.refill:/callback", "not_absolute"),
        ("http://app.example/callback", "not_https"),
        ("http://127.0.0.2/callback", "not_https"),
        ("http://127.0.0.1.example/", "not_https"),
        ("https://app.example/#", "fragment"),
        ("https://app.example/#done", "fragment"),
        ("https://user@app.example/", "userinfo"),
        ("https://app.example@evil.example/", "userinfo"),
        ("https://*.example/", "wildcard"),
        ("https://app.example/*", "wildcard"),
        ("https://app.example/a b", "encoding"),
        ("https://app.example/a\x00", "encoding"),
        ("https://app.example/\n", "encoding"),
        ("https://app.example\\@evil.example/", "encoding"),
        ("https://bücher.example/", "encoding"),
        ("https://App.example/", "host"),
        ("https://app.example./", "host"),
        ("https://app..example/", "host"),
        ("https://-app.example/", "host"),
        ("https://[::2]/", "host"),
        ("https://[::1/", "malformed"),
        ("https://app.example:99999/", "malformed"),
        ("https://app.example:x/", "malformed"),
        ("https://app.example/a/../b", "dot_segment"),
        ("https://app.example/a/%2e%2E/b", "dot_segment"),
        ("https://app.example/a/%2e", "dot_segment"),
        ("https://app.example/" + "a" * MAX_LENGTH, "too_long"),
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(uri, code):
    with pytest.raises(ValidationError) as refusal:
        validate_redirect_uri(uri)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("demo", "secure", "is_taken"),
    [(False, True, False), (True, True, True), (False, False, True)],
)
def test_localhost_and_live_http_are_for_demos_only(settings, demo, secure, is_taken):
    settings.DEMO, settings.IS_SECURE = demo, secure

    assert may_go_live("http://127.0.0.1:5000/") is is_taken
    if is_taken:
        validate_redirect_uri("http://localhost:5000/callback")
    else:
        with pytest.raises(ValidationError):
            validate_redirect_uri("http://localhost:5000/callback")


@pytest.mark.parametrize(
    ("uri", "registered", "is_same"),
    [
        ("http://127.0.0.1:5000/callback", "http://127.0.0.1/callback", True),
        ("http://127.0.0.1/callback", "http://127.0.0.1:5000/callback", True),
        ("http://127.0.0.1:49152/callback?a=1", "http://127.0.0.1:5000/callback?a=1", True),
        ("http://127.0.0.1:49152", "http://127.0.0.1", True),
        ("http://[::1]:49152/callback", "http://[::1]:5000/callback", True),
        ("http://[::1]/callback", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:1/other", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:1/callback/", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:1/callback?a=1", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:1/callback#", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:99999/callback", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:/../callback", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1.evil.example/callback", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1@evil.example/callback", "http://127.0.0.1/callback", False),
        ("http://127.0.0.1:1@evil.example/callback", "http://127.0.0.1/callback", False),
        ("http://127.1:1/callback", "http://127.0.0.1/callback", False),
        ("http://2130706433:1/callback", "http://127.0.0.1/callback", False),
        ("https://127.0.0.1:1/callback", "https://127.0.0.1/callback", False),
        ("https://127.0.0.1:1/callback", "http://127.0.0.1/callback", False),
        ("http://localhost:1/callback", "http://localhost/callback", False),
        ("https://app.example:1/callback", "https://app.example/callback", False),
    ],
)
def test_only_the_port_of_a_loopback_address_is_free(uri, registered, is_same):
    assert is_same_loopback(uri, [registered]) is is_same


def test_ten_addresses_are_enough_and_each_stands_once():
    uris = [f"https://app.example/{number}" for number in range(11)]

    validate_redirect_uris(uris[:10])
    with pytest.raises(ValidationError, match="at most 10"):
        validate_redirect_uris(uris)
    with pytest.raises(ValidationError, match="twice"):
        validate_redirect_uris([uris[0], uris[0]])


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://", "https://app.example/"]))
def test_anything_else_is_refused_cleanly(text, start):
    try:
        validate_redirect_uri(start + text)
    except ValidationError:
        return
    assert not set(start + text) & set(' \t\r\n\x00#\\*<>"')
