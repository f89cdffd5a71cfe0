"""The page on which an owner lets a program register applications."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from consent.registration.models import InitialToken
from portal.access.actors import Role
from portal.secrets import digest
from tests.architecture.population import sign_in
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, user_of

PATH = "/registration-tokens/"


@pytest.fixture
def organization(db):
    return OrganizationFactory(approved=True)


@pytest.fixture
def owner(organization) -> Browser:
    return sign_in(user_of(member(organization, Role.OWNER)))


def issue(browser: Browser, **changes: str):
    return browser.post(PATH, {"count": "2", "days": "7", "after": "0"} | changes)


def test_a_token_is_shown_once_and_kept_as_a_digest(owner):
    page = issue(owner)

    token = InitialToken.objects.get()
    assert page.status_code == 200
    assert token.digest == digest(page.context["raw"])
    assert page.context["raw"].encode() not in owner.get(PATH).content
    assert (token.max_count, (token.expires_at - token.issued_at).days) == (2, 7)


def test_a_reload_makes_no_second_token(owner):
    issue(owner)

    answer = issue(owner)

    assert (answer.status_code, answer["Location"]) == (302, PATH)
    assert InitialToken.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"count": "0"}, {"count": "51"}, {"days": "31"}, {"days": ""}],
    ids=["none", "many", "long", "no-end"],
)
def test_a_token_without_bounds_is_not_made(owner, changes):
    page = issue(owner, **changes)

    assert page.status_code == 422
    assert not InitialToken.objects.exists()


def test_an_owner_revokes_a_token(owner):
    issue(owner)
    token = InitialToken.objects.get()

    answer = owner.post(f"{PATH}{token.pk}/revoke/")

    assert (answer.status_code, answer["Location"]) == (302, PATH)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_developer_sees_the_tokens_and_makes_none(organization):
    browser = sign_in(user_of(member(organization, Role.DEVELOPER)))

    assert browser.get(PATH).status_code == 200
    assert issue(browser).status_code == 403
    assert not InitialToken.objects.exists()


def test_a_token_of_another_organization_is_not_there(owner):
    issue(owner)
    token = InitialToken.objects.get()
    stranger = sign_in(user_of(member(OrganizationFactory(approved=True), Role.OWNER)))

    assert stranger.post(f"{PATH}{token.pk}/revoke/").status_code == 404


def test_before_approval_there_is_nothing_to_make(db):
    organization = OrganizationFactory()
    browser = sign_in(user_of(member(organization, Role.OWNER)))

    assert "once" in browser.get(PATH).content.decode()
    assert issue(browser).status_code == 422
