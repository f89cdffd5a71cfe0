from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "portal.sandbox"

    def ready(self) -> None:
        # The consent screen asks whoever keeps a customer's things which there are.
        import_module("portal.sandbox.keeping")
