from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consent.arrangements.models import Reading
from consent.rights import actions, copying, export
from consent.rights.models import Copy, DataRequest
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts.actions import note
from portal.accounts.events import AccountEvent
from portal.errors import Malformed, NotAllowed, NotFound
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share
from tests.factories.people import UserFactory, staff

Kind = DataRequest.Kind


def made(somebody, kind=Kind.ACCESS) -> Copy:
    copying.ask_for_copy(somebody.user, by=somebody.by, kind=kind)
    copying.build_copies()
    return Copy.objects.get()


def opened(somebody, copy: Copy) -> zipfile.ZipFile:
    _, content = copying.fetch_copy(copying.link_of(copy), by=somebody.by)
    return zipfile.ZipFile(io.BytesIO(content))


def body_of(somebody, kind=Kind.ACCESS) -> dict:
    return json.loads(opened(somebody, made(somebody, kind)).read("meridian-data.json"))


def test_a_copy_holds_each_thing_that_is_kept_about_the_person(leila):
    Reading.objects.create(
        arrangement=leila.first,
        operation_key="things/v1/list",
        hour=timezone.now(),
        cluster_codes=["c"],
        read_count=3,
        last_read_at=timezone.now(),
    )
    deliver_due()

    body = body_of(leila)

    assert set(export.SECTIONS[Kind.ACCESS]) <= set(body)
    assert body["account"][0]["name"] == "Canary Leila"
    assert [one["recipient"]["name"] for one in body["arrangements"]] == [
        each.client.application.organization.name for each in (leila.first, leila.second)
    ]
    version = body["arrangements"][0]["versions"][0]
    assert version["items"][0]["retention_days"] == 30
    assert version["notice_sha256"]
    assert len(body["receipts"]) == 2
    assert body["readings"][0]["read_count"] == 3
    assert "consent.arrangement.given" in {one["what"] for one in body["history"]}
    assert body["requests"][0]["kind"] == "access"
    assert body["notices"]
    assert body["kept_for"]


def test_a_copy_holds_nothing_about_others_and_no_secret(leila, mina):
    other = UserFactory(name="Canary Other", email="canary-other@example.net")
    share(customer=None)
    request = actions.ask(leila.user, by=leila.by, kind=Kind.COMPLAINT, words="x")
    actions.read_request(request, by=mina)
    note(leila.user, AccountEvent.SIGNED_OUT, session="canary-session")
    deliver_due()

    body = body_of(leila)
    text = json.dumps(body)

    officer = staff(Role.PRIVACY)
    for secret in (other.name, other.email, leila.user.password, officer.name, mina.name):
        assert secret not in text
    assert "sealed" not in text
    assert "canary-session" not in text
    assert "session" not in {name for one in body["history"] for name in one["facts"]}
    assert f"user:{leila.user.pk}" not in text
    by_whom = {one["what"]: one["who"] for one in body["history"]}
    assert by_whom["dsr.received"] == "you"
    assert by_whom["dsr.read"] == "somebody who works here"
    assert all(len(one["recipient"]["name"]) for one in body["arrangements"])
    assert len(body["arrangements"]) == 2


def test_a_copy_for_another_service_is_for_programs_only(leila):
    packed = opened(leila, made(leila, Kind.PORTABILITY))

    assert packed.namelist() == ["meridian-data.json"]
    body = json.loads(packed.read("meridian-data.json"))
    assert {"account", "arrangements"} <= set(body)
    assert "history" not in body


def test_a_long_section_is_built_in_pages_and_is_whole(leila, monkeypatch):
    monkeypatch.setattr(export, "PAGE_SIZE", 3)
    for hours in range(8):
        Reading.objects.create(
            arrangement=leila.first,
            operation_key="a",
            hour=timezone.now() - timedelta(hours=hours),
            cluster_codes=["c"],
            read_count=1,
            last_read_at=timezone.now(),
        )

    body = body_of(leila)

    assert len(body["readings"]) == 8
    assert len({one["hour"] for one in body["readings"]}) == 8


def test_what_is_stored_cannot_be_read_without_the_persons_key(leila):
    copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copy = Copy.objects.get()
    copying.build_next_part(copy.pk)
    part = copy.parts.get()
    assert "anary" not in part.sealed

    copying.build_copies()

    copy.refresh_from_db()
    assert "anary" not in copy.sealed_file
    token = copying.link_of(copy)
    assert token.startswith(copying.PREFIX)
    assert token not in str([*Copy.objects.values(), *Event.objects.values()])
    deliver_due()
    assert token not in str(list(Message.objects.values()))


def test_a_link_opens_once(leila):
    copy = made(leila)
    token = copying.link_of(copy)
    copying.fetch_copy(token, by=leila.by)

    with pytest.raises(NotFound):
        copying.fetch_copy(token, by=leila.by)

    copy.refresh_from_db()
    assert (copy.status, copy.sealed_file, copying.link_of(copy)) == ("fetched", "", "")


@pytest.mark.django_db(transaction=True)
def test_two_who_follow_the_link_at_once_get_one_file():
    customer = CustomerFactory()
    by = actor_of(customer.user)
    copying.ask_for_copy(customer.user, by=by, kind=Kind.PORTABILITY)
    copying.build_copies()
    token = copying.link_of(Copy.objects.get())

    def fetch(_: int) -> bool:
        try:
            copying.fetch_copy(token, by=by)
        except NotFound:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(fetch, range(4)))

    assert sorted(outcomes) == [False, False, False, True]


def test_a_link_opens_for_its_owner_only(leila, mina):
    token = copying.link_of(made(leila))

    for by in (mina, actor_of(UserFactory())):
        with pytest.raises(NotFound):
            copying.fetch_copy(token, by=by)
    with pytest.raises(NotFound):
        copying.fetch_copy("mcp_somethingelse", by=leila.by)


def test_a_file_is_there_for_24_hours_to_the_second(leila):
    copy = made(leila)
    token = copying.link_of(copy)
    assert copy.expires_at - timezone.now() <= timedelta(hours=24)
    Copy.objects.update(expires_at=timezone.now())

    with pytest.raises(NotFound):
        copying.fetch_copy(token, by=leila.by)

    copy.refresh_from_db()
    assert copying.link_of(copy) == ""
    assert (copying.remove_old_copies(), copying.remove_old_copies()) == (1, 0)
    copy.refresh_from_db()
    assert (copy.status, copy.sealed_file) == ("removed", "")


def test_a_request_that_is_taken_back_builds_no_further(leila):
    request = copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copy = Copy.objects.get()
    copying.build_next_part(copy.pk)
    actions.cancel_request(request, by=leila.by)

    assert not copying.build_next_part(copy.pk)
    assert not copy.parts.exists()


def test_nobody_asks_for_anothers_copy(leila, mina):
    with pytest.raises(NotAllowed):
        copying.ask_for_copy(leila.user, by=mina, kind=Kind.ACCESS)
    with pytest.raises(Malformed):
        copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.COMPLAINT)


def test_a_worker_that_died_is_gone_on_from(leila):
    copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copy = Copy.objects.get()
    for _ in range(4):
        copying.build_next_part(copy.pk)
    before = list(copy.parts.order_by("number").values_list("section", flat=True))

    copying.build_copies()

    assert before == list(export.SECTIONS[Kind.ACCESS][:4])
    copy.refresh_from_db()
    assert copy.status == Copy.Status.READY
