"""A remembered client: it is decided on as it was, and nothing is issued if it has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from catalog.scopes.models import Scope
from consent.oauth import standing
from consent.oauth.models import AccessToken, Grant
from consent.oauth.standing import Standing
from consent.oauth.tokens import read_access_token
from consent.proofs.possession import fresh_nonce
from partners.applications import actions as applications
from partners.applications.models import Application, Client, Credential
from partners.applications.profiles import Method, Profile
from partners.organizations.models import Organization
from partners.subscriptions.models import ApprovedUse, Subscription
from portal.access.actors import Role
from tests.factories.fapi import FapiWorld
from tests.factories.oauth import FORM, World
from tests.factories.people import member

pytestmark = pytest.mark.django_db
Change = Callable[[World], object]


@pytest.fixture
def remembered(world: World) -> World:
    """Return a world whose client asked twice: the first use of its secret was written down."""
    for _ in range(2):
        assert ask(world).status_code == 200
    return world


def ask(world: World):
    return world.post(grant_type="client_credentials", scope="open:read")


def revoke(world: World) -> None:
    owner = member(world.client.application.organization, Role.OWNER)
    for credential in Credential.objects.filter(client=world.client):
        applications.revoke_credential(credential, by=owner, reason="leaked")


def suspend_application(world: World) -> None:
    Application.objects.filter(pk=world.client.application_id).update(
        status=Application.Status.SUSPENDED, suspended_at=timezone.now()
    )


def suspend_organization(world: World) -> None:
    Organization.objects.filter(pk=world.client.application.organization_id).update(
        status=Organization.Status.SUSPENDED, suspended_at=timezone.now()
    )


def ask_for_a_key(world: World) -> None:
    Client.objects.filter(pk=world.client.pk).update(profile=Profile.FAPI2)


def ask_for_another_way(world: World) -> None:
    Client.objects.filter(pk=world.client.pk).update(token_endpoint_auth_method=Method.SECRET_POST)


def end_subscription(world: World) -> None:
    Subscription.objects.filter(client=world.client).update(
        ends_at=timezone.now() - timedelta(seconds=1)
    )


def take_scope_away(world: World) -> None:
    ApprovedUse.objects.filter(subscription__client=world.client, scope__name="open:read").delete()


def close_scope(world: World) -> None:
    """From now on it opens a customer's data."""
    Scope.objects.filter(name="open:read").update(cluster_code="things")


CHANGES: dict[str, tuple[Change, int, str]] = {
    "its secret is revoked": (revoke, 401, "invalid_client"),
    "its application is suspended": (suspend_application, 401, "invalid_client"),
    "its partner is suspended": (suspend_organization, 401, "invalid_client"),
    "its profile asks for a key": (ask_for_a_key, 401, "invalid_client"),
    "it said to use another way": (ask_for_another_way, 401, "invalid_client"),
    "its subscription has ended": (end_subscription, 400, "invalid_scope"),
    "the scope is not approved any more": (take_scope_away, 400, "invalid_scope"),
    "the scope opens a customer's data": (close_scope, 400, "invalid_scope"),
}
every_change = pytest.mark.parametrize(
    ("change", "status", "error"), list(CHANGES.values()), ids=list(CHANGES)
)


@every_change
def test_what_has_changed_since_is_refused(remembered, change, status, error):
    change(remembered)
    issued = AccessToken.objects.count()

    answer = ask(remembered)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert AccessToken.objects.count() == issued


@every_change
def test_what_changes_while_it_is_decided_is_refused(
    remembered, monkeypatch, change, status, error
):
    """The change comes after every decision, just before the statement that would write."""
    changing = iter([change])
    unchanged = Standing.unchanged

    def change_first(self: Standing, **given: object):
        for one in changing:
            one(remembered)
        return unchanged(self, **given)

    issued = AccessToken.objects.count()
    monkeypatch.setattr(Standing, "unchanged", change_first)

    answer = ask(remembered)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert AccessToken.objects.count() == issued


