from __future__ import annotations

import pytest

from consent.gateway.calls import Call
from consent.gateway.decision import Presented
from consent.gateway.routes import Route, match


def route(method: str, template: str) -> Route:
    return Route(f"{method} {template}", method, template, frozenset(), frozenset(), ())


ROUTES = [
    route("GET", "/prescriptions"),
    route("GET", "/prescriptions/{id}"),
    route("GET", "/prescriptions/due"),
    route("POST", "/prescriptions/{id}/refills"),
    route("GET", "/files/{+path}"),
    route("GET", "/v{version}.json"),
]


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/prescriptions", "/prescriptions"),
        ("GET", "/prescriptions/rx_1", "/prescriptions/{id}"),
        ("GET", "/prescriptions/due", "/prescriptions/due"),
        ("POST", "/prescriptions/rx_1/refills", "/prescriptions/{id}/refills"),
        ("GET", "/files/a/b/c", "/files/{+path}"),
        ("GET", "/v2.json", "/v{version}.json"),
    ],
)
def test_a_path_finds_its_operation(method, path, template):
    found = match(ROUTES, method, path)

    assert found is not None
    assert found.template == template


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/prescriptions/"),
        ("GET", "/prescriptions/a/b"),
        ("DELETE", "/prescriptions"),
        ("GET", "/v2xjson"),
        ("GET", ""),
        ("GET", "/prescriptions\n"),
    ],
)
def test_any_other_path_finds_none(method, path):
    assert match(ROUTES, method, path) is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/prescriptions/v1/refills", ("prescriptions", "v1", "/refills")),
        ("/prescriptions/v1/a%20b?x=1", ("prescriptions", "v1", "/a b")),
        ("/prescriptions/v1/../v2/x", ("", "", "/prescriptions/v1/../v2/x")),
        ("/prescriptions/v1/%2e%2e/x", ("", "", "/prescriptions/v1/../x")),
        ("/prescriptions", ("", "", "/prescriptions")),
        ("/", ("", "", "/")),
    ],
)
def test_the_address_names_api_and_version(target, expected):
    call = Call.read(method="get", target=target, authorization=[])

    assert (call.api_slug, call.version_label, call.path) == expected


@pytest.mark.parametrize(
    ("target", "authorization", "presented"),
    [
        ("/a/v1/x", [], Presented.NOTHING),
        ("/a/v1/x", ["Basic abc"], Presented.NOTHING),
        ("/a/v1/x", ["Bearer "], Presented.NOTHING),
        ("/a/v1/x", ["bearer abc"], Presented.HEADER),
        ("/a/v1/x", ["Bearer a", "Bearer b"], Presented.TWICE),
        ("/a/v1/x", ["Bearer a,Bearer b"], Presented.TWICE),
        ("/a/v1/x?access_token=abc", ["Bearer abc"], Presented.QUERY),
        ("/a/v1/x?access_token", [], Presented.QUERY),
    ],
)
def test_a_token_counts_only_once_and_in_the_header(target, authorization, presented):
    assert (
        Call.read(method="GET", target=target, authorization=authorization).presented is presented
    )
