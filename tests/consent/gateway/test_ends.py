"""What callers of a version hear of its end: by instants, whoever wrote it down or did not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes.models import Deprecation
from consent.gateway.decision import RULES, Reason, operation_is_known, version_still_answers
from consent.gateway.export.nginx import server_block
from tests.factories.catalog import ApiVersionFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def version(gate):
    return ApiVersion.objects.get(api=gate.api)


def ends(version, *, begins=-1.0, over=30.0, **changes) -> tuple[datetime, datetime]:
    now = timezone.now().replace(microsecond=0)
    dates = now + begins * DAY, now + over * DAY
    rows = ApiVersion.objects.filter(pk=version.pk)
    rows.update(deprecated_at=dates[0], sunset_at=dates[1], **changes)
    return dates


def test_nothing_is_said_where_no_end_is_announced(gate):
    answer = gate.ask(gate.token())

    assert {"Deprecation", "Sunset", "Link"}.isdisjoint(answer.headers)


@pytest.mark.parametrize("begins", [-5, 5], ids=["since last week", "from next week on"])
def test_callers_read_when_it_is_deprecated_and_when_it_ends(gate, version, begins):
    deprecated_at, sunset_at = ends(version, begins=begins)

    answer = gate.ask(gate.token())

    assert answer.status_code == 204
    assert answer["Deprecation"] == f"@{int(deprecated_at.timestamp())}"
    assert parsedate_to_datetime(answer["Sunset"]) == sunset_at.astimezone(UTC)
    assert answer["Sunset"].endswith(" GMT")
    page = f"<{settings.ISSUER}/apis/{gate.api.slug}/changelog/>"
    assert answer["Link"] == (
        f'{page}; rel="deprecation"; type="text/html", {page}; rel="sunset"; type="text/html"'
    )


def test_the_version_that_follows_is_named(gate, version):
    ends(version)
    follower = ApiVersionFactory(
        api=gate.api, label="v2", status="stable", published_at=timezone.now()
    )
    found = Deprecation.objects.create(version=version, successor=follower)
    successor = f'<{settings.GATEWAY_URL}/{gate.api.slug}/v2>; rel="successor-version"'

    assert gate.ask(gate.token())["Link"].endswith(successor)
    found.move_to(Deprecation.Status.WITHDRAWN, closed_at=timezone.now())
    assert "successor-version" not in gate.ask(gate.token())["Link"]


def test_who_is_refused_reads_it_too(gate, version):
    ends(version)

    answer = gate.ask()

    assert answer.status_code == 401
    assert "Sunset" in answer.headers


@pytest.mark.parametrize("status", ["stable", "deprecated", "sunset"])
def test_from_its_end_on_a_version_is_gone_whatever_is_written_down(gate, version, status):
    token = gate.token()
    ends(version, over=-0.001, status=status)

    answer = gate.ask(token)
    called = gate.call(token)

    assert (answer.status_code, answer["X-Portal-Status"]) == (403, "410")
    assert answer["X-Portal-Reason"] == "version_sunset"
    assert (called.status_code, called.json()["code"]) == (410, "version_sunset")
    assert called.json()["type"] == "/problems/version_sunset"
    assert "Sunset" in called.headers


def test_until_its_last_moment_a_version_answers(gate, version):
    ends(version, over=0.01, status="deprecated")

    assert gate.ask(gate.token()).status_code == 204


def test_the_page_of_the_reason_says_how_to_go_on(client):
    page = client.get("/problems/version_sunset").content.decode()

    assert "answers no more" in page
    assert "Link header" in page


def test_the_end_is_said_before_anything_about_the_token():
    assert RULES[:2] == (operation_is_known, version_still_answers)
    assert Reason.VERSION_SUNSET.status == 410


def test_nginx_hands_the_dates_on_and_turns_the_refusal_back():
    written = server_block(listen="1", portal="2", gateway_key="3")

    assert "if ($portal_status = 410) { return 410 " in written
    for header in ("Deprecation", "Sunset", "Link"):
        assert written.count(f"add_header {header} $portal_") == 2
