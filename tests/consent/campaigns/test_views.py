"""The privacy officer's pages of a campaign, and what its customer reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.scopes.models import Purpose
from consent.arrangements.models import Arrangement
from consent.campaigns import actions
from consent.campaigns.models import Campaign
from consent.campaigns.tasks import carry_on
from portal.access.actors import Role
from tests.factories.consent import share, use_of
from tests.factories.notices import published
from tests.factories.people import staff, user_of

SUMMARY = {
    "en": "We also keep your address.",
    "fr": "Nous gardons aussi votre adresse.",
    "ar": "نحتفظ أيضًا بعنوانك.",
}


@pytest.fixture
def mina(db):
    return staff(Role.PRIVACY)


@pytest.fixture
def console(mina, client) -> Browser:
    client.force_login(user_of(mina))
    return client


def form(**changes: str) -> dict[str, str]:
    day = (timezone.now() + timedelta(days=40)).date().isoformat()
    words = {f"summary_{code}": text for code, text in SUMMARY.items()}
    return {"about": "notice:privacy:2", "deadline": day, **words} | changes


def running(by, **changes) -> Campaign:
    how = {"kind": "notice", "code": "privacy", "version": 2, "summary": SUMMARY}
    deadline = timezone.now() + timedelta(days=40)
    campaign = actions.plan_campaign(by=by, **how | {"deadline": deadline} | changes)
    actions.start_campaign(campaign, by=by)
    carry_on()
    return campaign


def test_a_campaign_is_planned_counted_started_and_followed(console):
    published()
    arrangement = share()
    published()
    assert "Nobody was asked again yet" in console.get("/console/campaigns/").text

    planned = console.post("/console/campaigns/new/", form())
    page = console.get(planned["Location"])

    assert planned.status_code == 302
    assert page.context["dry_run"].arrangements == 1
    assert "Start: ask 1 again" in page.text
    assert not Arrangement.objects.exclude(reconsent_by=None).exists()
    console.post(f"{planned['Location']}start/")
    carry_on()
    followed = console.get(planned["Location"])
    assert followed.context["total"] == {
        "asked_count": 1,
        "answered_count": 0,
        "waiting_count": 1,
        "expired_count": 0,
        "stopped_count": 0,
    }
    arrangement.refresh_from_db()
    assert arrangement.reconsent_notice == "privacy@2"
    for page in (followed, console.get("/console/campaigns/")):
        assert arrangement.customer.user.email not in page.text
        assert arrangement.customer.user.name not in page.text


def test_while_it_asks_the_page_says_who_is_left(console, mina, monkeypatch):
    published()
    share()
    published()
    campaign = actions.plan_campaign(
        by=mina,
        kind="notice",
        code="privacy",
        version=2,
        summary=SUMMARY,
        deadline=timezone.now() + timedelta(days=40),
    )
    actions.start_campaign(campaign, by=mina)

    page = console.get(campaign.get_absolute_url())

    assert page.context["left_count"] == 1
    assert "1 still to be asked" in page.text


def test_a_plan_is_dropped_on_its_page(console):
    published()
    published()
    planned = console.post("/console/campaigns/new/", form())["Location"]

    page = console.post(f"{planned}cancel/", follow=True)

    assert "Nobody was asked." in page.text
    assert "Start:" not in page.text
    assert Campaign.objects.get().status == Campaign.Status.CANCELLED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"about": ""}, "Choose what changed."),
        ({"deadline": "2020-01-01"}, "at least 14 days"),
        ({"summary_fr": ""}, "required"),
        ({"summary_en": "a\u202eb"}, "plain text"),
    ],
    ids=["nothing", "past", "a language is missing", "hidden characters"],
)
def test_what_is_wrong_with_a_plan_is_said_in_the_form(console, changes, words):
    published()
    published()

    page = console.post("/console/campaigns/new/", form(**changes))

    assert page.status_code == 422
    assert words in page.text
    assert not Campaign.objects.exists()


def test_what_is_asked_about_already_is_not_offered_twice(console, mina):
    published()
    published()
    running(mina)

    page = console.get("/console/campaigns/new/")

    assert [value for value, _ in page.context["form"].fields["about"].choices] == [
        "notice:privacy:1"
    ]


def test_the_page_asks_the_database_as_often_for_many_as_for_few(
    console, mina, django_assert_max_num_queries
):
    published()
    for _ in range(6):
        share()
    published()
    campaign = running(mina)

    with django_assert_max_num_queries(14):
        console.get(campaign.get_absolute_url())


@pytest.mark.parametrize(
    ("language", "heading", "again"),
    [
        ("en", "You are asked again", "Say yes again in"),
        ("fr", "On vous redemande votre accord", "Redire oui dans"),
        ("ar", "نسألك من جديد", "الموافقة من جديد"),
    ],
    ids=["English", "French", "Arabic"],
)
def test_the_customer_reads_what_changed_and_may_say_yes_or_stop(
    mina, client, language, heading, again
):
    published()
    arrangement = share()
    published()
    running(mina)
    user = arrangement.customer.user
    client.force_login(user)
    slug = arrangement.client.application.slug

    page = client.get(f"/me/apps/{slug}/", headers={"Accept-Language": language})

    for words in (heading, again, SUMMARY[language], "/privacy/2/", f"/me/apps/{slug}/stop/"):
        assert words in page.text
    assert arrangement.client.application.homepage_url in page.text


def test_a_purpose_is_shown_as_it_was_and_as_it_is(mina, client):
    use = use_of()
    arrangement = share(uses=[use])
    old = Purpose.objects.get(pk=use.purpose_id)
    Purpose.objects.filter(pk=old.pk).update(superseded_at=timezone.now())
    Purpose.objects.create(code=old.code, version=2, title="Offers too", description="Of others.")
    running(mina, kind="purpose", code=old.code)
    client.force_login(arrangement.customer.user)

    page = client.get(f"/me/apps/{arrangement.client.application.slug}/")

    assert old.title in page.text
    assert "Offers too" in page.text
