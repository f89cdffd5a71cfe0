from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UpgradesConfig(AppConfig):
    name = "partners.upgrades"

    def ready(self) -> None:
        autodiscover_modules("traffic")
