from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ApisConfig(AppConfig):
    name = "catalog.apis"

    def ready(self) -> None:
        autodiscover_modules("readers")
