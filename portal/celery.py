"""The worker's and the beat's entry: `celery -A portal.celery worker|beat`."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect(weak=False)
def set_up_logging(**_given: Any) -> None:
    """Log as the web does: Celery's own handlers would print what no line of ours may say."""
    dictConfig(settings.LOGGING)
