from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.models import ALL_DATA, Customer
from consent.rights import actions, closing, copying, recipients, restricting
from consent.rights.models import Copy, DataRequest, Hold, Task
from portal.access.actors import Role
from portal.events.models import Event
from tests.factories.people import UserFactory, member, staff, user_of
from tests.partners.pages import sign_in


@pytest.fixture
def as_leila(client, leila):
    sign_in(client, leila.by)
    return client


def test_the_start_page_offers_each_right_and_says_that_nothing_was_asked(as_leila):
    page = as_leila.get("/me/rights/").text

    for kind in set(DataRequest.Kind.values) - {DataRequest.Kind.DELETION}:
        assert f"/me/rights/new/{kind}/" in page
    assert "You have not asked for anything" in page


def test_the_list_costs_the_same_however_much_was_asked(
    as_leila, leila, django_assert_max_num_queries
):
    for _ in range(12):
        actions.ask(leila.user, by=leila.by, kind="complaint", words="Again.")

    with django_assert_max_num_queries(10):
        page = as_leila.get("/me/rights/").text

    assert page.count("A complaint") >= 12


@pytest.mark.parametrize("kind", ["review", "complaint"])
def test_a_request_in_words_leads_to_its_page_with_the_clock(as_leila, kind):
    assert as_leila.get(f"/me/rights/new/{kind}/").status_code == 200

    page = as_leila.post(f"/me/rights/new/{kind}/", {"words": "Look again."}, follow=True)

    request = DataRequest.objects.get()
    assert page.request["PATH_INFO"] == request.get_absolute_url()
    assert "Look again." in page.text
    assert "Answer by" in page.text


def test_a_form_without_words_says_what_is_missing(as_leila):
    answer = as_leila.post("/me/rights/new/complaint/", {"words": ""})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not DataRequest.objects.exists()


def test_data_is_paused_and_the_pause_ended_on_the_page(as_leila, leila):
    as_leila.post("/me/rights/new/restriction/", {"cluster_codes": ["*"]})
    request = DataRequest.objects.get()
    assert Customer.objects.get(pk=leila.customer.pk).restricted == [ALL_DATA]

    page = as_leila.get(request.get_absolute_url()).text
    as_leila.post(f"{request.get_absolute_url()}lift/")

    assert "End the pause now" in page
    assert leila.first.client.application.name in page
    assert Customer.objects.get(pk=leila.customer.pk).restricted == []


def test_a_request_is_taken_back_on_its_page(as_leila, leila):
    request = actions.ask(leila.user, by=leila.by, kind="complaint", words="x")

    page = as_leila.post(f"{request.get_absolute_url()}cancel/", follow=True).text

    assert "Taken back" in page
    assert "Take the request back" not in page


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_copy_is_made_and_fetched_once(as_leila, leila, kind):
    as_leila.post(f"/me/rights/new/{kind}/")
    request = DataRequest.objects.get()
    assert "We are making your file" in as_leila.get(request.get_absolute_url()).text
    copying.build_copies()

    page = as_leila.get(request.get_absolute_url()).text
    (link,) = re.findall(r'href="(/me/rights/files/[^"]+)"', page)
    answer = as_leila.get(link)

    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names[0] == "meridian-data.json"
    assert as_leila.get(link).status_code == 404
    assert "You have fetched the file" in as_leila.get(request.get_absolute_url()).text


def test_asking_twice_for_a_copy_is_one_request(as_leila):
    as_leila.post("/me/rights/new/access/")
    page = as_leila.post("/me/rights/new/access/", follow=True).text

    assert "You have asked for this already" in page
    assert Copy.objects.count() == 1


def test_a_copy_wants_a_recent_sign_in(client, leila):
    client.force_login(leila.user)

    answer = client.post("/me/rights/new/access/")

    assert answer["Location"].startswith("/accounts/confirm/")
    assert not DataRequest.objects.exists()


