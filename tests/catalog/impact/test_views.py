"""The assessment's pages, as an API owner and a privacy officer meet them."""

from __future__ import annotations

import pytest

from catalog.impact.models import Assessment
from catalog.impact.questions import CODES
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from tests.catalog.specs.documents import api, people_without_words, raw
from tests.factories.impact import OPINION, assessed, submitted, written
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
PAGE = "/console/impact/people/v1/"


@pytest.fixture
def version():
    return import_document(raw(api()), by=SYSTEM, source="people.json").version


def as_(client, *roles):
    actor = staff(*roles)
    client.force_login(user_of(actor))
    return actor


def filled(**parts):
    risk = {"what": "Read by a stranger", "likelihood": "low", "harm": "high", "measure": "Scopes"}
    form = {code: f"Because of {code}." for code in CODES}
    form |= {f"risk-0-{name}": words for name, words in risk.items()}
    return form | {"risk-TOTAL_FORMS": "2", "risk-INITIAL_FORMS": "0", **parts}


def text(response) -> str:
    return response.content.decode()


def test_the_list_tells_what_is_not_assessed_and_what_waits(client, version):
    as_(client, Role.REVIEWER)
    assert "Not assessed" in text(client.get("/console/impact/"))

    submitted(version)

    html = text(client.get("/console/impact/"))
    assert "Waits for an opinion" in html


def test_without_personal_data_the_list_says_so(client):
    as_(client, Role.PRIVACY)

    assert "Nothing personal" in text(client.get("/console/impact/"))


def test_the_list_costs_the_same_for_many(client, version, django_assert_max_num_queries):
    as_(client, Role.PRIVACY)
    for slug in "abcde":
        other = import_document(raw(people_without_words()), by=SYSTEM, source="t", slug=slug)
        assessed(other.version)
    client.get("/console/impact/")

    with django_assert_max_num_queries(12):
        client.get("/console/impact/")


def test_an_owner_begins_keeps_and_sends(client, version):
    as_(client, Role.CATALOG)
    assert "Begin the assessment" in text(client.get(PAGE))
    client.post(f"{PAGE}open/")

    kept = client.post(PAGE, {"risk-TOTAL_FORMS": "0", "risk-INITIAL_FORMS": "0", "why": "Half."})
    assert (kept.status_code, Assessment.objects.get().answers["why"]) == (302, "Half.")
    assert "Half." in text(client.get(PAGE))

    sent = client.post(PAGE, filled(send="1"))

    assert sent.status_code == 302
    assert Assessment.objects.get().status == "submitted"
    assert 'name="why"' not in text(client.get(PAGE))


def test_what_is_missing_is_said_and_what_was_written_is_kept(client, version):
    as_(client, Role.CATALOG)
    client.post(f"{PAGE}open/")

    answer = client.post(PAGE, filled(send="1", asked=""))

    assert answer.status_code == 422
    assert "Answer every question" in text(answer)
    assert Assessment.objects.get().answers["whose"] == "Because of whose."
    assert "Because of whose." in text(answer)


def test_half_a_risk_is_pointed_at(client, version):
    as_(client, Role.CATALOG)
    client.post(f"{PAGE}open/")

    answer = client.post(PAGE, filled(**{"risk-0-harm": ""}))

    assert answer.status_code == 422
    assert "Fill in all four" in text(answer)


def test_a_level_that_is_none_is_refused(client, version):
    as_(client, Role.CATALOG)
    client.post(f"{PAGE}open/")

    assert client.post(PAGE, filled(**{"risk-0-harm": "enormous"})).status_code == 422


def test_the_officer_signs_and_the_page_says_so(client, version):
    submitted(version)
    as_(client, Role.PRIVACY)
    assert "Your opinion" in text(client.get(PAGE))

    client.post(f"{PAGE}opinion/", {"decision": "approved", "opinion": OPINION})

    html = text(client.get(PAGE))
    assert "It still says what was signed" in html
    assert "Covered" in html
    assert "Your opinion" not in html


@pytest.mark.parametrize(("decision", "status"), [("returned", "returned"), ("refused", "refused")])
def test_the_officer_sends_back_or_turns_down(client, version, decision, status):
    submitted(version)
    as_(client, Role.PRIVACY)

    client.post(f"{PAGE}opinion/", {"decision": decision, "opinion": OPINION})

    assert Assessment.objects.get().status == status
    assert OPINION in text(client.get(PAGE))


def test_a_second_officer_in_another_tab_is_told_that_nothing_waits(client, version):
    assessed(version)
    as_(client, Role.PRIVACY)

    answer = client.post(
        f"{PAGE}opinion/", {"decision": "refused", "opinion": OPINION}, follow=True
    )

    assert "Nothing waits for an opinion" in text(answer)
    assert Assessment.objects.get().status == "approved"


def test_a_word_is_no_opinion(client, version):
    submitted(version)
    as_(client, Role.PRIVACY)

    answer = client.post(f"{PAGE}opinion/", {"decision": "approved", "opinion": "Yes"})

    assert answer.status_code == 422
    assert Assessment.objects.get().status == "submitted"


def test_others_read_it_and_cannot_write(client, version):
    written(version)
    as_(client, Role.REVIEWER)

    assert 'name="why"' not in text(client.get(PAGE))
    assert client.post(f"{PAGE}open/").status_code == 403
    answer = client.post(PAGE, filled())
    assert Assessment.objects.get().answers["why"] != "Because of why."
    assert answer.status_code in {403, 422}
