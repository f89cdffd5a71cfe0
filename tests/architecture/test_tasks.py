"""Every scheduled task: registered, bounded, and the same however often it runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent.arrangements.models import Arrangement
from partners.subscriptions.models import Subscription
from portal.access.actors import SYSTEM
from portal.celery import app
from portal.events import log
from portal.events.models import Delivery
from portal.notifications.actions import notify
from tests.factories.oauth import make_world
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory

NAMES = sorted(entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values())


@pytest.fixture(autouse=True)
def _known_tasks():
    app.loader.import_default_modules()


def test_what_is_scheduled_is_registered_and_has_a_limit():
    assert set(NAMES) <= set(app.tasks)
    assert app.conf.task_time_limit
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost


@pytest.mark.parametrize("name", NAMES)
def test_a_scheduled_task_takes_nothing_along(name):
    """What is due stands in the database: an argument could be lost, or hold what it must not."""
    entries = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == name]

    assert [entry for entry in entries if entry.get("args") or entry.get("kwargs")] == []


@pytest.fixture
def due_world(db):
    """Have something due for each of them."""
    world = make_world()
    world.exchange(world.code())
    now = timezone.now()
    Arrangement.objects.update(given_at=now - timedelta(days=90), ends_at=now)
    Subscription.objects.update(starts_at=now - timedelta(days=90), ends_at=now)
    organization = OrganizationFactory()
    with transaction.atomic():
        log.record(
            "partners.organization.joined",
            organization,
            by=SYSTEM,
            organization_id=organization.pk,
        )
    notify(
        UserFactory(),
        key="test",
        template="organizations/approved",
        context={"organization": "Partner 1"},
    )
    return world


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_task_that_runs_again_changes_nothing(due_world, name):
    task = app.tasks[name]
    settle(task)
    before = counts()

    for _ in range(2):
        task.apply(throw=True)

    assert counts() == before


def settle(task) -> None:
    """Run it, and all it led to, until there is nothing left to do."""
    for _ in range(3):
        task.apply(throw=True)
        log.deliver_due()
    assert not Delivery.objects.due(at=timezone.now()).exists()


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


@pytest.mark.django_db(transaction=True)
def test_a_late_sweep_writes_the_end_down_once_and_when_it_was(due_world):
    ends_at = Arrangement.objects.get().ends_at

    for _ in range(2):
        app.tasks["consent.arrangements.tasks.expire_overdue_arrangements"].apply(throw=True)

    arrangement = Arrangement.objects.get()
    assert arrangement.status == Arrangement.Status.EXPIRED
    assert arrangement.ended_at == ends_at