@pytest.mark.parametrize(
    "change",
    [revoke, suspend_application, suspend_organization, ask_for_a_key],
    ids=["revoked", "application suspended", "partner suspended", "key needed"],
)
def test_a_code_is_neither_taken_nor_spoilt_for_one_that_has_changed(remembered, change):
    code = remembered.code("extra:read")
    change(remembered)

    answer = remembered.exchange(code)

    assert answer.status_code == 401
    assert Grant.objects.get().used_at is None
    assert not AccessToken.objects.exclude(arrangement=None).exists()


def test_a_refresh_token_is_neither_used_up_nor_answered_for_one_that_has_changed(remembered):
    body = remembered.exchange(remembered.code("extra:read")).json()
    assert remembered.refresh(body["refresh_token"]).status_code == 200
    newest = AccessToken.objects.latest("pk").pk
    suspend_organization(remembered)

    assert remembered.refresh(body["refresh_token"]).status_code == 401
    assert AccessToken.objects.latest("pk").pk == newest


def test_what_it_may_do_since_then_it_may_do_at_once(remembered):
    scope = Scope.objects.get(name="other:read")
    Scope.objects.filter(pk=scope.pk).update(cluster_code="")
    use = ApprovedUse.objects.get(subscription__client=remembered.client, scope__name="open:read")
    use.pk, use.scope = None, scope
    use.save()

    answer = remembered.post(grant_type="client_credentials", scope="open:read other:read")

    assert answer.status_code == 200
    assert answer.json()["scope"] == "open:read other:read"


def test_a_wrong_secret_is_refused_for_a_remembered_client_too(remembered):
    answer = remembered.post(
        basic=False,
        grant_type="client_credentials",
        scope="open:read",
        client_id=str(remembered.client.client_id),
        client_secret="mrs_wrong",
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert ask(remembered).status_code == 200


def test_a_secret_that_ends_by_the_clock_is_not_asked_for_again(world):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        Credential.objects.filter(client=world.client).update(
            expires_at=now + timedelta(seconds=30)
        )
        assert [ask(world).status_code for _ in range(3)] == [200, 200, 200]
        clock.shift(timedelta(seconds=30))

        assert ask(world).status_code == 401


def test_a_remembered_client_costs_no_statement_of_its_own(remembered, django_assert_num_queries):
    codes = [remembered.code("extra:read") for _ in range(2)]
    before = remembered.exchange(codes[0]).json()
    assert ask(remembered).status_code == 200

    with django_assert_num_queries(1):
        answer = ask(remembered)
    with django_assert_num_queries(2):
        refused = remembered.post(grant_type="client_credentials", scope="need:read")

    assert read_access_token(answer.json()["access_token"]).is_live(at=timezone.now())
    assert refused.json()["error"] == "invalid_scope"
    assert before["refresh_token"]


def test_the_use_of_a_secret_is_written_down_each_minute_all_the_same(remembered):
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        assert ask(remembered).status_code == 200

        noted = Credential.objects.get(client=remembered.client).last_used_at
        assert noted == now + timedelta(minutes=2)


def test_not_more_than_so_many_are_remembered(remembered, monkeypatch):
    monkeypatch.setattr(standing, "_MAX_REMEMBERED", 1)
    monkeypatch.setattr(standing, "_remembered", {"somebody": object()})

    assert ask(remembered).status_code == 200

    assert list(standing._remembered) == [remembered.client.client_id]


def test_a_proof_that_was_shown_once_counts_though_the_request_begins_again(remembered):
    keys = FapiWorld(remembered.client, remembered.secret, remembered.customer, remembered.browser)
    proof = keys.proof("POST", f"{settings.ISSUER}/oauth/token", nonce=fresh_nonce())
    use = ApprovedUse.objects.get(subscription__client=remembered.client, scope__name="open:read")
    ApprovedUse.objects.filter(pk=use.pk).update(why="in other words")

    answers = [
        Browser().post(
            "/oauth/token",
            urlencode({"grant_type": "client_credentials", "scope": "open:read"}),
            content_type=FORM,
            headers={"Authorization": remembered.basic, "DPoP": proof},
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[0].json()["token_type"] == "DPoP"
