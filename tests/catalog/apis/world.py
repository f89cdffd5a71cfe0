"""A small published API with everything that its pages can show."""

from __future__ import annotations

from django.utils import timezone

from catalog.apis.models import ApiVersion, Field, Operation
from catalog.plans.actions import open_plans
from catalog.scopes.actions import learn_vocabulary
from portal.access.actors import SYSTEM, Role
from tests.factories.catalog import ApiFactory, ApiVersionFactory, OperationFactory
from tests.factories.people import staff

WORDS = {
    "purposes": [{"code": "reminders", "title": "Remind you", "description": "In time."}],
    "clusters": [
        {
            "code": "parcels",
            "label": "Your parcels",
            "summary": "What is on its way.",
            "depth": "personal",
            "max_retention_days": 30,
            "purposes": ["reminders"],
        },
        {
            "code": "parcel-notes",
            "label": "Notes on your parcels",
            "summary": "What the sender wrote.",
            "depth": "sensitive",
            "max_retention_days": 0,
            "purposes": ["reminders"],
        },
    ],
    "scopes": [
        {
            "name": "parcels:read",
            "title": "Read parcels",
            "description": "On their way.",
            "cluster": "parcels",
        },
        {
            "name": "parcels.notes:read",
            "title": "Read notes",
            "description": "Case by case.",
            "cluster": "parcel-notes",
        },
        {"name": "shops:read", "title": "List shops", "description": "Public."},
    ],
}


def parcels(**api) -> Operation:
    """Return the operation `getParcel` of a published API called Parcels."""
    owned = ApiFactory(published=True, slug="parcels", name="Parcels", sector="Delivery", **api)
    version = ApiVersionFactory(
        api=owned,
        status=ApiVersion.Status.STABLE,
        published_at=timezone.now(),
        grade="A",
        operation_count=1,
    )
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    open_plans(owned, by=staff(Role.CATALOG))
    operation = OperationFactory(
        version=version,
        slug="getParcel",
        path="/parcels/{parcel_id}",
        summary="Get a parcel",
        description_html="<p>Returns one parcel.</p>",
        tag="Parcels",
        depth=4,
        scopes=["parcels:read"],
        security=[{"customer": ["parcels:read"]}],
        parameters=[
            {
                "name": "parcel_id",
                "in": "path",
                "type": "string",
                "required": True,
                "description_html": "<p>From a list.</p>",
                "example": "pc_7Kq2",
            }
        ],
        responses=[
            {"status": "200", "description_html": "", "content_type": "application/json"},
            {
                "status": "403",
                "description_html": "<p>Not shared.</p>",
                "content_type": "application/problem+json",
                "example": {"code": "consent_withdrawn", "detail": "Delete what you hold."},
            },
        ],
        examples={"response": {"id": "pc_7Kq2", "place": "Vilnius", "note": "Fragile"}},
    )
    rows = [
        ("/id", "id", 2, "", None),
        ("/place", "place", 3, "parcels", 30),
        ("/note", "note", 4, "parcel-notes", 0),
    ]
    Field.objects.bulk_create(
        Field(
            operation=operation,
            position=position,
            pointer=pointer,
            name=name,
            type="string",
            depth=depth,
            cluster_code=cluster,
            retention_days=days,
        )
        for position, (pointer, name, depth, cluster, days) in enumerate(rows)
    )
    return operation
