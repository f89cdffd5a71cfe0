from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "portal.events"

    def ready(self) -> None:
        # Web processes hint too: without the app their tasks would look for another broker.
        import_module("portal.celery")
        autodiscover_modules("handlers")
