"""Each address of the authorization server answers as its description says, whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.consent.registration.test_register import Program
from tests.factories.oauth import CALLBACK, VERIFIER
from tests.factories.openid import GOODBYE, make_openid_world, tokens_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PATH = {"grant_id": "00000000-0000-4000-8000-000000000000", "client_id": "nobody"}
# The one host for which the transport keeps cookies.
HOST = "http://localhost"
OPERATIONS = [
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/oauth-protected-resource"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/oauth/authorize"),
    ("POST", "/oauth/device_authorization"),
    ("DELETE", "/oauth/grants/{grant_id}"),
    ("GET", "/oauth/grants/{grant_id}"),
    ("POST", "/oauth/introspect"),
    ("GET", "/oauth/jwks"),
    ("GET", "/oauth/logout"),
    ("POST", "/oauth/logout"),
    ("POST", "/oauth/par"),
    ("POST", "/oauth/register"),
    ("DELETE", "/oauth/register/{client_id}"),
    ("GET", "/oauth/register/{client_id}"),
    ("PUT", "/oauth/register/{client_id}"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/token"),
    ("GET", "/oauth/signals"),
    ("POST", "/oauth/signals/poll"),
    ("GET", "/oauth/userinfo"),
    ("POST", "/oauth/userinfo"),
]
fixed = hypothesis_settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_every_address_of_the_authorization_server_is_described(described):
    found = {
        (method.upper(), path)
        for path, item in described["paths"].items()
        for method in item
        if not path.startswith("/api/")
    }

    assert found == set(OPERATIONS)


@pytest.mark.parametrize("who", ["nobody", "the client"])
@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[" ".join(operation) for operation in OPERATIONS]
)
def test_it_never_breaks_and_answers_as_described(db, described, method, path, who):
    operation = schemathesis.openapi.from_dict(described)[path][method]
    known = Known() if who == "the client" else None

    @fixed
    @given(case=cases_of(operation), odd=st.sampled_from([None, 0, 1, 2, 3]))
    def ask(case, odd):
        if known and odd is not None:
            known.make_sound(case, path, odd=odd)
        answer = answered(case, **(known.proof(path) if known else {}))
        case.validate_response(answer, checks=CHECKS)

    ask()


def cases_of(operation: Any) -> st.SearchStrategy[schemathesis.Case]:
    """Return requests as they are described and, where there is anything to break, as they are not.

    Another path would be another address.
    """
    cases = operation.as_strategy()
    if operation.body or operation.query or operation.headers:
        path = {name: PATH[name] for name in PATH if f"{{{name}}}" in operation.path}
        broken = operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=path)
        cases = st.one_of(cases, broken)
    return cases


def answered(case: schemathesis.Case, **proof: dict[str, str]) -> Any:
    """Return the answer and undo what it did; a real request would give its connection back."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            answer = case.call(base_url=HOST, app=WSGIHandler(), **proof)
            transaction.set_rollback(True)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
    return answer


class Known:
    """What a client and its customer have in hand that did everything right so far."""

    def __init__(self) -> None:
        self.world = world = make_openid_world()
        tokens = tokens_of(world)
        own = world.post(
            grant_type="client_credentials",
            scope="grant_management_query grant_management_revoke",
        ).json()
        program = Program()
        registered = program.register().json()
        customer = f"Bearer {tokens['access_token']}"
        self.opens = {
            "/oauth/userinfo": customer,
            "/oauth/grants/{grant_id}": f"Bearer {own['access_token']}",
            "/oauth/signals": f"Bearer {own['access_token']}",
            "/oauth/signals/poll": f"Bearer {own['access_token']}",
            "/oauth/register": f"Bearer {program.raw}",
            "/oauth/register/{client_id}": f"Bearer {registered['registration_access_token']}",
        }
        self.in_path = {
            "/oauth/grants/{grant_id}": tokens["grant_id"],
            "/oauth/register/{client_id}": registered["client_id"],
        }
        asks, token = world.request(state="s"), {"token": tokens["access_token"]}
        self.sound = {
            "/oauth/par": asks,
            "/oauth/authorize": asks,
            "/oauth/token": {
                "grant_type": "authorization_code",
                "code": world.code(),
                "redirect_uri": CALLBACK,
                "code_verifier": VERIFIER,
            },
            "/oauth/device_authorization": {"scope": "openid need:read"},
            "/oauth/introspect": token,
            "/oauth/revoke": token,
            "/oauth/logout": {
                "id_token_hint": tokens["id_token"],
                "post_logout_redirect_uri": GOODBYE,
                "state": "s",
            },
            "/oauth/signals": {},
            "/oauth/signals/poll": {"maxEvents": 3},
            "/oauth/register": program.said(),
            "/oauth/register/{client_id}": program.said(client_id=registered["client_id"]),
        }

    def proof(self, path: str) -> dict[str, dict[str, str]]:
        """Return what shows who calls: a browser that is signed in, a token, or a secret."""
        if path in {"/oauth/authorize", "/oauth/logout"}:
            kept = self.world.browser.cookies[settings.SESSION_COOKIE_NAME]
            return {"cookies": {kept.key: kept.value}}
        return {"headers": {"Authorization": self.opens.get(path, self.world.basic)}}

    def make_sound(self, case: schemathesis.Case, path: str, *, odd: int) -> None:
        """Put what counts in the place of what was made up, but for so many members."""
        for name in case.path_parameters or {}:
            case.path_parameters[name] = self.in_path[path]
        for place in ("query", "body"):
            made_up = getattr(case, place)
            if isinstance(made_up, dict) and made_up:
                kept = dict(list(made_up.items())[:odd])
                setattr(case, place, self.sound[path] | kept)
