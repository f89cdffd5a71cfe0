"""Acceptance scenarios of questionnaires, each as a whole."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from partners.questionnaires import answering, assigning, deciding, publishing, sending
from partners.questionnaires.answering import Hidden
from partners.questionnaires.carrying import changes_between
from partners.questionnaires.models import Score, Submission, TemplateVersion
from partners.questionnaires.sending import Incomplete
from portal.access.actors import SYSTEM, Role
from portal.errors import Malformed, NotAllowed, NotFound
from portal.events.models import Event
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff, user_of
from tests.factories.questionnaires import asked_for, choice_of, document_of, say

pytestmark = pytest.mark.django_db
WHY = {"key": "bad", "label": "Bad", "knockout": "This would not do."}
FIRST = document_of(
    {"key": "kept"}, {"key": "reworded"}, {"key": "removed"}, {"key": "renamed"}, version="1.1.0"
)
SECOND = document_of(
    {"key": "kept"},
    {"key": "reworded", "text": "What about it, in other words?"},
    {"key": "named-anew", "maps_from": ["renamed"], "text": "What about renamed?"},
    {"key": "added"},
    version="1.2.0",
)


def revisions(assignment, key):
    return list(assignment.revisions.filter(key=key).order_by("pk").values_list("value", flat=True))


def test_scenario_1_template_versions():
    done = asked_for(FIRST)
    owner = member(done.organization, Role.OWNER)
    say(done, owner, kept="a", reworded="b", removed="c", renamed="d")
    sent = sending.submit_questionnaire(done, by=owner)
    deciding.approve_submission(sent, by=staff(Role.REVIEWER))
    before = [
        json.dumps(Submission.objects.filter(pk=sent.pk).values().get(), default=str),
        json.dumps(Score.objects.filter(submission=sent).values().get(), default=str),
    ]
    half, other = asked_for(FIRST, OrganizationFactory()), asked_for(FIRST, OrganizationFactory())
    halfway, others = member(half.organization, Role.OWNER), member(other.organization, Role.OWNER)
    say(half, halfway, kept="a", reworded="b", removed="c")
    say(other, others, kept="e", removed="f", renamed="g")

    latest = publishing.publish_template(SECOND, by=SYSTEM)

    # Who is on the way still sends what they began.
    say(half, halfway, renamed="d")
    assert sending.submit_questionnaire(half, by=halfway).snapshot["semver"] == "1.1.0"
    # Who changes is shown what differs, and keeps what means the same, to be confirmed.
    changes = changes_between(other.version.content, latest.content)
    assert [q.key for q in changes.added] == ["added"]
    assert [q.key for q in changes.removed] == ["removed"]
    assert [(old.key, new.key) for old, new in changes.reworded] == [("reworded", "reworded")]
    assert [q.key for q in changes.same] == ["kept", "named-anew"]
    moved = assigning.take_version(other, by=others, version=latest)
    carried = {a.key: a for a in moved.answers.filter(origin="reused")}
    assert {a.key: a.value for a in carried.values()} == {"kept": "e", "named-anew": "g"}
    assert not any(answer.is_confirmed for answer in carried.values())
    say(moved, others, reworded="h", added="i")
    with pytest.raises(Incomplete) as refusal:
        sending.submit_questionnaire(moved, by=others)
    assert set(refusal.value.errors) == {"kept", "named-anew"}
    say(moved, others, kept="e", named_anew="g")
    assert sending.submit_questionnaire(moved, by=others).snapshot["answers"] == {
        "kept": "e",
        "reworded": "h",
        "named-anew": "g",
        "added": "i",
    }
    # What was approved is the same to the byte, and what is published is fixed.
    assert before == [
        json.dumps(Submission.objects.filter(pk=sent.pk).values().get(), default=str),
        json.dumps(Score.objects.filter(submission=sent).values().get(), default=str),
    ]
    for change in ({"document": {}}, {"sha256": "0" * 64}):
        with pytest.raises(DatabaseError), transaction.atomic():
            TemplateVersion.objects.filter(pk=latest.pk).update(**change)


def test_scenario_2_conditions_are_true():
    asked = document_of(
        choice_of("first", "yes", "no", weight=1),
        choice_of("second", "good", WHY, weight=1, visible_if={"eq": ["first", "yes"]}),
    )
    assignment = asked_for(asked)
    owner = member(assignment.organization, Role.OWNER)
    say(assignment, owner, first="yes", second="bad")

    say(assignment, owner, first="no")
    submission = sending.submit_questionnaire(assignment, by=owner)

    assert submission.snapshot["answers"] == {"first": "no"}
    assert submission.score["knockouts"] == []
    assert revisions(assignment, "second") == ["bad"]
    # Flipped back, it is there again, and counts again.
    deciding.return_submission(submission, by=staff(Role.REVIEWER), reason="Look again.")
    say(assignment, owner, first="yes")
    again = sending.submit_questionnaire(assignment, by=owner)
    assert again.snapshot["answers"] == {"first": "yes", "second": "bad"}
    assert [one["key"] for one in again.score["knockouts"]] == ["second"]
    assert again.score["tier"] == 4


def test_scenario_2_what_is_not_asked_takes_no_answer(client):
    asked = document_of(
        choice_of("first", "yes", "no"), {"key": "second", "visible_if": {"eq": ["first", "yes"]}}
    )
    assignment = asked_for(asked)
    owner = member(assignment.organization, Role.OWNER)
    stranger = member(OrganizationFactory(), Role.OWNER)

    for key, value, refusal in (
        ("second", "x", Hidden),
        ("nothing", "x", NotFound),
        ("first", "maybe", Malformed),
    ):
        with pytest.raises(refusal):
            answering.answer_question(assignment, by=owner, key=key, value=value, revision=0)
    with pytest.raises(NotAllowed):
        answering.answer_question(assignment, by=stranger, key="first", value="yes", revision=0)
    client.force_login(user_of(stranger))
    address = f"/api/v1/assignments/{assignment.pk}/answers/first"
    body = {"data": {"value": "yes"}, "content_type": "application/json"}
    assert client.patch(address, headers={"If-Match": '"0"'}, **body).status_code == 404

    assert not assignment.answers.exists()
    refused = Event.objects.filter(kind="partners.questionnaire.answer_refused").order_by("pk")
    assert [event.facts["code"] for event in refused] == [
        "question_hidden",
        "not_found",
        "wrong_answer",
        "not_allowed",
    ]


def test_scenario_2_what_would_hide_silently_is_not_published():
    circle = (
        {"key": "one", "visible_if": {"answered": "two"}},
        {"key": "two", "visible_if": {"answered": "one"}},
    )
    ahead = ({"key": "one", "visible_if": {"answered": "two"}}, {"key": "two"})
    for questions in (circle, ahead):
        with pytest.raises(Malformed, match="looks ahead"):
            publishing.publish_template(document_of(*questions), by=SYSTEM)

    assert not TemplateVersion.objects.exists()


def test_who_wrote_a_questionnaire_does_not_publish_it():
    author, other = staff(Role.ADMIN), staff(Role.ADMIN)

    with pytest.raises(NotAllowed):
        publishing.publish_template(FIRST, by=author, author=user_of(author))
    version = publishing.publish_template(FIRST, by=other, author=user_of(author))

    assert (version.author, version.published_by) == (user_of(author), user_of(other))
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateVersion.objects.create(
            template=version.template,
            number=9,
            document={},
            sha256="x",
            author=version.author,
            published_by=version.author,
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": "1.1.0", "title": "Same number"}, "version_not_later"),
        ({"version": "1.0.9", "title": "Earlier"}, "version_not_later"),
        ({"version": "two"}, "broken_content"),
        ({"colour": "red"}, "broken_content"),
    ],
    ids=["same number", "earlier", "no number", "unknown field"],
)
def test_a_version_is_later_and_fits_the_schema(change, code):
    publishing.publish_template(FIRST, by=SYSTEM)

    with pytest.raises((Malformed, publishing.NotLater)) as refusal:
        publishing.publish_template(FIRST | change, by=SYSTEM)

    assert refusal.value.code == code


def test_a_key_keeps_its_kind_from_version_to_version():
    publishing.publish_template(document_of({"key": "one"}), by=SYSTEM)

    with pytest.raises(publishing.KeyChanged):
        publishing.publish_template(
            document_of({"key": "one", "kind": "number"}, version="2.0.0"), by=SYSTEM
        )
