from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AgreementsConfig(AppConfig):
    name = "partners.agreements"

    def ready(self) -> None:
        autodiscover_modules("controls")
