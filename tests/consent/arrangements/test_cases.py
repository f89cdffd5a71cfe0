"""Single cases on the customer's own page and in the proof of what was agreed to (RFC 9396)."""

from __future__ import annotations

import pytest

from catalog.scopes.models import DetailType
from consent.arrangements.cases import told_by_scope
from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Arrangement, Receipt
from partners.organizations.actors import actor_of
from tests.factories.details import BUDGET, PAY, make_detailed_gate, written
from tests.factories.oauth import World


@pytest.fixture
def world(db) -> World:
    """Return a customer who agreed to one payment and to one budget."""
    world = make_detailed_gate().world
    world.code("extra:read", authorization_details=written(PAY, BUDGET))
    return world


def page(world: World) -> str:
    return world.browser.get(f"/me/apps/{world.client.application.slug}/").content.decode()


def test_the_page_tells_each_case_in_words_and_never_as_json(world):
    html = page(world)

    assert html.count('class="case"') == 2
    assert "12.40 EUR" in html
    assert "Harbour &lt;b&gt;Pharmacy&lt;/b&gt;" in html
    assert "payment_initiation" not in html
    assert "{" not in html[html.index('class="case"') :].partition("</div>")[0]


def test_the_receipt_holds_what_was_told_and_what_it_is(world):
    purposes = {one["scope"]: one for one in Receipt.objects.get().body["purposes"]}

    (payment,) = purposes["extra:read"]["limited_to"]
    assert payment["authorization_detail"] == PAY
    assert payment["title"]
    assert any("12.40 EUR" in line["text"] for line in payment["lines"])
    (budget,) = purposes["need:read"]["limited_to"]
    assert budget["authorization_detail"] == BUDGET


def test_the_receipts_page_shows_them(world):
    html = world.browser.get(f"/me/receipts/{Receipt.objects.get().number}/").content.decode()

    assert "12.40 EUR" in html
    assert "Harbour &lt;b&gt;Pharmacy&lt;/b&gt;" in html


def test_what_was_agreed_to_keeps_its_words_when_the_type_gets_others(world):
    DetailType.objects.filter(name="payment_initiation").update(superseded_at="2026-01-01T00:00Z")
    kind = DetailType.objects.get(name="payment_initiation")
    kind.pk, kind.version, kind.title, kind.superseded_at = None, 2, "Another title", None
    kind.save()

    assert "Another title" not in page(world)


def test_a_case_goes_with_its_scope(world):
    arrangement = Arrangement.objects.get()
    narrow_arrangement(
        arrangement,
        by=actor_of(world.customer.user),
        keep=["need:read"],
        seen_version=arrangement.version_number,
    )

    assert page(world).count('class="case"') == 1
    newest = Receipt.objects.order_by("-pk")[0].body["purposes"]
    assert [len(purpose["limited_to"]) for purpose in newest] == [1]


def test_without_cases_nothing_is_asked_and_nothing_said(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert told_by_scope([]) == {}
    world.code()

    assert "limited_to" not in str(Receipt.objects.order_by("-pk")[0].body)
    assert 'class="case"' not in page(world)
