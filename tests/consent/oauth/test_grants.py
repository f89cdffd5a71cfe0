"""Grant Management for OAuth 2.0, each row of the checklist (G1 to G12)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from joserfc.jwk import ECKey

from consent.arrangements.access import effective_scopes
from consent.arrangements.models import Arrangement, ArrangementVersion, Receipt
from consent.oauth.models import AccessToken, Grant, RefreshToken
from consent.oauth.tasks import purge_expired
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.consent.oauth.test_endpoints import is_live
from tests.consent.oauth.test_mtls import HEADER, certificate, thumbprint
from tests.factories.consent import CustomerFactory
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.fapi import FapiWorld, make_fapi_world
from tests.factories.gateway import Gate
from tests.factories.oauth import World, answer_of, make_stranger
from tests.factories.partners import ClientFactory

NEED = "need:read open:read"


@pytest.fixture
def gate(db) -> Gate:
    return make_detailed_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


def granted(world: World, *optional: str, **changes: str) -> dict[str, str]:
    return world.exchange(world.code(*optional, **changes)).json()


def managing(world: World, scope: str = "grant_management_query grant_management_revoke") -> str:
    """Return a token of the client itself for its grants."""
    answer = world.post(grant_type="client_credentials", scope=scope)
    return answer.json()["access_token"]


def call(grant_id: object, token: str = "", *, method: str = "GET", query: str = "") -> object:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = f"/oauth/grants/{grant_id}{query}"
    return Browser().generic(method, path, headers=headers)


def test_g1_nobody_manages_grants_without_having_proved_who_they_are(world):
    grant_id = granted(world)["grant_id"]

    answer = world.post(
        basic=False,
        client_id=world.client.client_id,
        grant_type="client_credentials",
        scope="grant_management_query",
    )

    assert answer.status_code == 401
    assert call(grant_id).status_code == 401


def test_g2_create_makes_a_fresh_grant_and_ends_the_one_before(world):
    first = granted(world, "extra:read")

    second = granted(world, grant_management_action="create", scope=NEED)

    assert first["grant_id"] != second["grant_id"]
    old, new = (Arrangement.objects.get(pk=each["grant_id"]) for each in (first, second))
    assert (old.status, old.end_reason) == (Arrangement.Status.WITHDRAWN, "replaced")
    assert effective_scopes(new, timezone.now()) == {"need:read"}
    assert not is_live(first["access_token"])
    assert is_live(second["access_token"])


def test_g2_who_begins_anew_is_not_told_that_they_stopped(world):
    granted(world)
    granted(world, grant_management_action="create")

    deliver_due()

    kinds = list(Message.objects.filter(user=world.customer.user).values_list("kind", flat=True))
    assert kinds == ["arrangements/given", "arrangements/given"]
    assert not Message.objects.filter(kind__startswith="arrangements-partner").exists()
    assert Receipt.objects.filter(event_kind="consent.arrangement.withdrawn").count() == 1


def test_g2_merge_adds_to_the_grant_in_a_new_version(world):
    first = granted(world, scope=NEED, authorization_details=written(BUDGET))

    page = world.ask(
        scope="extra:read",
        authorization_details=written(PAY),
        grant_management_action="merge",
        grant_id=first["grant_id"],
    )
    html = page.content.decode()
    second = world.exchange(answer_of(world.decide(page, g=["extra:read"]))["code"]).json()

    assert [line["scope"] for line in page.context["notice"]["already"]] == ["need:read"]
    assert "You share already" in html
    assert second["grant_id"] == first["grant_id"]
    assert set(second["scope"].split()) == {"extra:read", "need:read"}
    assert second["authorization_details"] == [PAY, BUDGET]
    arrangement = Arrangement.objects.get()
    assert effective_scopes(arrangement, timezone.now()) == {"need:read", "extra:read"}
    version = ArrangementVersion.objects.get(number=2)
    assert version.change == "amended"
    assert [kept["content"] for kept in version.details] == [PAY, BUDGET]
    assert is_live(first["access_token"])


def test_g2_replace_puts_the_choice_in_the_place_of_what_was_there(world):
    first = granted(world, "extra:read", authorization_details=written(PAY, BUDGET))

    second = granted(
        world, scope=NEED, grant_management_action="replace", grant_id=first["grant_id"]
    )

    assert second["grant_id"] == first["grant_id"]
    assert second["scope"] == NEED
    assert "authorization_details" not in second
    assert effective_scopes(Arrangement.objects.get(), timezone.now()) == {"need:read"}


@pytest.mark.parametrize("action", ["merge", "replace"])
@pytest.mark.parametrize("grant_id", ["{unknown}", "nonsense", "{other}", "{upper}", "{ended}"])
def test_g3_a_grant_that_is_not_this_clients_is_an_invalid_grant_id(world, action, grant_id):
    mine = granted(world)["grant_id"]
    other = Arrangement.objects.get()
    other.pk, other.client = uuid4(), ClientFactory(production=True)
    other.save(force_insert=True)
    ended = granted(world, grant_management_action="create") and mine
    grant_id = grant_id.format(unknown=uuid4(), other=other.pk, upper=mine.upper(), ended=ended)

    answer = world.ask(grant_management_action=action, grant_id=grant_id)

    assert answer_of(answer)["error"] == "invalid_grant_id"


@pytest.mark.parametrize(
    "asked",
    [
        {"grant_management_action": "update"},
        {"grant_management_action": "merge"},
        {"grant_management_action": "replace"},
        {"grant_management_action": "create", "grant_id": "{mine}"},
        {"grant_id": "{mine}"},
    ],
)
def test_g3_an_action_and_a_grant_that_do_not_fit_are_an_invalid_request(world, asked):
    mine = granted(world)["grant_id"]

    answer = world.ask(**{name: value.format(mine=mine) for name, value in asked.items()})

    assert answer_of(answer)["error"] == "invalid_request"


def test_g4_the_token_response_names_the_grant_at_each_step(world):
    first = granted(world)
    second = world.refresh(first["refresh_token"]).json()
    again = world.refresh(first["refresh_token"]).json()

    assert {first["grant_id"], second["grant_id"], again["grant_id"]} == {
        str(Arrangement.objects.get().pk)
    }
    assert UUID(first["grant_id"]).version == 4
    assert "grant_id" not in world.post(grant_type="client_credentials", scope="open:read").json()


@pytest.mark.parametrize("action", ["merge", "replace"])
def test_g5_the_grant_of_another_customer_goes_back_as_an_error(world, action):
    grant_id = granted(world)["grant_id"]
    world.browser.force_login(CustomerFactory().user)

    answer = world.ask(grant_management_action=action, grant_id=grant_id)

    assert answer_of(answer)["error"] == "invalid_grant_id"
    assert Arrangement.objects.get().version_number == 1


def test_g5_a_grant_that_ended_while_the_page_was_open_is_not_written_to(world):
    grant_id = granted(world)["grant_id"]
    page = world.ask(grant_management_action="replace", grant_id=grant_id)
    call(grant_id, managing(world), method="DELETE")

    answer = world.decide(page)

    assert answer["Location"].startswith("/oauth/authorize")
    assert Arrangement.objects.get().version_number == 1


def test_g6_a_client_reads_what_its_grant_allows_and_no_token(gate, world):
    body = granted(world, "extra:read", authorization_details=written(PAY, BUDGET))
    arrangement = Arrangement.objects.get()

    answer = call(body["grant_id"], managing(world, "grant_management_query"))

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "scopes": [
            {
                "scope": "extra:read need:read",
                "resources": [f"http://testserver/sandbox/{gate.api.slug}"],
            }
        ],
        "claims": [],
        "authorization_details": [PAY, BUDGET],
        "created_at": int(arrangement.given_at.timestamp()),
        "expires_at": int(arrangement.ends_at.timestamp()),
    }


def test_g6_there_is_no_list_of_grants(world):
    assert Browser().get("/oauth/grants/").status_code == 404
    assert Browser().get("/oauth/grants").status_code == 404


def test_g7_deleting_a_grant_ends_it_and_every_token_at_once(world):
    body = granted(world, "extra:read")
    pending = world.code(grant_management_action="merge", grant_id=body["grant_id"])

    answer = call(body["grant_id"], managing(world), method="DELETE")

    assert (answer.status_code, answer.content) == (204, b"")
    arrangement = Arrangement.objects.get()
    assert (arrangement.status, arrangement.end_reason) == ("revoked", "application")
    assert not is_live(body["access_token"])
    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert world.exchange(pending).json()["error"] == "invalid_grant"
    event = Event.objects.get(kind="consent.arrangement.revoked")
    assert event.actor == f"client:{world.client.client_id}"


def test_g7_the_customer_hears_that_the_app_gave_it_back(world):
    body = granted(world)
    call(body["grant_id"], managing(world), method="DELETE")

    deliver_due()

    message = Message.objects.get(user=world.customer.user, kind="arrangements/revoked")
    assert message.subject == f"Sharing with {world.client.application.name} has ended"
    assert "The app gave it back" in message.text


def test_g8_each_refusal_has_its_own_status(world):
    body = granted(world)
    query = managing(world, "grant_management_query")
    revoke = managing(world, "grant_management_revoke")
    plain = managing(world, "open:read")
    foreign = managing(make_stranger())
    own = body["grant_id"]

    assert call(uuid4(), query).status_code == 404
    assert call("nonsense", query).status_code == 404
    assert call(own, foreign).status_code == 404
    assert call(own, foreign, method="DELETE").status_code == 404
    for token, method in ((plain, "GET"), (revoke, "GET"), (query, "DELETE")):
        refusal = call(own, token, method=method)
        assert (refusal.status_code, refusal.json()["error"]) == (403, "insufficient_scope")
    for token in ("", "mat_unknown", body["refresh_token"], "x" * 9000):
        refusal = call(own, token)
        assert (refusal.status_code, refusal.json()["error"]) == (401, "invalid_token")
        assert refusal["WWW-Authenticate"].startswith("Bearer ")
    assert call(own, body["access_token"]).status_code == 403
    assert call(own, query, query="?access_token=x").status_code == 400
    wrong = call(own, query, method="POST")
    assert (wrong.status_code, wrong["Allow"]) == (405, "GET, DELETE")
    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE


def test_g8_a_customers_token_can_never_have_the_scopes_of_management(world):
    answer = world.ask(scope=f"{NEED} grant_management_query")

    assert answer_of(answer)["error"] == "invalid_scope"


def test_g9_the_metadata_say_what_can_be_done(db, client):
    told = client.get("/.well-known/oauth-authorization-server").json()

    assert told["grant_management_endpoint"] == "http://testserver/oauth/grants"
    assert told["grant_management_action_required"] is False
    assert set(told["grant_management_actions_supported"]) == {
        "query",
        "revoke",
        "create",
        "merge",
        "replace",
    }


def test_g10_what_was_replaced_is_refused_at_the_next_call(gate, world):
    first = granted(world, "extra:read")
    assert gate.ask(first["access_token"], path="/extra").status_code == 204

    granted(world, scope=NEED, grant_management_action="replace", grant_id=first["grant_id"])

    refusal = gate.call(first["access_token"], path="/extra")
    assert (refusal.status_code, refusal.json()["code"]) == (403, "consent_narrowed")
    assert gate.ask(first["access_token"]).status_code == 204
    assert world.refresh(first["refresh_token"]).json()["scope"] == NEED


def test_g11_a_grant_is_there_once_its_tokens_were_taken(world):
    code = world.code()
    grant_id, query = Arrangement.objects.get().pk, managing(world)
    assert call(grant_id, query).status_code == 404

    world.exchange(code)

    assert call(grant_id, query).status_code == 200


def test_g11_what_was_never_taken_ends_and_what_was_taken_stays(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world.code()
        clock.shift(timedelta(minutes=50))
        purge_expired()
        assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE
        clock.shift(timedelta(minutes=20))

        purge_expired()

        arrangement = Arrangement.objects.get()
        assert (arrangement.status, arrangement.end_reason) == ("revoked", "unclaimed")
        granted(world)
        world.code()
        clock.shift(timedelta(days=2))
        purge_expired()
        assert Arrangement.objects.filter(status=Arrangement.Status.ACTIVE).count() == 1
        assert not Grant.objects.exists()


def test_g12_revoking_a_token_leaves_the_grant(world):
    body = granted(world)

    world.post("/oauth/revoke", token=body["refresh_token"])

    assert call(body["grant_id"], managing(world)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        purge_expired()
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        purge_expired()
        assert not RefreshToken.objects.exists()
        assert call(body["grant_id"], managing(world)).status_code == 200


# --- A token of a FAPI client is shown with its key, here as everywhere --------------------------


@pytest.fixture
def fapi(db) -> FapiWorld:
    return make_fapi_world()


def bound_call(
    world: FapiWorld, grant_id: object, token: str, *, method: str = "GET", **claims: object
) -> object:
    url = f"http://testserver/oauth/grants/{grant_id}"
    proof = world.proof(claims.pop("htm", method), claims.pop("htu", url), token=token, **claims)
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    return Browser().generic(method, f"/oauth/grants/{grant_id}", headers=headers)


def test_g6_a_bound_token_comes_with_its_proof(fapi):
    own = granted(fapi)["grant_id"]
    token = managing(fapi)

    assert bound_call(fapi, own, token).json()["scopes"]
    for refused in (
        call(own, token),
        bound_call(fapi, own, token, key=ECKey.generate_key("P-256")),
        bound_call(fapi, own, token, htm="DELETE"),
        bound_call(fapi, own, token, htu="http://testserver/oauth/userinfo"),
        bound_call(fapi, own, token, ath="A" * 43),
    ):
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"].startswith("DPoP ")
        assert refused["Cache-Control"] == "no-store"


def test_g7_a_bound_token_gives_a_grant_back_with_a_proof_of_that(fapi):
    own = granted(fapi)["grant_id"]
    token = managing(fapi)

    of_reading = bound_call(fapi, own, token, method="DELETE", htm="GET")
    done = bound_call(fapi, own, token, method="DELETE")

    assert (of_reading.status_code, done.status_code) == (401, 204)
    assert Arrangement.objects.get().status == Arrangement.Status.REVOKED


def test_g8_a_bound_token_that_lacks_the_scope_is_challenged_as_dpop(fapi):
    own = granted(fapi)["grant_id"]
    token = managing(fapi, "open:read")

    answer = bound_call(fapi, own, token)

    assert answer.status_code == 403
    assert answer["WWW-Authenticate"].startswith(
        'DPoP realm="meridian", error="insufficient_scope", scope="grant_management_query"'
    )


def test_g6_a_token_of_a_certificate_comes_with_it(world, settings):
    settings.CLIENT_CERTIFICATE_HEADER = HEADER
    own = granted(world)["grant_id"]
    token, shown = managing(world), certificate()
    AccessToken.objects.update(x5t_s256=thumbprint(shown))

    def ask(**headers: str) -> object:
        headers = {"Authorization": f"Bearer {token}", **headers}
        return Browser().get(f"/oauth/grants/{own}", headers=headers)

    assert ask(**{HEADER: shown}).status_code == 200
    for refused in (ask(), ask(**{HEADER: certificate()}), ask(**{HEADER: "nonsense"})):
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"].startswith('Bearer realm="meridian", error=')
