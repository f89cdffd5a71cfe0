from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.rights import recipients, restricting
from consent.rights.models import Task
from partners.webhooks.actions import add_endpoint
from partners.webhooks.models import Message
from portal.access.actors import Role
from portal.events.log import deliver_due
from tests.factories.people import member, user_of


@pytest.fixture
def task(leila) -> Task:
    code = current_items(leila.first)[0].cluster.code
    restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])
    return Task.objects.get()


@pytest.fixture
def as_partner(client, partner):
    client.force_login(user_of(partner))
    return client


def test_a_program_reads_and_attests_its_tasks(as_partner, task):
    listed = as_partner.get("/api/v1/data-tasks?open=1").json()["results"]
    one = as_partner.get(f"/api/v1/data-tasks/{task.public_id}").json()
    known = as_partner.post(f"/api/v1/data-tasks/{task.public_id}/acknowledgement").json()
    done = as_partner.post(
        f"/api/v1/data-tasks/{task.public_id}/attestation",
        {"outcome": "done", "evidence": "T-7"},
        content_type="application/json",
    ).json()

    assert listed == [one]
    assert (one["sub"], one["action"], one["status"]) == (str(task.subject), "restrict", "pending")
    assert known["acknowledged_at"]
    assert (done["status"], done["evidence"]) == ("done", "T-7")
    assert as_partner.get("/api/v1/data-tasks?open=1").json()["results"] == []
    assert len(as_partner.get("/api/v1/data-tasks").json()["results"]) == 1


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"outcome": "exempt", "exemption": "law"}, 200),
        ({"outcome": "exempt"}, 400),
        ({"outcome": "done", "exemption": "law"}, 400),
        ({"outcome": "exempt", "exemption": "lazy"}, 400),
        ({}, 400),
    ],
    ids=["exempt", "no reason", "reason without exemption", "unknown reason", "nothing"],
)
def test_an_attestation_says_one_thing(as_partner, task, wanted, status):
    answer = as_partner.post(
        f"/api/v1/data-tasks/{task.public_id}/attestation", wanted, content_type="application/json"
    )

    assert answer.status_code == status


def test_a_second_attestation_is_a_conflict(as_partner, task):
    address = f"/api/v1/data-tasks/{task.public_id}/attestation"
    as_partner.post(address, {"outcome": "done"}, content_type="application/json")

    again = as_partner.post(address, {"outcome": "done"}, content_type="application/json")

    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_another_partners_task_is_not_there(client, leila, task):
    stranger = member(leila.second.client.application.organization, Role.OWNER)
    client.force_login(user_of(stranger))

    assert client.get("/api/v1/data-tasks").json()["results"] == []
    assert client.get(f"/api/v1/data-tasks/{task.public_id}").status_code == 404
    answer = client.post(
        f"/api/v1/data-tasks/{task.public_id}/attestation",
        {"outcome": "done"},
        content_type="application/json",
    )
    assert answer.status_code == 404


def test_a_viewer_may_read_and_not_attest(client, leila, task):
    viewer = member(leila.first.client.application.organization, Role.VIEWER)
    client.force_login(user_of(viewer))

    assert client.get(f"/api/v1/data-tasks/{task.public_id}").status_code == 200
    for path in ("acknowledgement", "attestation"):
        answer = client.post(
            f"/api/v1/data-tasks/{task.public_id}/{path}",
            {"outcome": "done"},
            content_type="application/json",
        )
        assert answer.status_code == 403


def test_the_webhook_names_the_task_the_sub_the_data_and_the_day(leila, partner):
    organization = leila.first.client.application.organization
    add_endpoint(organization, by=partner, url="https://hooks.example/in")
    code = current_items(leila.first)[0].cluster.code

    restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])
    deliver_due()

    task = Task.objects.get()
    message = Message.objects.get(kind="data.restricted")
    for part in (str(task.public_id), str(task.subject), code, "due_at"):
        assert part in message.body
    for secret in ("anary", "user:", "person"):
        assert secret not in message.body


def test_a_program_that_took_the_webhook_is_not_silent(leila, partner):
    organization = leila.first.client.application.organization
    add_endpoint(organization, by=partner, url="https://hooks.example/in")
    code = current_items(leila.first)[0].cluster.code
    restricting.restrict(leila.customer, by=leila.by, cluster_codes=[code])
    deliver_due()
    message = Message.objects.get(kind="data.restricted")
    message.attempts.create(number=1, status_code=200, outcome="delivered")
    message.move_to(Message.Status.DELIVERED)
    Task.objects.update(created_at=timezone.now() - timedelta(days=4))

    assert recipients.escalate_unacknowledged() == 0
    assert Task.objects.get().acknowledged_at is not None
