"""People are counted together from five on, and only those who agree to it at that moment."""

from __future__ import annotations

import json

import pytest

from consent.arrangements.ending import withdraw_arrangement
from partners.organizations.actors import actor_of
from portal.sandbox.models import DeliveryArea, Pharmacy
from tests.factories.reference import Reference, make_reference

pytestmark = pytest.mark.django_db
SCOPE = "town-counts:read"


def neighbours(count: int, *, town: str, first: Reference) -> list[Reference]:
    made = [make_reference(mark=f"{town[:4]}{n}", client=first.client) for n in range(count)]
    for one in made:
        DeliveryArea.objects.filter(customer=one.customer).update(town=town)
        one.share(SCOPE)
    return made


@pytest.fixture
def first(db) -> Reference:
    first = make_reference()
    Pharmacy.objects.create(
        code="river", name="River", street="1", town="Kaunas", postcode_area="LT-44"
    )
    first.share(SCOPE)
    return first


def counts(first: Reference) -> dict[str, object]:
    return json.loads(first.get("/people-by-town").content)


def test_few_people_are_not_counted_nor_is_what_would_give_them_away(first):
    neighbours(6, town="Vilnius", first=first)
    neighbours(2, town="Kaunas", first=first)

    assert counts(first) == {"people": 5, "towns": [{"town": "Kaunas"}, {"town": "Vilnius"}]}


def test_five_and_more_are_counted_in_fives(first):
    neighbours(5, town="Vilnius", first=first)
    neighbours(5, town="Kaunas", first=first)

    assert counts(first) == {
        "people": 10,
        "towns": [{"town": "Kaunas", "people": 5}, {"town": "Vilnius", "people": 5}],
    }


@pytest.mark.parametrize(
    "how", ["withdrawn", "restricted", "all restricted", "inactive", "elsewhere"]
)
def test_who_does_not_share_now_does_not_count(first, how):
    *_, last = neighbours(5, town="Kaunas", first=first)
    assert counts(first)["towns"][0]["town"] == "Kaunas"
    make_reference(mark="away").share(SCOPE)
    neighbours(4, town="Vilnius", first=first)
    assert counts(first)["people"] == 10
    match how:
        case "withdrawn":
            withdraw_arrangement(last.arrangement, by=actor_of(last.customer.user))
        case "restricted":
            last.customer.restricted = ["town-counts"]
        case "all restricted":
            last.customer.restricted = ["*"]
        case "inactive":
            last.customer.user.is_active = False
        case "elsewhere":
            DeliveryArea.objects.filter(customer=last.customer).update(town="Riga")
    last.customer.user.save()
    last.customer.save()

    assert counts(first)["people"] == 5


def test_a_value_of_one_person_is_never_told(first):
    assert counts(first) == {"towns": [{"town": "Kaunas"}, {"town": "Vilnius"}]}
