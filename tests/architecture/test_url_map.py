"""Every address as every role, with ids of ours and of theirs: the table says what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from partners.applications.actions import issue_credential
from portal.access.actors import Role
from tests.architecture.addresses import every_address, fill, parts_of
from tests.architecture.population import OURS, ROLES, THEIRS, Population
from tests.architecture.who_sees import WHO_SEES, Answer, Row
from tests.factories.partners import ClientFactory
from tests.factories.people import member


def test_the_table_has_a_row_for_every_address_and_no_other():
    addresses = every_address()

    assert sorted(addresses) == sorted(set(addresses))
    assert set(addresses) - set(WHO_SEES) == set(), "Say in who_sees.py who may see these."
    assert set(WHO_SEES) - set(addresses) == set(), "These are no addresses any more."


@pytest.mark.parametrize("address", [pytest.param(one, id=f"/{one}") for one in WHO_SEES])
def test_each_role_is_answered_as_the_table_says(portal: Population, address: str):
    row = WHO_SEES[address]

    surprises = {
        f"{role}, {whose}": (wanted.name, got)
        for role, whose, wanted in _cases(row)
        if (got := _ask(portal, address, row, role, whose)) != wanted.name
    }

    assert surprises == {}


def test_a_gateway_and_a_token_open_what_the_map_keeps_shut(portal: Population):
    machine = portal.browsers["machine"]
    api = portal.gate.api.slug

    with portal.undone():
        token = portal.gate.token("extra:read")
        bearer = {"Authorization": f"Bearer {token}", "X-Original-URI": f"/{api}/v1/things"}
        assert machine.get("/gateway/nginx", headers=bearer).status_code == 204
        assert machine.get(f"/sandbox/{api}/v1/things", headers=bearer).status_code == 200
        nobody = portal.browsers["anonymous"]
        assert nobody.get("/gateway/nginx", headers=bearer).status_code == 403


def test_a_client_learns_nothing_of_another_clients_token(portal: Population):
    stranger = ClientFactory(production=True)
    _, secret = issue_credential(stranger, by=member(stranger.application.organization, Role.OWNER))
    other = replace(portal.gate.world, client=stranger, secret=secret)

    with portal.undone():
        token = portal.gate.token("extra:read")
        own = portal.gate.world.post("/oauth/introspect", token=token)
        foreign = other.post("/oauth/introspect", token=token)
        assert other.post("/oauth/revoke", token=token).status_code < 500
        still = portal.gate.world.post("/oauth/introspect", token=token)

    assert own.json()["active"] is True
    assert foreign.json() == {"active": False}
    assert still.json()["active"] is True


def _cases(row: Row) -> Iterator[tuple[str, str, Answer]]:
    for whose in (OURS, THEIRS) if row.parts else (OURS,):
        for role in ROLES:
            yield role, whose, row.answer(role, whose=whose)


def _ask(portal: Population, address: str, row: Row, role: str, whose: str) -> str:
    assert set(parts_of(address)) == set(row.parts), "Say which thing each id belongs to."
    path = fill(address, {name: portal.things[whose][key] for name, key in row.parts.items()})
    # Without a whole request nobody sees the page that asks for consent.
    query = urlencode(portal.gate.world.request()) if address == "oauth/authorize" else ""
    with portal.undone():
        response = portal.browsers[role].generic(row.method, path, QUERY_STRING=query)
    return _class_of(response, row)


def _class_of(response: Any, row: Row) -> str:
    status = response.status_code
    if status in {301, 302, 303}:
        if response["Location"].startswith("/sign-in/"):
            return Answer.SIGN_IN.name
        # A form that was sent leads on to a page when it was taken.
        return Answer.SEEN.name if row.method == "POST" else Answer.AWAY.name
    if status in {401, 403}:
        return Answer.FORBIDDEN.name
    if status == 404:
        return Answer.HIDDEN.name
    taken = status < 500 and row.method in {"PATCH", "POST", "PUT"}
    return Answer.SEEN.name if status == 200 or taken else str(status)