def test_a_link_opens_nothing_for_anybody_else(client, leila):
    copying.ask_for_copy(leila.user, by=leila.by, kind=DataRequest.Kind.ACCESS)
    copying.build_copies()
    token = copying.link_of(Copy.objects.get())

    assert client.get(f"/me/rights/files/{token}/")["Location"].startswith("/sign-in/")
    sign_in(client, staff(Role.PRIVACY))
    assert client.get(f"/me/rights/files/{token}/").status_code == 404
    assert Copy.objects.get().status == Copy.Status.READY


def test_another_persons_request_is_not_there(client, leila):
    request = actions.ask(leila.user, by=leila.by, kind="complaint", words="x")
    client.force_login(UserFactory())

    for path in ("", "cancel/", "lift/"):
        method = client.post if path else client.get
        assert method(f"{request.get_absolute_url()}{path}").status_code == 404


@pytest.mark.parametrize("number", ["DR-", "DR-x", "DR-99999999999999999999", "7", "DR-٣"])
def test_a_number_that_is_none_is_not_there(as_leila, number):
    assert as_leila.get(f"/me/rights/{number}/").status_code == 404


def test_an_account_is_closed_in_two_steps_and_signed_out(as_leila, leila):
    page = as_leila.get("/me/rights/close/").text
    assert leila.first.client.application.name in page
    assert as_leila.post("/me/rights/close/").status_code == 200
    assert DataRequest.objects.count() == 0

    page = as_leila.post("/me/rights/close/", {"is_sure": "on"}).text

    assert "Your account is closed" in page
    assert as_leila.get("/me/rights/")["Location"].startswith("/sign-in/")
    leila.user.refresh_from_db()
    assert not leila.user.is_active


def test_who_works_here_is_told_that_somebody_takes_over_first(client, partner):
    sign_in(client, partner)

    page = client.get("/me/rights/close/").text
    refused = client.post("/me/rights/close/", {"is_sure": "on"})

    assert "Somebody has to take over first" in page
    assert refused.status_code == 200
    assert user_of(partner).is_active


def test_a_hold_is_shown_before_the_account_is_closed(as_leila, leila, mina):
    closing.place_hold(leila.user, by=mina, reason="claim")

    page = as_leila.get("/me/rights/close/").text

    assert "We have to keep your records for now" in page
    assert "A legal claim is open" in page


# --- Partners ------------------------------------------------------------------------------------


def pause(somebody) -> Task:
    code = current_items(somebody.first)[0].cluster.code
    restricting.restrict(somebody.customer, by=somebody.by, cluster_codes=[code])
    return Task.objects.get()


def test_a_partner_sees_its_tasks_and_no_person(client, leila, partner):
    task = pause(leila)
    sign_in(client, partner)

    listing = client.get("/data-tasks/").text
    page = client.get(f"/data-tasks/{task.public_id}/").text

    for text in (listing, page):
        assert str(task.subject) in text
        assert "anary" not in text
    assert "1 request" in listing


def test_a_partner_answers_a_task_on_its_page(client, leila, partner):
    task = pause(leila)
    sign_in(client, partner)

    client.post(f"/data-tasks/{task.public_id}/acknowledgement/")
    assert client.post(f"/data-tasks/{task.public_id}/", {}).context["form"].errors
    client.post(f"/data-tasks/{task.public_id}/", {"exemption": "law", "evidence": "T-7"})

    task.refresh_from_db()
    assert (task.status, task.exemption, task.evidence) == ("exempt", "law", "T-7")
    assert task.acknowledged_at < task.closed_at
    assert "T-7" not in client.get("/data-tasks/").text
    assert "Need not" in client.get("/data-tasks/?show=answered").text


def test_the_list_of_tasks_costs_the_same_however_many(
    client, leila, partner, django_assert_max_num_queries
):
    code = current_items(leila.first)[0].cluster.code
    for _ in range(10):
        restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])
    sign_in(client, partner)

    with django_assert_max_num_queries(14):
        page = client.get("/data-tasks/").text

    assert page.count("Do not use") >= 10


