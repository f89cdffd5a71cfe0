"""Guides as somebody on the staff writes them."""

from __future__ import annotations

from catalog.apis.models import Api
from catalog.guides import actions
from catalog.guides.actions import Words
from catalog.guides.models import Guide
from portal.access.actors import Actor, Role
from tests.factories.people import staff

TEXT = "## Before you begin\n\nAsk for *parcels*.\n\n## The call\n\n```\ncurl https://x\n```\n"


def words(title: str = "Track a parcel", **parts: str) -> Words:
    return Words(**{"title": title, "summary": "From order to door.", "text": TEXT} | parts)


def guide(
    api: Api | None = None,
    *,
    by: Actor | None = None,
    kind: str = Guide.Kind.GUIDE,
    published: bool = True,
    **parts: str,
) -> Guide:
    by = by or staff(Role.CATALOG)
    made = actions.write_guide(words(**parts), by=by, kind=kind, api=api)
    if published:
        actions.publish_guide(made, by=by)
    return Guide.objects.select_related("shown", "api").get(pk=made.pk)
