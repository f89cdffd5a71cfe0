"""What the consent screen says, for the uses that one request asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.scopes.models import DataCluster
from consent.arrangements.terms import clusters_of
from consent.arrangements.wording import notice_of
from partners.applications.models import Client
from partners.subscriptions.access import Use

_UNSEEN_SHOWN = 3


def notice_for(client: Client, uses: Sequence[Use]) -> dict[str, Any]:
    """Return the words for the uses, with the most telling data that is not asked for."""
    clusters = clusters_of(uses)
    unseen = (
        DataCluster.objects.filter(superseded_at=None)
        .exclude(code__in=clusters)
        .order_by("-depth", "label")
        .values_list("label", flat=True)[:_UNSEEN_SHOWN]
    )
    return notice_of(client, uses, clusters=clusters, unseen=list(unseen))
