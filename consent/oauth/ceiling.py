"""What a code or token may still do: never more than the customer allows now."""

from __future__ import annotations

from catalog.scopes.models import Scope
from consent.arrangements.access import current_items
from consent.oauth.models import AccessToken, Grant, RefreshToken


def allowed_scopes(issued: Grant | AccessToken | RefreshToken) -> list[str]:
    """Return the scopes it was issued with that the customer allows now, in their order.

    Scopes that open no customer data need nobody's leave. What was switched off since it was
    issued stays off for it, even if the customer allows it again.
    """
    ceiling = issued.scope.split()
    allowed: set[str] = set()
    if issued.arrangement is not None:
        items = current_items(issued.arrangement, since=issued.version_number)
        allowed = {item.scope.name for item in items}
    if rest := set(ceiling) - allowed:
        opening = Scope.objects.filter(name__in=rest, cluster_code="")
        allowed |= set(opening.values_list("name", flat=True))
    return [name for name in ceiling if name in allowed]
