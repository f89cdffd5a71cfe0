"""Everything that waits in one list, for who may do something about it; and many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.impact.models import Assessment
from catalog.imports.models import Source
from consent.rights.actions import ask
from consent.rights.models import DataRequest
from partners.endings.actions import end_relationship
from partners.endings.models import Ending
from partners.organizations.actors import actor_of
from partners.reviews.models import Review, Verdict
from partners.reviews.together import AT_ONCE, decide_together
from partners.subscriptions.models import Condition, Subscription, Tier
from portal import waiting
from portal.access.actors import Role
from portal.errors import Refused
from tests.factories.catalog import ApiVersionFactory
from tests.factories.inboxes import fill_inbox
from tests.factories.partners import OrganizationFactory, SubscriptionFactory
from tests.factories.people import UserFactory, staff, user_of
from tests.factories.reviews import review_of_access, review_of_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything():
    """One of each thing that waits, each with a deadline of its own."""
    now = timezone.now()
    review_of_access()
    review_of_answers()
    Condition.objects.create(
        subscription=SubscriptionFactory(), kind="pentest_due", due_at=now - timedelta(days=1)
    )
    gone = OrganizationFactory(approved=True)
    end_relationship(gone, by=staff(Role.SECURITY), reason="It leaked.")
    Ending.objects.update(data_due_at=now - timedelta(days=2))
    version = ApiVersionFactory(published=True)
    Assessment.objects.create(
        version=version, number=1, status="submitted", submitted_at=now, author=UserFactory()
    )
    person = UserFactory()
    ask(person, by=actor_of(person), kind=DataRequest.Kind.COMPLAINT, words="You are late.")
    Source.objects.create(
        kind="address", url="https://kestrel.example/a", status="paused", failure_count=8
    )


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        pytest.param(Role.REVIEWER, {"owed", "access", "questionnaire"}, id="reviewer"),
        pytest.param(
            Role.SECURITY, {"owed", "access", "questionnaire", "endings"}, id="security officer"
        ),
        pytest.param(Role.PRIVACY, {"access", "questionnaire", "impact", "rights"}, id="privacy"),
        pytest.param(Role.CATALOG, {"access", "questionnaire", "imports"}, id="owner of apis"),
    ],
)
def test_everybody_sees_what_waits_for_them_and_the_most_urgent_first(
    client, everything, role, kinds
):
    client.force_login(user_of(staff(role)))

    response = client.get("/console/")

    shown = [row for _, rows in response.context["groups"] for row, _ in rows]
    assert {row.kind for row in shown} == kinds
    assert [row.due_at for row in shown] == sorted(row.due_at for row in shown)
    counts = {kind: count for kind, _, count in response.context["tabs"]}
    assert counts.pop("") == sum(counts.values()) == len(shown)
    late = sum(row.due_at <= response.context["now"] for row in shown)
    assert response.context["overdue_count"] == late


def test_the_inbox_with_thousands_takes_few_statements(client, django_assert_max_num_queries):
    fill_inbox(partners=20, each=10)
    client.force_login(user_of(staff(*[role for role in Role if role in waiting_roles()])))

    with django_assert_max_num_queries(15):
        first = client.get("/console/")
    with django_assert_max_num_queries(15):
        last = client.get("/console/?page=8")

    pages = [
        [row.pk for _, rows in page.context["groups"] for row, _ in rows] for page in (first, last)
    ]
    assert [len(page) for page in pages] == [25, 25]
    assert not set(pages[0]) & set(pages[1])


def waiting_roles():
    return {Role.ADMIN, Role.REVIEWER, Role.SECURITY, Role.PRIVACY, Role.CATALOG}


def test_a_page_is_the_same_piece_however_far_in_it_lies():
    fill_inbox(partners=3, each=7)
    sources = waiting.sources_for(staff(Role.REVIEWER))
    whole = waiting.page_of(sources, waiting.Wanted(), start=0, end=30)

    pieces = [
        waiting.page_of(sources, waiting.Wanted(), start=at, end=at + 5) for at in range(0, 25, 5)
    ]

    assert [row for piece in pieces for row, _ in piece] == [row for row, _ in whole]
    assert len(whole) == 21


def test_one_reason_decides_what_one_person_may_and_leaves_the_rest(client):
    small = [review_of_access(), review_of_access()]
    big, stale = review_of_access(tier=Tier.HIGH), review_of_access()
    client.force_login(user_of(staff(Role.REVIEWER)))
    rows = [f"{one.pk}:{one.digest}" for one in (*small, big)] + [f"{stale.pk}:{'0' * 64}"]

    answer = client.post(
        "/console/decisions/", {"row": rows, "verdict": "approve", "reason": "Known and small."}
    )

    assert answer.status_code == 302
    status = dict(Review.objects.values_list("pk", "status"))
    assert [status[one.pk] for one in small] == ["approved", "approved"]
    assert (status[big.pk], status[stale.pk]) == ("open", "open")
    assert Subscription.objects.count() == 2
    told = [str(one) for one in client.get("/console/").context["messages"]]
    assert any("Two people have to read it" in words for words in told)
    assert any("changed since you opened the page" in words for words in told)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        pytest.param({}, "Known.", id="nothing is ticked"),
        pytest.param(dict.fromkeys(range(AT_ONCE + 1), "0" * 64), "Known.", id="too many"),
        pytest.param({1: "0" * 64}, "  ", id="no reason"),
    ],
)
def test_many_are_not_decided_without_a_choice_and_a_reason(seen, reason):
    with pytest.raises(Refused):
        decide_together(seen, by=staff(Role.REVIEWER), verdict=Verdict.APPROVE, reason=reason)
