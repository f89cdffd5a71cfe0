from __future__ import annotations

import pytest

from catalog.apis.models import Field, Operation
from tests.factories.catalog import OperationFactory

pytestmark = pytest.mark.django_db


def test_an_operation_knows_the_words_it_can_be_found_by():
    OperationFactory(
        summary="Ask for the next package",
        path="/v1/prescriptions/{prescription_id}/refillRequests",
        slug="requestRefill",
        description_html="<p>Tells a <b>pharmacy</b>.</p>",
        tag="Refills",
    )

    words = Operation.objects.get().search

    for word in ("'prescript'", "'refil'", "'request'", "'pharmaci'", "'packag'"):
        assert word in words


def test_a_field_is_found_by_the_parts_of_its_name():
    operation = OperationFactory()
    Field.objects.create(
        operation=operation, position=0, pointer="/a", name="nextDue_on", type="date"
    )

    assert Field.objects.filter(search="due").exists()


def test_the_words_follow_a_change_of_the_operation():
    OperationFactory(summary="List parcels")

    Operation.objects.update(summary="List letters")

    assert "'letter'" in Operation.objects.get().search
