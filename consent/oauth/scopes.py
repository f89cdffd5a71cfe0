"""The engine's view of the catalog's scopes. There are no default scopes: a request names them."""

from __future__ import annotations

from django.utils import timezone
from oauth2_provider.scopes import BaseScopes

from catalog.scopes.models import Scope
from partners.applications.models import Client
from partners.subscriptions.access import uses_of

# Scopes of this server itself (Grant Management §6): for a client, never for a customer.
GRANT_QUERY = "grant_management_query"
GRANT_REVOKE = "grant_management_revoke"
OWN_SCOPES = frozenset({GRANT_QUERY, GRANT_REVOKE})


class CatalogScopes(BaseScopes):
    def get_all_scopes(self) -> dict[str, str]:
        return dict(Scope.objects.values_list("name", "title"))

    def get_available_scopes(
        self, application: Client | None = None, *_: object, **__: object
    ) -> list[str]:
        if application is None:
            return list(self.get_all_scopes())
        return [use.scope for use in uses_of(application, at=timezone.now())]

    def get_default_scopes(self, *_: object, **__: object) -> list[str]:
        return []
