from __future__ import annotations

import errno
import io
import json
import logging
import re
from pathlib import Path

import pytest
import structlog
from celery.app import trace
from django.test import RequestFactory
from structlog.stdlib import ProcessorFormatter

from consent.gateway.export.nginx import server_block
from portal.errors import Conflict
from portal.secrets import new_secret
from portal.signing import new_secret as new_webhook_secret

BASE = Path(__file__).resolve().parents[3]


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


WORDS = "what a patient said"


def line_of(written) -> dict:
    assert WORDS not in written.getvalue()
    return json.loads(written.getvalue())


def test_an_exception_is_its_class_its_frames_and_its_cause(written):
    try:
        try:
            raise FileNotFoundError(errno.ENOENT, WORDS)
        except OSError as error:
            raise Conflict(WORDS, code="taken") from error
    except Conflict:
        logging.getLogger("portal.x").exception("failed")

    refusal, cause = line_of(written)["exception"]
    assert refusal["type"] == "portal.errors.Conflict [taken]"
    assert cause["type"] == "FileNotFoundError [ENOENT]"
    assert re.search(r"test_logs\.py:\d+ test_an_exception_is_its_class", cause["frames"][0])


def test_each_exception_of_a_group_is_told(written):
    group = ExceptionGroup(WORDS, [ValueError(WORDS), KeyError(WORDS)])

    logging.getLogger("portal.x").error("failed", exc_info=group)

    types = [one["type"] for one in line_of(written)["exception"]]
    assert types == ["ExceptionGroup", "ValueError", "KeyError"]


@pytest.mark.parametrize(
    "log",
    [
        lambda logger, error: logger.error("It was %s", error),
        lambda logger, error: logger.error("It was %(what)s", {"what": error}),
        lambda logger, error: logger.error(error),
        lambda logger, error: logger.error("It was", extra={"what": error}),
        lambda logger, error: logger.error("It was", extra={"what": {"deep": [error]}}),
        lambda logger, error: logger.error("It was %r", str(error), exc_info=error),
        lambda logger, error: logger.error("It was", extra={"what": str(error)}, exc_info=error),
        lambda _, error: structlog.get_logger("x").error("it_was", what=error),
        lambda _, error: structlog.get_logger("x").error("it_was", what=str(error), exc_info=error),
    ],
)
def test_an_exception_is_not_quoted_in_any_other_way(written, log):
    log(logging.getLogger("portal.x"), ValueError(WORDS))

    assert "ValueError" in json.dumps(line_of(written))


def test_a_message_that_does_not_fit_its_arguments_is_shown_without_them(written):
    record = logging.makeLogRecord({"name": "x", "msg": "%s and %d", "args": (WORDS, WORDS)})

    # Past the other handlers: that of the test runner would fail at it.
    handlers = logging.getLogger().handlers
    next(one for one in handlers if getattr(one, "stream", None) is written).handle(record)

    assert line_of(written)["event"] == "%s and %d"


def test_what_is_no_text_and_no_number_is_only_named(written):
    class Person:
        def __repr__(self) -> str:
            return WORDS

    logging.getLogger("portal.x").error("seen", extra={"who": Person(), "count": 2})

    line = line_of(written)
    assert (line["who"], line["count"]) == ("Person", 2)


def test_no_logger_goes_past_the_one_formatter():
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    handlers = [handler for logger in known for handler in logger.handlers]

    assert [one for one in handlers if not isinstance(one, logging.NullHandler)] == []
    assert [logger.name for logger in known if not logger.propagate] == []


@pytest.mark.parametrize(
    ("message", "context", "told"),
    [
        (trace.LOG_RECEIVED, {"args": f"({WORDS!r},)", "kwargs": "{}"}, "received"),
        (trace.LOG_SUCCESS, {"runtime": 0.1, "return_value": "12"}, "succeeded in 0.1s: 12"),
        (trace.LOG_SUCCESS, {"runtime": 0.1, "return_value": repr(WORDS)}, "succeeded in 0.1s: …"),
        (
            trace.LOG_FAILURE,
            {"description": "raised expected", "exc": f"ValueError({WORDS!r})", "traceback": WORDS},
            "raised expected: ValueError",
        ),
        (trace.LOG_RETRY, {"exc": f"Retry in 0s: ValueError({WORDS!r})"}, "retry: …"),
    ],
)
def test_a_task_is_logged_without_what_it_was_given_or_gave(written, message, context, told):
    context = {"name": "a.task", "id": "1", **context}

    logging.getLogger("celery.app.trace").error(message, context, extra={"data": context})

    line = line_of(written)
    assert line["event"].endswith(told)
    assert "data" not in line


# Every kind of secret of ours says by its beginning what it is.
PREFIXES = sorted(
    prefix
    for slice_ in ("consent", "partners", "portal")
    for path in (BASE / slice_).rglob("*.py")
    for prefix in re.findall(r'PREFIX = "(m[a-z]{2}_)"', path.read_text())
)


def test_nginx_cuts_each_kind_of_secret_out_of_the_paths_that_it_logs():
    settings = [
        server_block(listen="1", portal="2", gateway_key="3", logs="4"),
        (BASE / "deploy" / "nginx-portal.conf").read_text(),
    ]

    assert len(PREFIXES) >= 7
    for text in settings:
        (kinds,) = re.findall(r"\(m\(([a-z|]+)\)_\|eyJ\)", text)
        assert sorted(f"m{kind}_" for kind in kinds.split("|")) == PREFIXES


@pytest.mark.parametrize(
    "secret",
    [*map(new_secret, PREFIXES), new_webhook_secret(), "someone@people.example"],
    ids=[*PREFIXES, "webhook secret", "address"],
)
@pytest.mark.parametrize("around", ["%s", "/a/%s/b", "token=%s&x", "Bearer %s", "('%s',)"])
def test_what_looks_like_a_secret_is_taken_out_of_any_text(written, secret, around):
    text = around % secret

    logging.getLogger("portal.x").error(text, extra={"also": {"deep": [secret]}})

    assert secret not in written.getvalue()
    assert json.loads(written.getvalue())["also"] != {}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Basic YTpiYmJiYmI=", "Authorization: Basic …"),
        ("redis://:pass-word@host:6379/0", "redis://…@host:6379/0"),
        ("GET /apis/search/?q=illness HTTP/1.1", "GET /apis/search/?… HTTP/1.1"),
        ("Is it so? Yes: a = b", "Is it so? Yes: a = b"),
        ("celery@worker-1 ready.", "celery@worker-1 ready."),
    ],
)
def test_addresses_lose_what_they_carry(written, text, left):
    logging.getLogger("portal.x").error(text)

    assert json.loads(written.getvalue())["event"] == left
