from __future__ import annotations

import hashlib
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from consent.notices import actions
from consent.notices.actions import TooEarly, Words
from consent.notices.models import Notice, in_language
from portal.access.actors import Role
from portal.errors import Malformed, NotAllowed
from portal.events.models import Event
from tests.factories.notices import ENGLISH, FRENCH, published
from tests.factories.people import staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROW = (
    "INSERT INTO notices_notice (code, version, locale, title, text, sha256, is_material,"
    " effective_at, published_at) VALUES ('other', 1, 'en', 't', 't', '', true, now(), now())"
)


def in_force(**when):
    return Notice.objects.in_force(at=when.get("at") or timezone.now())


def test_versions_count_up_and_the_digest_is_of_the_text():
    first, second = published(), published()

    assert [first.version, second.version] == [1, 2]
    assert first.sha256 == hashlib.sha256(ENGLISH.text.encode()).hexdigest()
    assert str(second) == "privacy@2 (en)"


def test_the_event_says_what_was_published():
    published(by=staff(Role.PRIVACY), words={"en": ENGLISH, "fr": FRENCH}, is_material=False)

    event = Event.objects.get(kind="consent.notice.published")
    assert event.facts["version"] == 1
    assert event.facts["locales"] == ["en", "fr"]
    assert event.facts["is_material"] is False


@pytest.mark.parametrize(
    "role", [Role.ADMIN, Role.SECURITY, Role.CATALOG, Role.REVIEWER], ids=lambda role: role.value
)
def test_only_the_privacy_officer_publishes(role):
    with pytest.raises(NotAllowed):
        published(by=staff(role))

    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "words",
    [{}, {"fr": FRENCH}, {"en": Words("", "x")}, {"en": ENGLISH, "fr": Words("x", "")}],
    ids=["nothing", "no English", "no title", "no French text"],
)
def test_a_notice_that_says_nothing_to_somebody_is_refused(words):
    with pytest.raises(Malformed):
        published(words=words)


def test_a_version_counts_from_its_instant_on():
    first = published()
    starts = timezone.now() + DAY
    second = published(effective_at=starts)

    assert in_force().get() == first
    assert in_force(at=starts - timedelta(microseconds=1)).get() == first
    assert in_force(at=starts).get() == second


def test_versions_take_effect_in_their_order():
    published(effective_at=timezone.now() + DAY)

    with pytest.raises(TooEarly):
        published()


def test_none_takes_effect_in_the_past():
    now = timezone.now()

    with time_machine.travel(now, tick=False):
        assert published(effective_at=now - DAY).effective_at == now


@pytest.mark.parametrize(
    ("language", "locale"),
    [("fr", "fr"), ("fr-CH", "fr"), ("en-GB", "en"), ("de", "en")],
    ids=["exact", "broad", "broad English", "English"],
)
def test_everybody_reads_their_language_or_english(language, locale):
    published(words={"en": ENGLISH, "fr": FRENCH})

    assert in_language(in_force(), language).locale == locale


def test_a_newer_version_comes_before_an_older_one_in_ones_language():
    published(words={"en": ENGLISH, "fr": FRENCH})
    second = published()

    assert in_language(in_force(), "fr") == second


def test_a_screen_is_outdated_by_what_is_material_and_in_force():
    published()
    shown = actions.reference_to(language="en", at=timezone.now())
    assert not actions.is_outdated(shown, at=timezone.now())

    published(is_material=False)
    assert not actions.is_outdated(shown, at=timezone.now())

    starts = timezone.now() + DAY
    published(effective_at=starts)
    assert not actions.is_outdated(shown, at=timezone.now())
    assert actions.is_outdated(shown, at=starts)


def test_a_screen_from_before_the_first_notice_is_outdated_by_it():
    assert actions.reference_to(language="en", at=timezone.now()) is None
    assert not actions.is_outdated(None, at=timezone.now())

    published()

    assert actions.is_outdated(None, at=timezone.now())


def test_what_is_referred_to_is_found_whatever_counts_now(django_assert_num_queries):
    first = published()
    with django_assert_num_queries(1):
        shown = actions.reference_to(language="en", at=timezone.now())
    published()

    assert actions.referred(shown) == first
    assert actions.referred(None) is None
    assert shown["url"] == "http://testserver/privacy/1/"


REWRITINGS = pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notices_notice SET text = 'something else'",
        "DELETE FROM notices_notice",
        "TRUNCATE notices_notice CASCADE",
    ],
    ids=["update", "delete", "truncate"],
)


@REWRITINGS
def test_i6_the_portal_cannot_rewrite_a_notice(statement):
    published()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@REWRITINGS
def test_i6_nor_can_the_owner_of_the_database(superuser, statement):
    with superuser.transaction(force_rollback=True):
        superuser.execute(ROW)
        with pytest.raises(psycopg.Error, match="Cannot"), superuser.transaction():
            superuser.execute(statement)
