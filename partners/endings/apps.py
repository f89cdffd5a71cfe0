from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EndingsConfig(AppConfig):
    name = "partners.endings"

    def ready(self) -> None:
        autodiscover_modules("endings", "own")
