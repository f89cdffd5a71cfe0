"""R3: an API behind the gateway hears to which single cases a token is limited."""

from __future__ import annotations

import json
import re

import pytest

from consent.gateway.dialects.headers import MAX_DETAILS_LENGTH, details
from consent.gateway.export.nginx import server_block
from consent.oauth.models import AccessToken
from consent.oauth.rar import Detail
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.gateway import Gate

HEADER = "X-Portal-Details"


@pytest.fixture
def gate(db) -> Gate:
    return make_detailed_gate()


def token_for(gate: Gate, *optional: str, **asked: str) -> str:
    answer = gate.world.exchange(gate.world.code(*optional, **asked))
    return str(answer.json()["access_token"])


def test_the_api_is_told_the_cases_as_compact_json(gate):
    token = token_for(gate, "extra:read", authorization_details=written(PAY, BUDGET))

    said = gate.ask(token)[HEADER]

    assert json.loads(said) == [PAY, BUDGET]
    assert ", " not in said.replace(PAY["payee"], "")


def test_a_token_without_cases_is_not_limited_and_says_nothing(gate):
    assert HEADER not in gate.ask(token_for(gate))
    assert HEADER not in gate.ask(gate.own_token(), path="/shops")


def test_what_the_customer_left_out_is_not_told(gate):
    token = token_for(gate, authorization_details=written(PAY, BUDGET))

    assert json.loads(gate.ask(token)[HEADER]) == [BUDGET]


def test_a_token_whose_cases_are_all_gone_is_for_none_and_never_for_all(gate):
    token = token_for(gate, authorization_details=written(BUDGET))
    gate.world.code()  # The customer agrees anew, and to no single case.

    assert gate.ask(token)[HEADER] == "[]"


def test_the_cases_of_another_api_are_not_told(gate):
    token = token_for(gate, authorization_details=written(BUDGET))
    kept = AccessToken.objects.get()
    kept.details[0]["api"] = "elsewhere"
    kept.save()

    assert HEADER not in gate.ask(token)


def test_it_is_ascii_whatever_the_words_are():
    detail = Detail({"type": "t", "payee": "Ärztehaus 💊\u2028"}, "s", "a", 1)

    said = details([detail])

    assert said.isascii()
    assert said.isprintable()
    assert json.loads(said) == [detail.content]


def test_what_does_not_fit_into_a_header_is_null_and_never_cut():
    fits = Detail(
        {"type": "t", "x": "a" * (MAX_DETAILS_LENGTH - len('[{"type":"t","x":""}]'))}, "s", "a", 1
    )
    longer = Detail({**fits.content, "type": "tt"}, "s", "a", 1)

    assert len(details([fits])) == MAX_DETAILS_LENGTH
    assert details([longer]) == "null"


def test_nginx_hands_it_on_and_takes_none_from_the_client():
    block = server_block(listen="127.0.0.1:1", portal="127.0.0.1:2", gateway_key="k")

    assert re.search(r"auth_request_set \$portal_details +\$upstream_http_x_portal_details;", block)
    assert "proxy_set_header X-Portal-Details $portal_details;" in block
