"""Resource indicators (RFC 8707): a token is for the APIs that were named, and for no other."""

from __future__ import annotations

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from catalog.apis.models import Api, ApiVersion
from consent.oauth.models import AccessToken, Grant, RefreshToken
from consent.oauth.resources import address_of, covers, is_within
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import answer_of
from tests.factories.partners import SubscriptionFactory


@pytest.fixture
def gate(db) -> Gate:
    return make_gate()


def other_api(gate: Gate, *, subscribed: bool = False) -> Api:
    """Return another published API, which the client may or may not call."""
    subscription = SubscriptionFactory(client=gate.world.client) if subscribed else None
    api = subscription.plan.api if subscription else SubscriptionFactory().plan.api
    ApiVersion.objects.create(
        api=api, label="v1", status=ApiVersion.Status.STABLE, published_at=api.published_at
    )
    return api


def test_a_token_for_an_api_passes_there_and_nowhere_else(gate):
    resource = address_of(gate.api.slug, "v1")
    other = other_api(gate, subscribed=True)

    here = gate.world.exchange(gate.world.code(resource=resource)).json()["access_token"]
    there = gate.world.exchange(gate.world.code(resource=address_of(other.slug))).json()

    assert AccessToken.objects.first().resource == [resource]
    assert gate.ask(here).status_code == 204
    refusal = gate.call(there["access_token"])
    assert (refusal.status_code, refusal.json()["code"]) == (401, "audience_mismatch")


def test_the_whole_api_covers_its_versions_and_nothing_named_covers_all(gate):
    whole = gate.world.exchange(gate.world.code(resource=address_of(gate.api.slug))).json()

    assert gate.ask(whole["access_token"]).status_code == 204
    assert gate.ask(gate.token()).status_code == 204


def test_the_audience_follows_the_resource(gate):
    resource = address_of(gate.api.slug)
    body = gate.world.exchange(gate.world.code(resource=resource)).json()

    told = gate.world.post("/oauth/introspect", token=body["access_token"]).json()

    assert told["aud"] == [resource]
    for model in (Grant, AccessToken, RefreshToken):
        assert model.objects.get().resource == [resource]


@pytest.mark.parametrize(
    "resource",
    [
        "https://elsewhere.example/api",
        "not a uri",
        "{gateway}",
        "{gateway}/",
        "{gateway}/{api}/",
        "{gateway}/{api}/v1/things",
        "{gateway}/{api}/v2",
        "{gateway}/{api}/v1?x=1",
        "{gateway}/{api}/v1#x",
        "{gateway}/{api}/../{api}",
        "{gateway}/nothing",
        "{gateway}//{api}",
        "{gateway}/{api}%00",
    ],
)
def test_a_resource_that_is_no_api_is_an_invalid_target(gate, resource):
    resource = resource.format(gateway=settings.GATEWAY_URL, api=gate.api.slug)

    answer = gate.world.ask(resource=resource)

    assert answer_of(answer)["error"] == "invalid_target"
    told = gate.world.post(
        grant_type="client_credentials", scope="open:read", resource=resource
    )  # fmt: skip
    assert (told.status_code, told.json()["error"]) == (400, "invalid_target")
    assert not AccessToken.objects.exists()


def test_an_api_that_the_client_has_no_access_to_is_an_invalid_target(gate):
    resource = address_of(other_api(gate).slug)

    assert answer_of(gate.world.ask(resource=resource))["error"] == "invalid_target"


def test_an_api_that_is_not_published_is_an_invalid_target(gate):
    ApiVersion.objects.update(status=ApiVersion.Status.SUNSET)

    answer = gate.world.ask(resource=address_of(gate.api.slug, "v1"))

    assert answer_of(answer)["error"] == "invalid_target"


def test_several_resources_may_be_named(gate):
    other = other_api(gate, subscribed=True)
    both = [address_of(gate.api.slug, "v1"), address_of(other.slug)]

    page = gate.world.browser.get(
        "/oauth/authorize", {**gate.world.request(), "resource": both}
    )  # fmt: skip
    code = answer_of(gate.world.decide(page))["code"]

    token = gate.world.exchange(code).json()["access_token"]
    assert gate.ask(token).status_code == 204
    assert AccessToken.objects.get().resource == both


def test_a_refresh_may_narrow_the_target_and_the_next_one_has_all_of_it_again(gate):
    other = other_api(gate, subscribed=True)
    both = f"{address_of(gate.api.slug)} {address_of(other.slug)}"
    first = gate.world.exchange(gate.world.code(resource=both)).json()
    narrow = address_of(gate.api.slug, "v1")

    second = gate.world.refresh(first["refresh_token"], resource=narrow).json()
    third = gate.world.refresh(second["refresh_token"]).json()

    resources = list(AccessToken.objects.order_by("pk").values_list("resource", flat=True))
    assert resources == [both.split(), [narrow], both.split()]
    assert gate.ask(third["access_token"]).status_code == 204


def test_a_refresh_or_an_exchange_for_more_is_refused_and_burns_nothing(gate):
    other = other_api(gate, subscribed=True)
    code = gate.world.code(resource=address_of(gate.api.slug, "v1"))
    more = address_of(gate.api.slug)

    wider = gate.world.exchange(code, resource=more)
    body = gate.world.exchange(code).json()
    foreign = gate.world.refresh(body["refresh_token"], resource=address_of(other.slug))

    for answer in (wider, foreign):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    assert gate.world.refresh(body["refresh_token"]).status_code == 200


PARTS = st.lists(st.sampled_from(["a", "b", "v1", "v2"]), min_size=1, max_size=2)
RESOURCES = PARTS.map(lambda parts: address_of(*parts))


@given(
    st.lists(RESOURCES, min_size=1),
    RESOURCES,
    st.sampled_from("ab"),
    st.sampled_from(["v1", "v2"]),
)
def test_what_is_narrower_reaches_nothing_more(granted, asked, slug, label):
    if is_within(asked, granted) and covers([asked], api_slug=slug, label=label):
        assert covers(granted, api_slug=slug, label=label)
