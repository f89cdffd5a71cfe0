from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.applications.models import Client
from partners.applications.profiles import Profile
from partners.reviews.models import Review
from partners.subscriptions.models import Tier
from portal.access.actors import Role
from tests.factories.people import UserFactory, staff, user_of
from tests.factories.reviews import review_of_access, review_of_answers, vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    actor = staff(Role.REVIEWER)
    client.force_login(user_of(actor))
    return actor


def test_a_visitor_is_sent_to_sign_in_and_a_customer_finds_nothing(client):
    review = review_of_answers()
    for address in ("/console/", review.get_absolute_url()):
        assert client.get(address).headers["Location"].startswith("/sign-in/?next=")
    client.force_login(UserFactory())
    for address in ("/console/", review.get_absolute_url()):
        assert client.get(address).status_code == 404


def test_the_owner_of_apis_sees_the_queue_but_no_answers(client):
    review = review_of_answers()
    client.force_login(user_of(staff(Role.CATALOG)))

    assert client.get("/console/").status_code == 200
    assert client.get(review.get_absolute_url()).status_code == 403


@pytest.mark.parametrize("number", ["R-9999", "R-x", "9" * 40, "R-٣"])
def test_a_review_that_does_not_exist_is_not_found(client, reviewer, number):
    assert client.get(f"/console/reviews/{number}/").status_code == 404


def test_the_queue_is_sorted_by_due_and_says_what_is_late(client, reviewer):
    late, later = review_of_answers(), review_of_access(tier=Tier.SEVERE)
    now = timezone.now()
    Review.objects.filter(pk=late.pk).update(
        opened_at=now - timedelta(days=4), due_at=now - timedelta(hours=2)
    )

    page = client.get("/console/").content.decode()

    assert "1 overdue" in page
    assert page.index(late.number) < page.index(later.number)
    assert "hours late" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?kind=access", 1),
        ("?kind=nonsense", 2),
        ("?tier=3", 1),
        ("?tier=x", 2),
        ("?age=3", 0),
        ("?q=R-0001", 1),
        ("?q=nobody", 0),
        ("?page=99", 2),
    ],
)
def test_the_queue_can_be_narrowed(client, reviewer, query, count):
    review_of_answers()
    review_of_access(tier=Tier.HIGH)
    first = Review.objects.order_by("pk").first()
    query = query.replace("R-0001", first.number)

    response = client.get(f"/console/{query}")

    assert response.status_code == 200
    assert sum(len(rows) for _, rows in response.context["groups"]) == count


def test_the_queue_costs_the_same_however_long_it_is(
    client, reviewer, django_assert_max_num_queries
):
    officer = staff(Role.SECURITY)
    for _ in range(4):
        vote(review_of_access(tier=Tier.HIGH), officer)
        review_of_answers()

    with django_assert_max_num_queries(15):
        client.get("/console/")


def test_the_page_shows_what_is_asked_and_lets_one_decide(client, reviewer):
    review = review_of_access()

    page = client.get(review.get_absolute_url())

    assert "Data and purposes" in page.content.decode()
    assert "No approved questionnaire" in page.content.decode()
    answer = client.post(
        review.get_absolute_url(),
        {"verdict": "approve", "profile": "fapi2", "reason": "", "digest": review.digest},
    )
    assert answer.headers["Location"] == "/console/"
    review.refresh_from_db()
    assert review.status == "approved"
    assert Client.objects.get(pk=review.access_request.client_id).profile == "fapi2"


def test_whoever_decides_says_what_the_client_must_do(client, reviewer):
    review = review_of_access()

    page = client.get(review.get_absolute_url())
    unsaid = client.post(
        review.get_absolute_url(), {"verdict": "approve", "reason": "", "digest": review.digest}
    )

    assert page.context["form"]["profile"].initial == "fapi2"
    assert [value for value, _ in page.context["form"].fields["profile"].choices] == [
        "fapi2",
        "fapi2-message-signing",
    ]
    assert unsaid.status_code == 422
    assert list(unsaid.context["form"].errors) == ["profile"]


def test_a_refusal_needs_no_profile_and_leaves_the_client_as_it_is(client, reviewer):
    review = review_of_access()

    client.post(
        review.get_absolute_url(),
        {"verdict": "reject", "profile": "fapi2", "reason": "No.", "digest": review.digest},
    )

    review.refresh_from_db()
    assert review.status == "rejected"
    assert Client.objects.get(pk=review.access_request.client_id).profile == "sandbox"


@pytest.mark.parametrize(
    ("now", "first", "offered"),
    [
        ("sandbox", "", "fapi2"),
        ("fapi2-message-signing", "", "fapi2-message-signing"),
        ("sandbox", "sandbox", "fapi2"),
        ("sandbox", "fapi2-message-signing", "fapi2-message-signing"),
    ],
)
def test_the_strictest_choice_so_far_is_offered(client, reviewer, now, first, offered):
    review = review_of_access(tier=Tier.HIGH)
    Client.objects.filter(pk=review.access_request.client_id).update(profile=now)
    if first:
        vote(review, staff(Role.SECURITY), profile=Profile(first))

    page = client.get(review.get_absolute_url())

    assert page.context["form"]["profile"].initial == offered


def test_answers_are_decided_on_without_a_profile(client, reviewer):
    review = review_of_answers()

    assert "profile" not in client.get(review.get_absolute_url()).context["form"].fields


def test_answers_that_rule_approval_out_are_shown(client, reviewer):
    review = review_of_answers(admin_mfa="no")

    page = client.get(review.get_absolute_url()).content.decode()

    assert "Administrators sign in with a password alone." in page
    assert "A second person" in page


def test_a_missing_reason_is_asked_for_and_what_was_written_stays(client, reviewer):
    review = review_of_access(tier=Tier.HIGH)

    answer = client.post(
        review.get_absolute_url(),
        {
            "verdict": "approve",
            "profile": "fapi2-message-signing",
            "reason": "",
            "digest": review.digest,
        },
    )

    assert answer.status_code == 422
    assert "Say why." in answer.content.decode()
    assert answer.context["form"]["profile"].value() == "fapi2-message-signing"


@pytest.mark.parametrize(
    "data",
    [{}, {"verdict": "maybe"}, {"verdict": "approve", "reason": "a\x00b"}, {"verdict": "return"}],
)
def test_nonsense_is_an_error_of_the_form(client, reviewer, data):
    review = review_of_access()

    answer = client.post(review.get_absolute_url(), {"digest": review.digest, **data})

    assert answer.status_code == 422


def test_a_stale_page_decides_nothing(client, reviewer):
    review = review_of_answers()

    answer = client.post(
        review.get_absolute_url(), {"verdict": "approve", "reason": "", "digest": "0" * 64}
    )

    assert answer.headers["Location"] == review.get_absolute_url()
    review.refresh_from_db()
    assert review.status == "open"


def test_whoever_voted_reads_why_they_cannot_again(client, reviewer):
    review = vote(review_of_access(tier=Tier.HIGH), reviewer)

    page = client.get(review.get_absolute_url()).content.decode()

    assert "You have voted already" in page
    assert "Record decision" not in page
