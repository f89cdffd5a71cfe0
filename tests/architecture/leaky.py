"""Faults whose messages quote what nobody may read: in a view, in a handler, in tasks."""

from __future__ import annotations

import os
from typing import Any

from celery import current_app, shared_task
from celery.utils.log import get_task_logger
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.accounts.models import User
from portal.errors import Conflict
from portal.events.log import on
from portal.events.models import Event
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401 - URLconf
from portal.urls import urlpatterns as ours

WORDS = os.environ.get("LEAKY_WORDS", "words of nobody")
ADDRESS = os.environ.get("LEAKY_ADDRESS", "nobody@nowhere.example")


def broken(_request: HttpRequest) -> HttpResponse:
    """Fail as the database does: it quotes the row that it will not have."""
    try:
        for _ in range(2):
            User.objects.create_user(ADDRESS, name=WORDS)
    except IntegrityError as error:
        raise RuntimeError(f"Cannot keep {WORDS}") from error
    return HttpResponse()


def start_tasks(_request: HttpRequest) -> HttpResponse:
    for name in ("fails", "tries_again", "tells", "logs"):
        current_app.send_task(f"tests.architecture.leaky.{name}")
    return HttpResponse()


@shared_task
def fails() -> None:
    try:
        raise Conflict(f"There is {WORDS} already.")  # noqa: TRY301 - a fault, as short as can be
    except Conflict as error:
        raise ValueError(WORDS, ADDRESS) from error


@shared_task(bind=True, max_retries=1)
def tries_again(task: Any) -> None:
    raise task.retry(exc=ValueError(WORDS), countdown=0)


@shared_task
def tells() -> str:
    return WORDS


@shared_task
def logs() -> None:
    try:
        raise ValueError(WORDS)  # noqa: TRY301 - a fault, as short as can be
    except ValueError as error:
        get_task_logger("leaky").exception("task_logged: %s", error)


@on("consent.arrangement.given")
def mishear(_event: Event) -> None:
    raise LookupError(WORDS)


urlpatterns = [path("broken/", broken), path("tasks/", start_tasks), *ours]