def test_a_viewer_reads_and_does_not_answer(client, leila):
    task = pause(leila)
    organization = leila.first.client.application.organization
    sign_in(client, member(organization, Role.VIEWER))

    assert "Somebody else answers" in client.get(f"/data-tasks/{task.public_id}/").text
    refused = client.post(f"/data-tasks/{task.public_id}/", {"exemption": "done"})
    assert refused.status_code == 403
    task.refresh_from_db()
    assert task.is_open


# --- Staff ---------------------------------------------------------------------------------------


def test_the_officer_sees_counts_and_numbers_and_no_person(client, leila, partner, mina):
    request = actions.ask(leila.user, by=leila.by, kind="complaint", words="CANARY-WORDS")
    task = pause(leila)
    Task.objects.update(due_at=timezone.now())
    recipients.write_down_overdue()
    sign_in(client, mina)

    page = client.get("/console/rights/").text

    assert request.number in page
    assert task.application.organization.name in page
    for secret in ("anary", "CANARY-WORDS", str(task.subject), leila.user.email):
        assert secret not in page


def test_the_officers_page_costs_the_same_however_much_is_open(
    client, leila, mina, django_assert_max_num_queries
):
    for _ in range(10):
        actions.ask(leila.user, by=leila.by, kind="complaint", words="x")
    sign_in(client, mina)

    with django_assert_max_num_queries(18):
        client.get("/console/rights/")


def test_the_officer_reads_the_words_and_answers(client, leila, mina):
    request = actions.ask(leila.user, by=leila.by, kind="complaint", words="Nobody answered.")
    sign_in(client, mina)
    address = f"/console/rights/{request.number}/"

    page = client.get(address).text
    client.post(address, {"is_granted": "yes", "answer": "We are sorry. It is settled."})

    assert "Nobody answered." in page
    assert leila.user.email not in page
    request.refresh_from_db()
    assert (request.status, actions.answer_of(request)) == (
        "completed",
        "We are sorry. It is settled.",
    )
    assert Event.objects.filter(kind="dsr.read").exists()


def test_the_officer_extends_pauses_and_announces_on_the_page(client, leila, mina):
    codes = [current_items(leila.first)[0].cluster.code]
    request = actions.ask(
        leila.user, by=leila.by, kind="rectification", words="Wrong.", cluster_codes=codes
    )
    sign_in(client, mina)
    address = f"/console/rights/{request.number}/"

    client.post(f"{address}extension/", {"reason": "complex"})
    client.post(f"{address}pause/")
    assert Customer.objects.get(pk=leila.customer.pk).restricted == codes
    client.post(f"{address}lifting/")

    request.refresh_from_db()
    assert request.extended_at is not None
    assert request.restriction.lifts_at is not None
    assert "told that it ends" in client.get(address).text


def test_a_hold_is_placed_by_reference_and_released(client, leila, mina):
    sign_in(client, mina)
    form = {"reference": str(leila.customer.public_id), "reason": "order"}

    page = client.post("/console/rights/holds/", form, follow=True).text
    hold = Hold.objects.get()
    wrong = client.post("/console/rights/holds/", {**form, "reference": "7"})
    client.post(f"/console/rights/holds/{hold.pk}/release/")

    assert "records are kept" in page
    assert leila.user.email not in page
    assert wrong.status_code == 422
    hold.refresh_from_db()
    assert hold.released_at is not None


def test_the_file_says_what_the_page_says(as_leila, leila):
    as_leila.post("/me/rights/new/access/")
    copying.build_copies()
    token = copying.link_of(Copy.objects.get())

    packed = zipfile.ZipFile(io.BytesIO(as_leila.get(f"/me/rights/files/{token}/").content))

    body = json.loads(packed.read("meridian-data.json"))
    assert body["account"][0]["email"] == leila.user.email
    assert packed.read("meridian-data.pdf").startswith(b"%PDF")
