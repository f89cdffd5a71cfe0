from __future__ import annotations

import pytest

from partners.questionnaires import answering, deciding
from partners.questionnaires.models import Assignment, Submission
from portal.access.actors import Role
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, member, staff, user_of
from tests.factories.questionnaires import answered, assigned, submitted
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
DATA = "/security/onboarding/data/"


@pytest.fixture
def assignment():
    return assigned()


@pytest.fixture
def owner(client, assignment):
    actor = member(assignment.organization, Role.OWNER)
    sign_in(client, actor)
    return actor


def page_of(**given) -> dict:
    """What the browser sends for the section on data: every question with its revision."""
    keys = ("deletion", "deletion-reason", "retention-days", "logging")
    return {f"revision-{key}": "0" for key in keys} | {
        key.replace("_", "-"): value for key, value in given.items()
    }


def test_a_visitor_is_sent_to_sign_in(client, assignment):
    for address in ("/security/", DATA, "/security/onboarding/send/"):
        assert client.get(address).headers["Location"].startswith("/sign-in/?next=")


def test_another_partner_finds_nothing(client, assignment):
    client.force_login(user_of(member(OrganizationFactory(), Role.OWNER)))

    assert client.get(DATA).status_code == 404
    assert client.post(DATA, page_of(deletion="day")).status_code == 404


def test_a_person_without_an_organization_sees_an_empty_page(client):
    client.force_login(UserFactory())

    assert "You do not belong to one" in client.get("/security/").content.decode()


def test_a_viewer_reads_but_may_not_answer(client, assignment):
    client.force_login(user_of(member(assignment.organization, Role.VIEWER)))

    assert "You can read these answers" in client.get(DATA).content.decode()
    assert client.post(DATA, page_of(deletion="day")).status_code == 403


@pytest.mark.parametrize(
    "address", ["/security/onboarding/nothing/", "/security/nothing/data/", "/security/x/send/"]
)
def test_what_does_not_exist_is_not_found(client, owner, address):
    assert client.get(address).status_code == 404


def test_without_script_a_section_is_saved_and_the_next_one_opens(client, owner, assignment):
    answer = client.post(DATA, page_of(deletion="day", retention_days="30", logging=["tokens"]))

    assert answer.headers["Location"] == "/security/onboarding/readiness/"
    assert assignment.values() == {"deletion": "day", "retention-days": 30, "logging": ["tokens"]}


def test_after_the_last_section_comes_the_whole(client, owner):
    answer = client.post("/security/onboarding/readiness/", {"revision-suppliers": "0"})

    assert answer.headers["Location"] == "/security/onboarding/send/"


def test_behind_the_page_one_answer_is_saved_and_its_revision_comes_back(client, owner, assignment):
    address = f"/api/v1/assignments/{assignment.pk}/answers/deletion"

    def patch(body, **headers):
        return client.patch(address, body, "application/json", headers=headers)

    first = patch({"value": "day"}, if_match='"0"', idempotency_key="request-1")
    again = patch({"value": "day"}, if_match='"0"', idempotency_key="request-1")
    late = patch({"value": "month"}, if_match='"0"', idempotency_key="request-2")

    assert (first.status_code, first.headers["ETag"], first.json()["revision"]) == (200, '"1"', 1)
    assert again.json() == first.json()
    assert late.status_code == 409
    assert late.json()["code"] == "answer_changed"
    assert late.json()["current"]["value"] == "day"
    assert late.json()["current"]["updated_by"] == owner.name
    assert assignment.values() == {"deletion": "day"}
    assert patch({"value": "month"}).status_code == 428
    assert patch({"value": "month"}, if_match='"1"', idempotency_key="no key!").status_code == 400
    reused = client.patch(
        address.replace("deletion", "transport"),
        {"value": "all"},
        "application/json",
        headers={"If-Match": '"0"', "Idempotency-Key": "request-1"},
    )
    assert (reused.status_code, reused.json()["code"]) == (400, "key_reused")


def test_a_follow_up_waits_inside_its_question_for_the_choice(client, owner, assignment):
    page = client.get(DATA).content.decode()

    assert page.count("data-reveals") == 1
    assert 'name="deletion-reason"' in page
    client.post(DATA, page_of(deletion="month", deletion_reason="Refunds."))
    assert assignment.values()["deletion-reason"] == "Refunds."


def test_a_wrong_answer_is_named_and_the_others_are_kept(client, owner, assignment):
    answer = client.post(DATA, page_of(deletion="day", retention_days="many"))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Give a whole number" in page
    assert 'value="many"' in page
    assert assignment.values() == {"deletion": "day"}


def test_when_two_write_at_once_the_second_keeps_their_words_and_may_insist(
    client, owner, assignment
):
    colleague = member(assignment.organization, Role.DEVELOPER)
    client.post(DATA, page_of(deletion="month"))
    answering.answer_question(
        assignment, by=colleague, key="deletion-reason", value="Theirs.", revision=0
    )

    sent = page_of(deletion="month", deletion_reason="My own long text.") | {
        "revision-deletion": "1"
    }
    answer = client.post(DATA, sent)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "My own long text." in page
    assert f"{colleague.name} changed this answer to “Theirs.”" in page
    assert assignment.values()["deletion-reason"] == "Theirs."
    assert client.post(DATA, sent).status_code == 422

    client.post(DATA, sent | {"replace-deletion-reason": "1"})
    assert assignment.values()["deletion-reason"] == "My own long text."


@pytest.mark.parametrize("revision", ["x", "-1", "9" * 30, "٣", ""])
def test_a_nonsense_revision_is_no_error(client, owner, revision):
    answer = client.post(DATA, page_of(deletion="day") | {"revision-deletion": revision})

    assert answer.status_code in {302, 422}


def test_a_nul_byte_is_an_error_of_the_form(client, owner):
    assert client.post(DATA, page_of(retention_days="3\x000")).status_code == 422


def test_sending_needs_every_answer_and_the_word_of_somebody_who_may(client, owner, assignment):
    send = "/security/onboarding/send/"
    assert "Some questions still need you" in client.get(send).content.decode()
    assert client.post(send, {"is_true": "on"}).status_code == 422
    answered(assignment, by=owner)

    assert client.post(send, {}).status_code == 422
    assert client.post(send, {"is_true": "on"}).headers["Location"] == "/security/"

    assert Submission.objects.count() == 1
    assert "With us" in client.get("/security/").content.decode()
    assert client.post(DATA, page_of(deletion="never")).status_code == 409


def test_the_reason_of_a_return_stands_above_the_answers(client):
    submission = submitted()
    assignment = Assignment.objects.get()
    deciding.return_submission(submission, by=staff(Role.REVIEWER), reason="Which mailbox?")
    client.force_login(submission.submitted_by)

    for address in ("/security/", DATA):
        assert "Which mailbox?" in client.get(address).content.decode()
    assert "What the answers say" in client.get("/security/").content.decode()
    assert assignment.round == 1


def test_the_overview_costs_the_same_however_much_is_answered(
    client, owner, assignment, django_assert_max_num_queries
):
    answered(assignment, by=owner)
    with django_assert_max_num_queries(14):
        client.get("/security/")
    with django_assert_max_num_queries(14):
        client.get(DATA)
