"""S22: what a decision refers to is the notice that was on the screen."""

from __future__ import annotations

from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth.models import AuthorizationIntent
from partners.organizations.actors import actor_of
from tests.factories.notices import published


def test_s22_the_screen_names_the_notice_and_the_version_refers_to_it(world):
    notice = published()

    page = world.ask()
    world.decide(page, g=["extra:read"])

    assert f'href="http://testserver{notice.get_absolute_url()}"' in page.text
    version = ArrangementVersion.objects.get()
    assert version.privacy_notice == notice
    assert version.notice["privacy_notice"]["sha256"] == notice.sha256


def test_s22_a_decision_on_an_older_screen_refers_to_the_notice_shown_there(world):
    shown = published()
    page = world.ask()
    published(is_material=False)

    answer = world.decide(page)

    assert "code" in answer["Location"]
    assert ArrangementVersion.objects.get().privacy_notice == shown


def test_s22_a_material_change_asks_again_and_then_refers_to_the_new_one(world):
    published()
    page = world.ask()
    changed = published()

    answer = world.decide(page)

    assert answer.status_code == 303
    assert answer["Location"] == "/oauth/authorize"
    assert not Arrangement.objects.exists()
    again = world.ask()
    assert "version 2" in again.text
    world.decide(again)
    assert ArrangementVersion.objects.get().privacy_notice == changed


def test_s22_the_first_notice_of_all_asks_again_too(world):
    page = world.ask()
    published()

    world.decide(page)

    assert not Arrangement.objects.exists()
    assert AuthorizationIntent.objects.filter(decided_at=None).exists()


def test_narrowing_keeps_the_notice_under_which_it_was_given(world):
    shown = published()
    world.decide(world.ask(), g=["extra:read"])
    published()
    arrangement = Arrangement.objects.get()

    narrow_arrangement(arrangement, by=actor_of(arrangement.customer.user), keep=["need:read"])

    assert ArrangementVersion.objects.get(number=2).privacy_notice == shown
