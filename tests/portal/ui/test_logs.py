from __future__ import annotations

import io
import json
import logging

import pytest
from django.test import RequestFactory
from structlog.stdlib import ProcessorFormatter


@pytest.fixture
def written():
    """Return what the configured formatter makes of the lines that reach the root logger."""
    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(next(one for one in formatters if isinstance(one, ProcessorFormatter)))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_a_request_is_logged_by_method_and_path(written):
    request = RequestFactory().get("/oauth/authorize?state=a-secret-state")

    logging.getLogger("django.request").warning("Bad", extra={"request": request})

    line = json.loads(written.getvalue())
    assert line["request"] == "GET /oauth/authorize"
    assert "a-secret-state" not in written.getvalue()


def test_what_is_no_request_is_left_out(written):
    logging.getLogger("django.request").warning("Bad", extra={"request": object(), "server": "x"})

    assert {"request", "server"}.isdisjoint(json.loads(written.getvalue()))


def test_a_one_time_link_does_not_stand_in_the_log(written):
    request = RequestFactory().get("/accounts/password/new/1-abcdef-0123456789/")

    logging.getLogger("django.request").warning(
        "Not Found: %s", request.path, extra={"request": request}
    )

    assert written.getvalue().count("/accounts/password/new/\\u2026/") >= 2
    assert "abcdef" not in written.getvalue()
