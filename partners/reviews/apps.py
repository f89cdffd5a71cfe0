from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ReviewsConfig(AppConfig):
    name = "partners.reviews"

    def ready(self) -> None:
        autodiscover_modules("waiting")
