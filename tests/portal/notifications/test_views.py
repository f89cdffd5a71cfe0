from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.access.actors import Role
from portal.notifications import actions
from portal.notifications.models import AREAS, Message
from tests.factories.people import UserFactory, staff, user_of

PAGES = ["/notices/", "/console/outbox/", "/console/outbox/1/"]


def news(user, key="1", **more):
    return actions.notify(user, key=key, template="tests/news", context={"thing": "It"}, **more)


def code(user):
    return actions.notify(
        user,
        key="code",
        template="accounts/tests_code",
        context={"code": "123456"},
        link="/accounts/secret-link/",
        is_sensitive=True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_asked_to_sign_in(client, page):
    response = client.get(page)

    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={page}"


@pytest.mark.django_db
def test_the_outbox_is_hidden_from_people_and_closed_to_other_staff(client):
    client.force_login(UserFactory())
    assert client.get("/console/outbox/").status_code == 404

    client.force_login(user_of(staff(Role.CATALOG)))
    assert client.get("/console/outbox/").status_code == 403


@pytest.mark.django_db
def test_a_person_reads_the_own_news_and_no_codes(client):
    user = UserFactory()
    news(user)
    code(user)
    news(UserFactory(), key="2")
    client.force_login(user)

    page = client.get("/notices/").content.decode()

    assert page.count("It changed</b>") + page.count("It changed</a>") == 1
    assert "123456" not in page


@pytest.mark.django_db
def test_without_news_the_page_says_what_will_be_here(client):
    client.force_login(UserFactory())

    assert "No news yet" in client.get("/notices/").content.decode()


@pytest.mark.django_db
def test_news_is_marked_as_read_for_its_reader_only(client):
    user = UserFactory()
    mine, other = news(user), news(UserFactory(), key="2")
    client.force_login(user)

    assert client.post(reverse("notifications:read")).status_code == 302

    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.read_at is not None
    assert other.read_at is None


@pytest.mark.django_db
def test_optional_mail_can_be_switched_off_and_on(client):
    user = UserFactory()
    client.force_login(user)

    client.post("/notices/preference/", {})
    assert news(user).next_attempt_at is None

    client.post("/notices/preference/", {"wants_mail": "on"})
    assert news(user, key="2").next_attempt_at is not None


@pytest.mark.django_db
def test_the_outbox_takes_the_same_few_queries_for_many_messages(
    client, django_assert_max_num_queries
):
    client.force_login(user_of(staff(Role.SECURITY)))
    for number in range(30):
        news(UserFactory(), key=str(number))

    with django_assert_max_num_queries(9):
        page = client.get("/console/outbox/").content.decode()

    assert page.count("It changed") == 30


@pytest.mark.django_db
@pytest.mark.parametrize("is_demo", [True, False])
def test_only_the_demo_shows_a_code_to_staff(client, settings, is_demo):
    settings.DEMO = is_demo
    message = code(UserFactory())
    client.force_login(user_of(staff(Role.SECURITY)))
    settings.STAFF_NEED_SECOND_FACTOR = False

    page = client.get(reverse("notifications:message", args=[message.pk])).content.decode()

    assert ("123456" in page) is is_demo
    assert ('href="/accounts/secret-link/"' in page) is is_demo


@pytest.mark.django_db
def test_a_parked_message_is_listed_and_sent_again(client):
    message = news(UserFactory())
    news(UserFactory(), key="2")
    Message.objects.filter(pk=message.pk).update(failed_at=timezone.now(), attempt_count=8)
    client.force_login(user_of(staff(Role.SECURITY)))

    page = client.get("/console/outbox/?state=parked").content.decode()
    assert page.count(f"/console/outbox/{message.pk}/") == 1
    client.post(reverse("notifications:again", args=[message.pk]))

    message.refresh_from_db()
    assert message.failed_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["x", "-1", "999999999999"])
def test_any_page_number_is_answered(client, page):
    client.force_login(UserFactory())

    assert client.get("/notices/", {"page": page}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("applications/credential_issued", "Application: credential issued"),
        ("arrangements-partner/ended", "Sharing, told to the partner: ended"),
        ("tests/news", "tests: news"),
    ],
)
def test_the_outbox_says_in_words_what_a_message_is(kind, words):
    assert Message(kind=kind).kind_in_words == words


def test_every_mail_has_words_for_what_it_is_about():
    folders = {path.parent.name for path in (settings.BASE_DIR / "templates/mail").glob("*/*.txt")}

    assert folders == set(AREAS)
