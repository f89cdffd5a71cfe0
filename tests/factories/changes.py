"""An API that changes: its descriptions, small and our own, from one year to the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.apis.models import ApiVersion
from catalog.specs.actions import import_document
from portal.access.actors import Actor, Role
from portal.events import log
from tests.catalog.specs.documents import raw
from tests.factories.people import staff
from tests.factories.publishing import published

TEXT = {"type": "string"}


def parcels(
    number: str = "1.0.0", *, fields: tuple[str, ...] = ("id", "place"), **parts: Any
) -> bytes:
    """Return a description of two operations, of which one answers with the fields."""
    schema = {"type": "object", "properties": dict.fromkeys(fields, TEXT)}
    answer = {"content": {"application/json": {"schema": schema}}, "description": "Yes."}
    one = {
        "operationId": "getParcel",
        "summary": "Get a parcel",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
        "responses": {"200": answer},
        "security": [],
    }
    shops = {
        "operationId": "listShops",
        "summary": "List shops",
        "responses": {"200": {"description": "Yes."}},
        "security": [],
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Parcels", "version": number},
        "paths": {"/parcels/{id}": {"get": one}, "/shops": {"get": shops}},
        "x-portal": {"slug": "parcels", "purposes": [], "clusters": [], "scopes": []},
    }
    return raw({**document, **parts})


def put_in(description: bytes, *, by: Actor | None = None) -> ApiVersion:
    """Import it, and let everybody hear of it."""
    revision = import_document(description, by=by or staff(Role.CATALOG), source="test")
    assert revision.version is not None, revision.reason
    log.deliver_due()
    return ApiVersion.objects.select_related("api").get(pk=revision.version_id)


def publish(description: bytes, *, at: datetime | None = None) -> ApiVersion:
    version = put_in(description)
    if version.status == ApiVersion.Status.DRAFT:
        published(version, by=staff(Role.CATALOG))
        log.deliver_due()
    version.refresh_from_db()
    if at is not None:
        ApiVersion.objects.filter(pk=version.pk).update(published_at=at)
        version.refresh_from_db()
    return version
