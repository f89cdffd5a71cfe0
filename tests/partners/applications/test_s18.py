"""Scenario 18 of the acceptance list: two secrets that overlap, and one that leaked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from partners.applications import actions
from partners.applications.credentials import client_with_secret
from partners.applications.models import Credential
from partners.applications.rotation import rotate_credential
from portal.access.actors import Role
from portal.errors import Refused
from portal.events.log import deliver_due
from tests.factories.partners import ClientFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox():
    return ClientFactory()


@pytest.fixture
def developer(sandbox):
    return member(sandbox.application.organization, Role.DEVELOPER)


def works(sandbox, secret, *, at=None) -> bool:
    return client_with_secret(sandbox.client_id, secret, at=at or timezone.now()) is not None


def test_s18_two_secrets_work_and_a_third_is_refused(sandbox, developer):
    _, first = actions.issue_credential(sandbox, by=developer)
    _, second = rotate_credential(sandbox, by=developer)

    assert works(sandbox, first)
    assert works(sandbox, second)
    with pytest.raises(actions.TooManySecrets) as refused:
        rotate_credential(sandbox, by=developer)
    assert (refused.value.status, refused.value.code) == (409, "too_many_secrets")


def test_s18_the_one_before_dies_at_its_instant_though_nothing_ran(sandbox, developer):
    before, first = actions.issue_credential(sandbox, by=developer)
    _, second = rotate_credential(sandbox, by=developer, overlap=timedelta(days=1))
    before.refresh_from_db()
    end = before.expires_at

    assert works(sandbox, first, at=end - timedelta(microseconds=1))
    assert not works(sandbox, first, at=end)
    assert works(sandbox, second, at=end)


def test_s18_rotating_never_gives_a_secret_more_time(sandbox, developer):
    soon = timezone.now() + timedelta(hours=1)
    before, _ = actions.issue_credential(sandbox, by=developer, expires_at=soon)

    rotate_credential(sandbox, by=developer)

    before.refresh_from_db()
    assert before.expires_at == soon
    with pytest.raises(Refused):
        rotate_credential(sandbox, by=developer, overlap=timedelta(days=31))


def test_s18_without_an_overlap_the_one_before_stops_at_once(sandbox, developer):
    _, first = actions.issue_credential(sandbox, by=developer)
    _, second = rotate_credential(sandbox, by=developer, overlap=timedelta())

    assert not works(sandbox, first)
    assert works(sandbox, second)


def test_s18_the_last_one_stays_unless_it_leaked(sandbox, developer):
    ended, _ = actions.issue_credential(sandbox, by=developer)
    last, secret = rotate_credential(sandbox, by=developer, overlap=timedelta())

    for reason in ("rotated", "unused"):
        with pytest.raises(actions.LastSecret) as refused:
            actions.revoke_credential(last, by=developer, reason=reason)
        assert (refused.value.status, refused.value.code) == (409, "last_secret")
    assert works(sandbox, secret)
    actions.revoke_credential(last, by=developer, reason="leaked")
    assert not works(sandbox, secret)
    assert Credential.objects.live(at=timezone.now()).count() == 0
    assert ended.pk != last.pk


def test_s18_who_has_a_key_may_give_up_the_last_secret(sandbox, developer):
    last, _ = actions.issue_credential(sandbox, by=developer)
    type(sandbox).objects.update(client_jwks_uri="https://app.example/jwks")

    actions.revoke_credential(last, by=developer, reason="unused")

    assert not sandbox.credentials.live(at=timezone.now()).exists()


def test_s18_each_secret_tells_when_it_was_used_last(client, sandbox, developer):
    before, first = actions.issue_credential(sandbox, by=developer)
    rotate_credential(sandbox, by=developer)
    works(sandbox, first)
    sign_in(client, developer)

    page = client.get(place(sandbox)).content.decode()

    before.refresh_from_db()
    assert before.last_used_at is not None
    assert page.count('<span class="muted">Never</span>') == 1


def test_s18_one_click_rotates_and_shows_the_new_one_this_once(client, sandbox, developer):
    before, _ = actions.issue_credential(sandbox, by=developer)
    sign_in(client, developer)

    answer = client.post(place(sandbox), {"after": before.pk, "overlap": "1"})
    [secret] = set(re.findall(r"mrs_[\w-]{40,}", answer.content.decode()))

    assert "no-store" in answer["Cache-Control"]
    assert works(sandbox, secret)
    before.refresh_from_db()
    assert before.expires_at - timezone.now() < timedelta(days=1)
    for address in (place(sandbox), sandbox.application.get_absolute_url()):
        assert secret not in client.get(address).content.decode()
    # The same form once more, as a reload sends it, makes no third one.
    client.post(place(sandbox), {"after": before.pk, "overlap": "1"})
    assert sandbox.credentials.count() == 2


def test_s18_the_page_keeps_the_last_one_and_says_why(client, sandbox, developer):
    last, _ = actions.issue_credential(sandbox, by=developer)
    sign_in(client, developer)

    answer = client.post(f"{place(sandbox)}{last.pk}/revoke/", {"reason": "unused"})

    assert "Make a new one first" in answer.content.decode()
    last.refresh_from_db()
    assert last.revoked_at is None


def test_s18_no_dump_log_or_result_holds_the_secret(client, sandbox, developer, caplog, capfd):
    sign_in(client, developer)
    page = client.post(place(sandbox), {"after": 0}).content.decode()
    [secret] = set(re.findall(r"mrs_[\w-]{40,}", page))
    basic = {"HTTP_AUTHORIZATION": f"Basic {secret}"}
    client.post("/oauth/token", {"client_secret": secret, "client_id": sandbox.client_id}, **basic)
    works(sandbox, secret)
    deliver_due()

    said = capfd.readouterr()
    hay = {"log": caplog.text, "stdout": said.out, "stderr": said.err, "dump": dump()}
    hidden = secret.removeprefix("mrs_")
    assert [name for name, text in hay.items() if hidden in text] == []
    assert sandbox.client_id in hay["dump"]
    # Celery keeps no results at all, and hints carry nothing.
    assert configured.CELERY_TASK_IGNORE_RESULT
    assert not hasattr(configured, "CELERY_RESULT_BACKEND")


def dump() -> str:
    """Return every row of every table, as one text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT one::text FROM {table} one")
            rows += [text for (text,) in cursor.fetchall()]
    return "\n".join(rows)


def place(sandbox) -> str:
    return f"/apps/{sandbox.application.slug}/sandbox/credentials/"
