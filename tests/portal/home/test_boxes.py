from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from partners.questionnaires.deciding import reject_submission
from partners.reviews.actions import open_review
from portal.access.actors import SYSTEM, Role
from portal.home.boxes import Decided, Facts, Found, State, boxes
from tests.factories.partners import ClientFactory, OrganizationFactory, SubscriptionFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import answered, assigned, submitted
from tests.factories.reviews import access_request
from tests.partners.pages import sign_in

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)
KNOWN = Facts(joined_at=AT, introduced_at=AT, application="app")
PASSED = replace(KNOWN, answers=Decided(Found.APPROVED, since=AT), answered_at=AT)


@pytest.mark.parametrize(
    ("facts", "states"),
    [
        (Facts(joined_at=AT), "yours done later yours later"),
        (replace(KNOWN, answers=Decided(Found.OPEN)), "done done yours yours later"),
        (replace(KNOWN, answers=Decided(Found.SENT), answered_at=AT), "done done ours done later"),
        (replace(PASSED, answers=Decided(Found.RETURNED)), "done done returned done later"),
        (replace(PASSED, answers=Decided(Found.REFUSED)), "done done refused done later"),
        (replace(PASSED, agreements=Decided(Found.OPEN)), "done yours done done yours"),
        (PASSED, "done done done done yours"),
        (replace(PASSED, access=Decided(Found.SENT, name="REQ-1")), "done done done done ours"),
        (replace(PASSED, access=Decided(Found.REFUSED)), "done done done done refused"),
        (replace(PASSED, access=Decided(Found.APPROVED)), "done done done done done"),
    ],
    ids=[
        "begun", "answering", "sent", "returned", "answers-refused", "to-accept", "passed", "asked",
        "access-refused", "open",
    ],
)  # fmt: skip
def test_each_box_says_where_it_is(facts, states):
    found = boxes(facts)

    assert " ".join(box.state for box in found) == states
    for box in found:
        assert box.next
        assert bool(box.waits_for) == (box.state not in {State.DONE, State.LATER})
        # Whatever is with the partner has a way on, a no among it.
        assert box.way or box.state not in {State.YOURS, State.RETURNED, State.REFUSED}


@pytest.mark.django_db
class TestThePage:
    def page(self, client, actor):
        sign_in(client, actor)
        return " ".join(client.get("/production/").content.decode().split())

    def test_it_shows_whose_turn_it_is_and_until_when(self, client):
        organization = OrganizationFactory()
        owner = member(organization, Role.OWNER)
        review = open_review(submitted(organization, by=owner), by=SYSTEM)

        page = self.page(client, owner)

        assert "With us" in page
        assert "Waits for" in page
        assert review.due_at.isoformat(timespec="seconds") in page

    def test_a_no_shows_its_reason_and_the_way_back(self, client):
        organization = OrganizationFactory()
        owner = member(organization, Role.OWNER)
        submission = submitted(organization, by=owner)
        reject_submission(
            submission, by=staff(Role.REVIEWER), reason="Your keys are in a repository."
        )

        page = self.page(client, owner)

        assert "We said no" in page
        assert "Your keys are in a repository." in page
        assert "See your answers" in page

    def test_it_costs_the_same_for_many_applications(self, client, django_assert_max_num_queries):
        organization = OrganizationFactory(approved=True)
        owner = member(organization, Role.OWNER)
        answered(assigned(organization), by=owner)
        for _ in range(4):
            access_request(
                client=ClientFactory(production=True, application__organization=organization),
                asker=owner,
            )
        sign_in(client, owner)

        with django_assert_max_num_queries(18):
            assert client.get("/production/").status_code == 200

    def test_who_is_live_has_nothing_left_there(self, client):
        subscription = SubscriptionFactory()
        organization = subscription.client.application.organization

        page = self.page(client, member(organization, Role.VIEWER))

        assert "Register a key and go live." in page
