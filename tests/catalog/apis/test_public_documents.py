"""The pages of real documents, the largest first."""

from __future__ import annotations

import pytest
from django.db.models import Count
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM
from tests.shared_documents import documents, needs_documents

LARGEST = sorted(documents("public/*"), key=lambda path: -path.stat().st_size)[:5]


@needs_documents
@pytest.mark.specs
@pytest.mark.django_db
@pytest.mark.parametrize("path", LARGEST, ids=lambda path: path.stem[:40])
def test_the_largest_pages_of_a_large_document_stay_under_100_kilobytes(client, path):
    import_document(path.read_bytes(), by=SYSTEM, source=path.name)
    ApiVersion.objects.update(status=ApiVersion.Status.STABLE, published_at=timezone.now())
    Api.objects.update(status=Api.Status.PUBLISHED, published_at=timezone.now())
    by_weight = Operation.objects.select_related("version__api").extra(
        order_by=["-weight"],
        select={"weight": "length(parameters::text || request_body::text || responses::text)"},
    )
    by_fields = Operation.objects.select_related("version__api").annotate(count=Count("fields"))
    shown = [Api.objects.get(), *by_weight[:4], *by_fields.order_by("-count")[:4]]

    for subject in shown:
        response = client.get(subject.get_absolute_url())

        assert response.status_code == 200
        assert len(response.content) < 100_000
