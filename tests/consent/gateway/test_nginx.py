"""The decision as nginx asks for it, over what the database says at that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.scopes.models import Scope
from consent.arrangements import changing, ending, pseudonyms
from consent.arrangements.models import ALL_DATA, Arrangement, Customer, Item, Reading
from consent.gateway.models import Usage
from consent.oauth.models import AccessToken
from partners.applications.models import Application
from partners.organizations.actors import actor_of
from partners.organizations.models import Organization
from partners.subscriptions.models import Subscription
from portal.events.log import deliver_due
from tests.factories.gateway import make_gate

pytestmark = pytest.mark.django_db


def said(response):
    return response.get("X-Portal-Status"), response.get("X-Portal-Reason")


def test_a_call_that_may_pass_names_caller_customer_and_fields(gate):
    response = gate.ask(gate.token())

    arrangement = Arrangement.objects.get()
    assert response.status_code == 204
    assert response["X-Portal-Client"] == gate.world.client.client_id
    assert response["X-Portal-Arrangement"] == str(arrangement.pk)
    assert response["X-Portal-Scopes"] == "need:read"
    assert response["X-Allowed-Fields"] == "/id /need/name"
    subject = response["X-Portal-Subject"]
    assert subject == str(
        pseudonyms.pseudonym_of(gate.world.customer, gate.world.client.application)
    )


def test_an_optional_item_that_was_chosen_opens_its_fields_too(gate):
    response = gate.ask(gate.token("extra:read"))

    assert response["X-Allowed-Fields"] == "/extra /id /need/name"


def test_a_field_without_a_cluster_that_tells_about_a_person_never_leaves(gate):
    assert "/hidden" not in gate.ask(gate.token("extra:read"))["X-Allowed-Fields"]


def test_only_a_gateway_of_ours_is_answered(gate):
    response = gate.ask(gate.token(), **{"X-Gateway-Key": "guess"})

    assert response.status_code == 403
    assert response.json()["code"] == "gateway_unknown"
    assert not Usage.objects.exists()


@pytest.mark.parametrize(
    ("token", "path", "method", "expected"),
    [
        ("mat_unknown", "/things", "GET", ("401", "token_unknown")),
        ("mat_" + "x" * 4000, "/things", "GET", ("401", "token_unknown")),
        ("mat_ü\u2028", "/things", "GET", ("401", "token_unknown")),
        ("", "/things", "GET", ("401", "token_missing")),
        ("mat_a,Bearer mat_b", "/things", "GET", ("400", "token_duplicate")),
        ("mat_a", "/things?access_token=mat_a", "GET", ("400", "token_in_query")),
        ("mat_a", "/nothing", "GET", ("404", "operation_unknown")),
        ("mat_a", "/things", "PATCH", ("404", "operation_unknown")),
        ("mat_a", "/things/%00", "GET", ("404", "operation_unknown")),
    ],
)
def test_a_call_without_a_good_token_is_refused_with_its_reason(
    gate, token, path, method, expected
):
    response = gate.ask(token, path=path, method=method)

    assert said(response) == expected
    assert response.status_code == (401 if expected[0] == "401" else 403)


def test_the_challenge_says_what_to_send(gate):
    assert gate.ask()["X-Portal-Challenge"] == (
        'Bearer realm="meridian", DPoP realm="meridian", algs="ES256 PS256 EdDSA"'
    )
    assert 'error="invalid_token"' in gate.ask("mat_x")["X-Portal-Challenge"]
    assert gate.ask("mat_x")["X-Portal-Challenge"].startswith("Bearer ")


def end_token(gate):
    AccessToken.objects.update(expires=timezone.now())


def revoke_token(gate):
    AccessToken.objects.update(revoked_at=timezone.now())


def withdraw(gate):
    by = actor_of(gate.world.customer.user)
    ending.withdraw_arrangement(Arrangement.objects.get(), by=by)


def withdraw_and_sweep(gate):
    withdraw(gate)
    deliver_due()


def reach_the_end(gate):
    Arrangement.objects.update(given_at=timezone.now() - timedelta(days=90), ends_at=timezone.now())


def suspend_application(gate):
    Application.objects.update(status=Application.Status.SUSPENDED, suspended_at=timezone.now())


def suspend_organization(gate):
    Organization.objects.update(status=Organization.Status.SUSPENDED, suspended_at=timezone.now())


def end_subscription(gate):
    Subscription.objects.update(ends_at=timezone.now())


def drop_scope(gate):
    Subscription.objects.get().uses.filter(scope__name="need:read").delete()


def lock_customer(gate):
    user = gate.world.customer.user
    user.is_active = False
    user.save()


def suspend_api(gate):
    Api.objects.update(status=Api.Status.SUSPENDED)


def sunset_version(gate):
    ApiVersion.objects.update(status=ApiVersion.Status.SUNSET)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (end_token, ("401", "token_expired")),
        (revoke_token, ("401", "token_revoked")),
        (withdraw, ("401", "consent_withdrawn")),
        (withdraw_and_sweep, ("401", "consent_withdrawn")),
        (reach_the_end, ("401", "consent_expired")),
        (suspend_application, ("403", "application_inactive")),
        (suspend_organization, ("403", "application_inactive")),
        (end_subscription, ("403", "subscription_missing")),
        (drop_scope, ("403", "scope_missing")),
        (lock_customer, ("403", "customer_inactive")),
        (suspend_api, ("404", "operation_unknown")),
        (sunset_version, ("404", "operation_unknown")),
    ],
)
def test_what_changes_is_seen_by_the_next_call(gate, change, expected):
    token = gate.token()
    assert gate.ask(token).status_code == 204

    change(gate)

    assert said(gate.ask(token)) == expected


def test_a_narrowed_consent_closes_the_operation_and_the_fields(gate):
    token = gate.token("extra:read")
    assert gate.ask(token, path="/extra").status_code == 204

    by = actor_of(gate.world.customer.user)
    changing.narrow_arrangement(Arrangement.objects.get(), by=by, keep=["need:read"])

    assert said(gate.ask(token, path="/extra")) == ("403", "consent_narrowed")
    assert gate.ask(token)["X-Allowed-Fields"] == "/id /need/name"


def test_restricted_data_is_kept_and_not_handed_out(gate):
    token = gate.token("extra:read")
    customer, arrangement = gate.world.customer, Arrangement.objects.get()
    code = Item.objects.get(version__arrangement=arrangement, scope__name="extra:read").cluster.code

    with CaptureQueriesContext(connection) as before:
        assert gate.ask(token, path="/extra").status_code == 204
    Customer.objects.filter(pk=customer.pk).update(restricted=[code])
    with CaptureQueriesContext(connection) as after:
        assert said(gate.ask(token, path="/extra")) == ("403", "access_restricted")

    assert gate.ask(token)["X-Allowed-Fields"] == "/id /need/name"
    assert len(after) <= len(before)
    Customer.objects.filter(pk=customer.pk).update(restricted=[ALL_DATA])
    assert said(gate.ask(token)) == ("403", "access_restricted")
    Customer.objects.filter(pk=customer.pk).update(restricted=[])
    assert gate.ask(token, path="/extra").status_code == 204
    assert Arrangement.objects.get().version_number == arrangement.version_number


def test_a_token_of_another_partners_api_does_not_open_this_one(gate, db):
    other = make_gate_elsewhere()

    assert said(gate.ask(other.token())) == ("403", "subscription_missing")


def make_gate_elsewhere():
    for scope in Scope.objects.all():
        scope.name = f"first-{scope.name}"
        scope.save()
    return make_gate()


def test_a_token_without_a_customer_reads_only_what_is_nobodys(gate):
    token = gate.own_token()

    assert gate.ask(token, path="/shops").status_code == 204
    assert "X-Allowed-Fields" not in gate.ask(token, path="/shops")
    assert said(gate.ask(token)) == ("403", "scope_missing")


def test_readings_and_calls_are_counted(gate):
    token = gate.token()
    for _ in range(3):
        gate.ask(token)
    withdraw(gate)
    gate.ask(token)

    reading = Reading.objects.get()
    assert reading.read_count == 3
    assert reading.operation_key.endswith("/v1/list-things")
    counts = dict(Usage.objects.values_list("reason", "call_count"))
    assert counts == {"allowed": 3, "consent_withdrawn": 1}


def test_more_calls_than_the_plan_allows_are_told_to_wait(gate):
    plan = Subscription.objects.get().plan
    plan.limits.all().delete()
    plan.limits.create(window_seconds=60, call_count=2)
    token = gate.token()

    first, second, third = (gate.ask(token) for _ in range(3))

    assert (first.status_code, second.status_code) == (204, 204)
    assert first["RateLimit-Policy"] == '"plan";q=2;w=60'
    assert said(third) == ("429", "rate_limited")
    assert 0 < int(third["Retry-After"]) <= 60
    assert Reading.objects.get().read_count == 2


def test_a_decision_takes_a_bounded_number_of_statements(gate, django_assert_max_num_queries):
    token = gate.token()
    gate.ask(token)

    with django_assert_max_num_queries(9):
        gate.ask(token)


def test_a_scope_that_customers_agree_to_from_now_on_needs_one_at_the_next_call(gate):
    token = gate.own_token()
    assert gate.ask(token, path="/shops").status_code == 204

    cluster = Scope.objects.get(name="extra:read").cluster_code
    Scope.objects.filter(name="open:read").update(cluster_code=cluster)

    assert gate.ask(token, path="/shops")["X-Portal-Reason"] == "customer_missing"


def test_calls_to_unknown_paths_are_counted_for_the_version_and_their_paths_forgotten(gate):
    token = gate.token()

    gate.ask(token, path="/people/4711/secret")
    gate.ask(token, path="/people/4712")
    gate.ask(path="/people/4713")

    counted = Usage.objects.get(reason="operation_unknown")
    assert (counted.operation_key, counted.call_count) == (f"{gate.api.slug}/v1/", 2)
