"""Each way of a version to its end, and each that is closed, is a test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes import ending
from catalog.changes.models import Deprecation, Entry, Reminder
from catalog.plans.models import Plan
from portal.access.actors import Role
from portal.demo.clock import at
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.changes import parcels, publish
from tests.factories.people import staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def versions():
    old = publish(parcels(), at=timezone.now() - 300 * DAY)
    return old, publish(parcels("2.0.0", fields=("id",)))


def announce(old, new=None, *, begins=0, ends=200, by=None, **wishes) -> Deprecation:
    now = timezone.now()
    return ending.announce_deprecation(
        old,
        by=by or staff(Role.CATALOG),
        deprecated_at=now + begins * DAY,
        sunset_at=now + ends * DAY,
        successor=new,
        **({} if new else {"no_successor": "Ask us."}) | wishes,
    )


def test_an_announced_end_is_in_the_changelog_at_once(versions):
    found = announce(*versions, guide="Read **v2**.")

    version = ApiVersion.objects.get(pk=versions[0].pk)
    assert version.status == ApiVersion.Status.DEPRECATED
    assert version.sunset_at > timezone.now() + 199 * DAY
    entry = Entry.objects.get(kind=Entry.Kind.DEPRECATED)
    assert entry.status == Entry.Status.PUBLISHED
    assert entry.title == f"v1 ends on {version.sunset_at:%-d %B %Y}"
    assert "<strong>v2</strong>" in found.guide_html
    event = Event.objects.get(kind="catalog.deprecation.announced")
    assert (event.facts["label"], event.facts["successor"]) == ("v1", "v2")


def test_a_deprecation_of_a_later_day_changes_the_state_on_that_day(versions):
    announce(*versions, begins=10)
    old = ApiVersion.objects.get(pk=versions[0].pk)
    assert old.status == ApiVersion.Status.STABLE

    assert ending.write_down_ends() == 0
    with at(timezone.now() + 11 * DAY):
        assert ending.write_down_ends() == 1
        assert ending.write_down_ends() == 0

    old.refresh_from_db()
    assert old.status == ApiVersion.Status.DEPRECATED


def test_nobody_hears_of_an_end_later_than_the_plans_promise(versions):
    Plan.objects.filter(api=versions[0].api, environment="production").update(notice_days=365)

    with pytest.raises(ending.TooSoon) as refusal:
        announce(*versions, ends=364)

    assert refusal.value.code == "notice_too_short"
    assert "365 days" in str(refusal.value)
    assert "sunset_at" in refusal.value.errors
    announce(*versions, ends=366)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"begins": 250, "ends": 200}, "dates_reversed"),
        ({"no_successor": "Ask us."}, "successor_missing"),
        ({"no_successor": " ", "new": None}, "successor_missing"),
        ({"new": "itself"}, "successor_ends_too"),
    ],
    ids=["ends before it is deprecated", "two ways on", "no way on", "follows itself"],
)
def test_an_announcement_that_says_too_little_is_refused(versions, wishes, code):
    old, new = versions
    follows = wishes.pop("new", "v2")
    new = {"itself": old, None: None}.get(follows, new)

    with pytest.raises(Refused) as refusal:
        announce(old, new, **wishes)

    assert refusal.value.code == code
    assert not Deprecation.objects.exists()


def test_a_successor_does_not_end_before(versions):
    old, new = versions
    announce(new, ends=190)

    with pytest.raises(Refused) as refusal:
        announce(old, new, ends=200)

    assert refusal.value.code == "successor_ends_too"


def test_an_end_is_announced_once(versions):
    announce(*versions, begins=5)

    with pytest.raises(Conflict) as refusal:
        announce(*versions)

    assert refusal.value.code == "already_announced"


def test_what_has_ended_or_is_a_draft_has_no_end_to_announce(versions):
    ApiVersion.objects.filter(pk=versions[0].pk).update(status="sunset")

    with pytest.raises(Conflict) as refusal:
        announce(*versions)

    assert refusal.value.code == "version_not_living"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SECURITY, Role.PRIVACY])
def test_only_who_keeps_the_catalog_announces(versions, role):
    with pytest.raises(NotAllowed):
        announce(*versions, by=staff(role))


def test_an_end_can_be_put_off_and_never_brought_forward(versions):
    found = announce(*versions)
    now = timezone.now()

    with pytest.raises(Refused) as refusal:
        ending.extend_deprecation(found, by=staff(Role.CATALOG), sunset_at=now + 190 * DAY)
    assert refusal.value.code == "not_later"
    ending.extend_deprecation(found, by=staff(Role.CATALOG), sunset_at=now + 300 * DAY)

    assert ApiVersion.objects.get(pk=versions[0].pk).sunset_at == now + 300 * DAY
    assert Entry.objects.get(kind=Entry.Kind.EXTENDED).title.startswith("v1 answers longer")


def test_an_announcement_can_be_taken_back(versions):
    found = announce(*versions)

    ending.withdraw_deprecation(found, by=staff(Role.CATALOG))

    old = ApiVersion.objects.get(pk=versions[0].pk)
    assert (old.status, old.deprecated_at, old.sunset_at) == ("stable", None, None)
    with pytest.raises(Conflict):
        ending.withdraw_deprecation(found, by=staff(Role.CATALOG))
    announce(*versions)


def test_the_end_is_written_down_after_the_clock_decided_it(versions):
    found = announce(*versions)

    with at(timezone.now() + 201 * DAY):
        with pytest.raises(Conflict) as refusal:
            ending.withdraw_deprecation(found, by=staff(Role.CATALOG))
        assert refusal.value.code == "has_ended"
        assert ending.write_down_ends() == 1
        assert ending.write_down_ends() == 0

    found.refresh_from_db()
    old = ApiVersion.objects.get(pk=versions[0].pk)
    assert (found.status, found.closed_at, old.status) == ("ended", old.sunset_at, "sunset")
    assert Entry.objects.filter(kind=Entry.Kind.ENDED).count() == 1


def test_users_are_reminded_90_60_30_and_7_days_before(versions):
    announce(*versions)
    start = timezone.now()
    told = []

    for day in range(60, 201):
        with at(start + day * DAY + timedelta(hours=1)):
            told += [200 - day] * (ending.remind_of_ends() + ending.remind_of_ends())

    assert told == [90, 60, 30, 7]
    left = Event.objects.filter(kind="catalog.deprecation.reminded").order_by("pk")
    assert [event.facts["days_left"] for event in left] == [90, 60, 30, 7]


def test_a_job_that_was_away_reminds_of_the_step_that_fits_now(versions):
    announce(*versions)

    with at(timezone.now() + 180 * DAY):
        assert ending.remind_of_ends() == 1

    assert [one.days for one in Reminder.objects.all()] == [30]


def test_an_end_that_was_put_off_is_counted_down_anew(versions):
    found = announce(*versions)
    start = timezone.now()
    with at(start + 195 * DAY):
        ending.remind_of_ends()
        ending.extend_deprecation(found, by=staff(Role.CATALOG), sunset_at=start + 400 * DAY)
        assert ending.remind_of_ends() == 0
    with at(start + 395 * DAY):
        assert ending.remind_of_ends() == 1

    assert [one.days for one in Reminder.objects.order_by("pk")] == [7, 7]
