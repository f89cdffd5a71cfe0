"""What was sent, taken away: PDF, CSV, JSON and OSCAL from one snapshot."""

from __future__ import annotations

import csv
import io
import json
from uuid import UUID

import pytest

from partners.dossiers.writing import as_csv, as_json, as_oscal, as_pdf
from partners.questionnaires import deciding, sending
from partners.questionnaires.digest import digest_of
from partners.questionnaires.models import Submission
from portal.access.actors import Role
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import asked_for, choice_of, document_of, say
from tests.partners.pages import sign_in
from tests.shared_documents import DATA, needs_catalogues

pytestmark = pytest.mark.django_db
DOCUMENT = document_of(
    choice_of(
        "mfa",
        {"key": "no", "label": "No", "knockout": "A password alone."},
        "yes",
        control_refs=["ASVS-5.0:V6.3.3"],
    ),
    {"key": "why", "visible_if": {"eq": ["mfa", "no"]}},
    {"key": "sum", "kind": "long_text", "na_allowed": True},
    {"key": "who", "kind": "records", "columns": [{"key": "role", "label": "Role"}]},
    {"key": "note", "visible_if": {"eq": ["mfa", "yes"]}},
)


@pytest.fixture
def submission():
    assignment = asked_for(DOCUMENT)
    owner = member(assignment.organization, Role.OWNER)
    say(assignment, owner, mfa="yes", note="hidden later")
    say(assignment, owner, mfa="no", why="=HYPERLINK(1)", sum="+1", who=[{"role": "@lead"}])
    return sending.submit_questionnaire(assignment, by=owner)


def test_no_cell_is_a_formula_and_nothing_hidden_is_told(submission):
    rows = list(csv.DictReader(io.StringIO(as_csv(submission).decode("utf-8-sig"))))

    assert [row["Key"] for row in rows] == ["mfa", "why", "sum", "who"]
    assert [row["Answer"] for row in rows] == ["No", "'=HYPERLINK(1)", "'+1", "'@lead"]
    assert b"hidden later" not in as_json(submission) + as_oscal(submission)


def test_the_json_is_what_the_digest_was_made_of(submission):
    document = json.loads(as_json(submission))

    assert document["sha256"] == digest_of(document["snapshot"])
    assert document["statement_sha256"] == digest_of(document["snapshot"]["statement"])
    assert [score["engine"] for score in document["scores"]] == [2]


def test_the_pdf_and_the_oscal_are_the_same_each_time(submission):
    again = Submission.objects.get(pk=submission.pk)

    assert as_pdf(submission) == as_pdf(again)
    assert as_pdf(submission).startswith(b"%PDF-")
    assert as_oscal(submission) == as_oscal(again)


def test_the_oscal_has_an_observation_for_each_answer_and_a_finding_for_what_fails(submission):
    document = json.loads(as_oscal(submission))["assessment-results"]
    (result,) = document["results"]

    assert len(result["observations"]) == 4
    (finding,) = result["findings"]
    assert finding["title"] == "A password alone."
    observed = {one["uuid"] for one in result["observations"]}
    assert finding["related-observations"][0]["observation-uuid"] in observed
    (controls,) = result["reviewed-controls"]["control-selections"]
    assert controls["include-controls"] == [{"control-id": "ASVS-5.0_V6.3.3"}]


@needs_catalogues
def test_the_oscal_has_the_shape_of_the_published_example(submission):
    """Each of our objects has only keys that the example or the model gives one of its kind."""
    example = json.loads((DATA / "oscal-ifa_assessment-results-example.json").read_text())
    theirs, ours = example["assessment-results"], json.loads(as_oscal(submission))
    document = ours["assessment-results"]

    assert {"uuid", "metadata", "import-ap", "results"} <= theirs.keys() & document.keys()
    assert document.keys() <= theirs.keys()
    assert document["metadata"].keys() <= theirs["metadata"].keys()
    assert document["metadata"]["oscal-version"] == theirs["metadata"]["oscal-version"]
    result = document["results"][0]
    assert result.keys() <= theirs["results"][0].keys() | {"findings"}
    known = {key for one in theirs["results"][0]["observations"] for key in one}
    assert {key for one in result["observations"] for key in one} <= known | {"props"}
    assert UUID(document["uuid"]).version == 5


def test_it_is_handed_to_the_partner_and_to_reviewers_alone(client, submission):
    address = f"/security/sent/{submission.pk}/"
    people = [
        (member(submission.assignment.organization, Role.VIEWER), 200),
        (staff(Role.REVIEWER), 200),
        (member(OrganizationFactory(), Role.OWNER), 404),
    ]

    for actor, status in people:
        sign_in(client, actor)
        for form in ("pdf", "csv", "json", "oscal"):
            assert client.get(f"{address}{form}/").status_code == status
    assert client.get(f"{address}xls/").status_code == 404


def test_a_new_round_leaves_the_one_before_as_it_was(submission):
    before = as_json(submission)
    assignment = submission.assignment
    owner = member(assignment.organization, Role.OWNER)
    deciding.return_submission(submission, by=staff(Role.REVIEWER), reason="Once more.")
    say(assignment, owner, why="Because.")

    sending.submit_questionnaire(assignment, by=owner)

    assert as_json(Submission.objects.get(pk=submission.pk)) == before
