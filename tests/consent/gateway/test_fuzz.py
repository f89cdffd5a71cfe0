"""Whatever the headers say, the gateway hears yes or one of the known ways of no."""

from __future__ import annotations

import pytest
from django.conf import settings as portal
from django.db import transaction
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.gateway.calls import Call
from consent.gateway.decision import Reason

fixed = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# What a server hands on: header bytes, read as Latin-1, without line ends.
junk = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
paths = st.sampled_from(
    ["/things", "/extra", "/shops", "/nothing", "/things/", "/things?x=1", "/things#x", "/th%69ngs"]
)
targets = st.one_of(
    junk,
    junk.map("/{}".format),
    junk.map("//[{}".format),
    st.tuples(st.sampled_from(["/", "//", "/./", "/../", "http://", ""]), paths, junk),
)
methods = st.one_of(st.sampled_from(["GET", "get", "POST", "DELETE", ""]), junk)
schemes = st.sampled_from(["Bearer ", "bearer ", "BEARER  ", "Basic ", "DPoP ", "", "Bearer a, "])


@pytest.fixture
def known(gate) -> str:
    return gate.token("extra:read")


@fixed
@given(data=st.data())
def test_only_known_answers_are_given_and_junk_opens_nothing(gate, known, data):
    target = data.draw(targets)
    if isinstance(target, tuple):
        start, path, rest = target
        target = f"{start}{gate.api.slug}/v1{path}{rest}"
    method = data.draw(methods)
    token = data.draw(st.one_of(st.just(known), junk))
    given_ = data.draw(schemes) + token + data.draw(st.sampled_from(["", " ", ",", "\x00", "é"]))
    headers = {
        "X-Gateway-Key": portal.GATEWAY_KEY,
        "X-Original-URI": target,
        "X-Original-Method": method,
        "Authorization": given_,
        data.draw(st.sampled_from(["X-Portal-Client", "Host", "Accept", "Cookie"])): data.draw(
            st.sampled_from(["", "testserver", "a=b", "\xff"])
        ),
    }

    with transaction.atomic():
        answer = Browser().get("/gateway/nginx", headers=headers)
        transaction.set_rollback(True)

    assert answer.status_code in {204, 400, 401, 403}
    if answer.status_code == 204:
        assert token == known
        assert Call.read(method=method, target=target, authorization=[]).path in {
            "/things", "/extra", "/shops"
        }  # fmt: skip
    elif "X-Portal-Reason" in answer:
        reason = Reason(answer["X-Portal-Reason"])
        assert reason is not Reason.ALLOWED
        assert int(answer["X-Portal-Status"]) == reason.status
        assert "X-Portal-Ticket" not in answer
    else:  # The portal's own refusal, such as for a host that is not ours.
        assert "X-Portal-Client" not in answer
    if known in given_:
        assert known not in answer.content.decode() + str(answer.headers)


@fixed
@given(key=junk, target=paths)
def test_without_the_key_of_a_gateway_nothing_is_decided(gate, key, target):
    headers = {"X-Gateway-Key": key, "X-Original-URI": f"/{gate.api.slug}/v1{target}"}

    answer = Browser().get("/gateway/nginx", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["code"] == "gateway_unknown"


@pytest.mark.parametrize(
    "target", ["//[", "/things#a", "//things/v1/things", "http://[/", "/\udcff"]
)
def test_an_address_that_can_be_read_in_two_ways_is_no_route(target):
    call = Call.read(method="GET", target=target, authorization=[])

    assert call.api_slug == ""


def test_an_encoded_hash_is_a_part_of_the_path():
    call = Call.read(method="GET", target="/things/v1/a%23b", authorization=[])

    assert (call.api_slug, call.path) == ("things", "/a#b")
