"""The FAPI 2.0 flow by openid-client, certified for it, against the whole portal behind nginx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from partners.applications.profiles import Profile
from tests.conformance.software import Software, require_openid_client
from tests.flows.journey import allow
from tests.flows.person import Person
from tests.stack import PASSWORD, Stack

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]
CALLBACK = "https://partner.example/callback"
SCOPE = "prescriptions:read delivery-area:read"


@dataclass
class Scene:
    stack: Stack
    software: Software
    customer: Person
    client_id: str

    @property
    def shops(self) -> str:
        return f"{self.stack.gateway}/prescriptions/v1/pharmacies"

    @property
    def prescriptions(self) -> str:
        return f"{self.stack.gateway}/prescriptions/v1/prescriptions"

    def agree(self, *, button: str = "Allow", signed: bool = False, **asked: str) -> str:
        """Let the customer answer; return the address that the browser is sent back to."""
        parameters = {"redirect_uri": CALLBACK, "scope": SCOPE, **asked}
        address = self.software("authorize", parameters=parameters, signed=signed)["url"]
        return self.answer(address, button=button)

    def answer(self, address: str, *, button: str = "Allow") -> str:
        self.customer.open(address)
        if button == "Allow":
            answer = allow(self.customer, g=["delivery-area:read"], until="90")
        else:
            answer = self.customer.submit(button=button, follow=False)
        assert answer.status_code == 303, self.customer.words
        return answer.headers["Location"]


def make_scene(stack: Stack, profile: Profile) -> Scene:
    require_openid_client()
    software = Software()
    jwks = json.dumps(software("keys"))
    email = f"{profile}@conformance.example"
    client_id = f"conformance_{profile.replace('-', '_')}"
    code = (
        "from tests.conformance.world import build;"
        f" build({jwks!r}, client_id={client_id!r}, callback={CALLBACK!r}, email={email!r},"
        f" profile={str(profile)!r})"
    )
    stack.manage("shell", "-v0", "-c", code)
    customer = Person(stack.portal)
    customer.sign_in(email, PASSWORD)
    return Scene(stack, software, customer, client_id)


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Iterator[Scene]:
    made = make_scene(stack, Profile.FAPI2)
    made.software("discover", issuer=stack.portal, client=made.client_id)
    yield made
    made.software.close()


def test_the_whole_flow(scene):
    software = scene.software
    tokens = software("callback", url=scene.agree())

    assert tokens["token_type"].lower() == "dpop"
    assert set(tokens["scope"].split()) == set(SCOPE.split())
    assert software("call", token=tokens["access_token"], url=scene.prescriptions)["status"] == 200
    told = software("introspect", token=tokens["access_token"])
    assert told["active"] is True
    assert told["cnf"]["jkt"]

    again = software("refresh", token=tokens["refresh_token"])
    assert again["refresh_token"] == tokens["refresh_token"]
    assert software("call", token=again["access_token"], url=scene.prescriptions)["status"] == 200

    software("revoke", token=tokens["refresh_token"])
    assert software("introspect", token=again["access_token"]) == {"active": False}
    assert software.refused("refresh", token=tokens["refresh_token"]) == "invalid_grant"


def test_a_client_by_itself(scene):
    token = scene.software("credentials", scope="pharmacies:read")["access_token"]

    assert scene.software("call", token=token, url=scene.shops)["status"] == 200


def test_a_bound_token_is_refused_as_a_bearer_token(scene):
    token = scene.software("credentials", scope="pharmacies:read")["access_token"]

    refused = scene.software.refused("call", token=token, url=scene.shops, proof=False)
    assert refused == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"


def test_a_code_works_once_and_its_replay_ends_the_tokens(scene):
    returned = scene.agree()
    tokens = scene.software("callback", url=returned)

    assert scene.software.refused("callback", url=returned) == "invalid_grant"
    assert scene.software("introspect", token=tokens["access_token"]) == {"active": False}


def test_a_code_is_for_the_key_that_asked_for_it(scene):
    returned = scene.agree()
    scene.software("newDpopKey")

    assert scene.software.refused("callback", url=returned) == "invalid_grant"


def test_no_proof_no_token(scene):
    returned = scene.agree()

    assert scene.software.refused("callback", url=returned, proof=False) == "invalid_dpop_proof"
    refused = scene.software.refused("credentials", scope="pharmacies:read", proof=False)
    assert refused == "invalid_dpop_proof"


def test_a_customer_who_says_no_is_told_to_the_client_with_the_issuer(scene):
    # The library checks `iss` and `state` before it believes the error.
    returned = scene.agree(button="Don’t allow")

    assert scene.software.refused("callback", url=returned) == "access_denied"


def test_what_was_not_pushed_is_refused(scene):
    address = scene.software(
        "authorize", parameters={"redirect_uri": CALLBACK, "scope": SCOPE}, pushed=False
    )["url"]

    answer = scene.customer.session.get(address, allow_redirects=False, timeout=20)

    assert answer.status_code == 303
    assert scene.software.refused("callback", url=answer.headers["Location"]) == "invalid_request"


def test_a_pushed_request_is_decided_once(scene):
    address = scene.software("authorize", parameters={"redirect_uri": CALLBACK, "scope": SCOPE})[
        "url"
    ]
    scene.answer(address)

    answer = scene.customer.session.get(address, allow_redirects=False, timeout=20)

    assert answer.status_code in {400, 409}


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"scope": "no-such:scope"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
    ids=["redirect", "scope", "response-type", "plain"],
)
def test_what_is_wrong_is_said_when_it_is_pushed(scene, asked, refusal):
    parameters = {"redirect_uri": CALLBACK, "scope": SCOPE, **asked}

    assert scene.software.refused("authorize", parameters=parameters) == refusal


def test_after_the_customer_stops_nothing_works(scene):
    tokens = scene.software("callback", url=scene.agree())
    row = scene.stack.sql(
        "SELECT a.slug FROM applications_client c JOIN applications_application a"
        " ON a.id = c.application_id WHERE c.client_id = %s",
        scene.client_id,
    )
    scene.customer.open(f"/me/apps/{row[0][0]}/stop/")
    scene.customer.submit(button=_stop_button(scene.customer))

    refused = scene.software.refused("call", token=tokens["access_token"], url=scene.prescriptions)
    assert refused == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"
    assert scene.software.refused("refresh", token=tokens["refresh_token"]) == "invalid_grant"


def test_a_client_gives_back_what_a_customer_agreed_to(scene):
    tokens = scene.software("callback", url=scene.agree(grant_management_action="create"))
    own = scene.software("credentials", scope="grant_management_query grant_management_revoke")[
        "access_token"
    ]
    address = f"{scene.stack.portal}/oauth/grants/{tokens['grant_id']}"

    told = scene.software("call", token=own, url=address)
    assert told["status"] == 200
    assert "prescriptions:read" in told["body"]
    assert scene.software("call", token=own, url=address, method="DELETE")["status"] == 204
    assert scene.software.refused("refresh", token=tokens["refresh_token"]) == "invalid_grant"
    assert scene.software("call", token=own, url=address)["status"] == 404


@pytest.fixture(scope="module")
def signing_scene(stack: Stack) -> Iterator[Scene]:
    made = make_scene(stack, Profile.FAPI2_MESSAGE_SIGNING)
    made.software("discover", issuer=stack.portal, client=made.client_id, jarm=True)
    yield made
    made.software.close()


def test_signed_requests_and_signed_answers(signing_scene):
    returned = signing_scene.agree(signed=True)

    assert set(parse_qs(urlsplit(returned).query)) == {"response"}
    tokens = signing_scene.software("callback", url=returned)
    answer = signing_scene.software(
        "call", token=tokens["access_token"], url=signing_scene.prescriptions
    )
    assert answer["status"] == 200


def test_a_signed_answer_says_no_too(signing_scene):
    returned = signing_scene.agree(signed=True, button="Don’t allow")

    assert signing_scene.software.refused("callback", url=returned) == "access_denied"


def test_who_must_sign_is_refused_unsigned(signing_scene):
    parameters = {"redirect_uri": CALLBACK, "scope": SCOPE}

    refused = signing_scene.software.refused("authorize", parameters=parameters)
    assert refused == "invalid_request"


def _stop_button(customer: Person) -> str:
    for form in customer.forms():
        for _, _, text in form.buttons:
            if text.lower().startswith("stop"):
                return text
    raise AssertionError(customer.words)
