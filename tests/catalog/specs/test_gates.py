"""What keeps a version from being published: said all at once, and true for page and action."""

from __future__ import annotations

import copy

import pytest
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Field
from catalog.specs.actions import NotReady, import_document, publish_version
from catalog.specs.gates import gaps_of
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from tests.catalog.specs.documents import api, raw, towns
from tests.factories.catalog import ApiVersionFactory
from tests.factories.people import staff, user_of
from tests.factories.publishing import made_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return import_document(raw(api()), by=SYSTEM, source="people.json").version


def codes(version) -> list[str]:
    return [gap.code for gap in gaps_of(version, at=timezone.now())]


def test_all_that_is_missing_is_said_at_once(version):
    assert codes(version) == ["owner_missing", "impact_missing"]

    with pytest.raises(NotReady) as refusal:
        publish_version(version, by=SYSTEM)

    assert refusal.value.code == "owner_missing"
    assert "answers for" in str(refusal.value)
    assert "personal data" in str(refusal.value)
    version.refresh_from_db()
    assert version.status == ApiVersion.Status.DRAFT


def test_nothing_is_missing_once_it_has_an_owner_and_an_assessment(version):
    assert codes(made_ready(version)) == []
    publish_version(version, by=SYSTEM)


def test_a_version_without_a_description_has_nothing_else_to_say():
    assert codes(ApiVersionFactory()) == ["no_description"]


@pytest.mark.parametrize(("grade", "missing"), [("D", []), ("F", ["grade_too_low"])])
def test_the_lowest_grade_is_the_one_of_the_setting(version, grade, missing):
    made_ready(version)
    SpecRevision.objects.update(grade=grade)

    assert codes(version) == missing


def test_the_lowest_grade_can_be_raised(version, settings):
    made_ready(version)
    settings.PUBLISH_MIN_GRADE = "B"
    SpecRevision.objects.update(grade="C")

    assert codes(version) == ["grade_too_low"]


def test_a_scope_that_nobody_described_is_named():
    document = copy.deepcopy(api())
    flows = document["components"]["securitySchemes"]["customer"]["flows"]
    flows["authorizationCode"]["scopes"] = {"people:read": ""}

    assert gaps_around_scopes(document) == [("scope_undescribed", "people:read")]


def test_a_scope_that_nobody_declared_is_named():
    document = api(security=[{"customer": ["people:read", "else:read"]}])

    assert gaps_around_scopes(document) == [("scope_undescribed", "else:read")]


def gaps_around_scopes(document) -> list[tuple[str, str]]:
    version = import_document(raw(document), by=SYSTEM, source="people.json").version
    gaps = gaps_of(made_ready(version), at=timezone.now())
    named = ("people:read", "else:read")
    return [(gap.code, next(name for name in named if name in gap.words)) for gap in gaps]


def test_a_personal_field_that_comes_later_shuts_the_gate_again(version):
    made_ready(version)
    field = Field.objects.filter(operation__version=version, pointer="/name").get()
    field.pk, field.pointer, field.position = None, "/phone", 900
    field.save(force_insert=True)

    assert "impact_outdated" in codes(version)


def test_the_page_says_what_the_action_would_and_shows_no_button(client, version):
    client.force_login(user_of(staff(Role.CATALOG)))
    page = f"/console/apis/{version.api.slug}/"

    html = client.get(page).content.decode()
    assert "Before it can be published" in html
    assert "impact_missing" in html
    assert "Publish v1" not in html

    made_ready(version)

    html = client.get(page).content.decode()
    assert "Before it can be published" not in html
    assert "Publish v1" in html


def test_a_description_that_reveals_nothing_personal_needs_no_assessment(client):
    ines = staff(Role.CATALOG)
    version = import_document(raw(towns()), by=ines, source="towns.json").version

    assert codes(version) == []
    assert Api.objects.get().owner_id == ines.person_id
