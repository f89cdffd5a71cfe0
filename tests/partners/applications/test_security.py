"""What staff ask of a client, and what its developers register to prove who it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partners.applications import actions, security
from partners.applications.duties import duties_of
from partners.applications.models import Client, Credential
from partners.applications.profiles import REQUIREMENTS, Profile, requirements_of, strictest
from portal.access.actors import Role
from portal.errors import NotAllowed
from portal.events.models import Event
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


def test_a_profile_is_chosen_and_written_down():
    client = ClientFactory(production=True)

    security.choose_profile(client, by=staff(Role.REVIEWER), profile=Profile.FAPI2)

    client.refresh_from_db()
    assert client.profile == "fapi2"
    facts = Event.objects.get(kind="partners.client.profile_chosen").facts
    assert (facts["before"], facts["profile"]) == ("sandbox", "fapi2")


def test_choosing_what_is_there_is_no_news():
    client = ClientFactory(production=True, profile=Profile.FAPI2)

    security.choose_profile(client, by=staff(Role.SECURITY), profile=Profile.FAPI2)

    assert not Event.objects.exists()


def test_no_secret_opens_production():
    client = ClientFactory(production=True, profile=Profile.FAPI2)

    with pytest.raises(security.ProfileRefused):
        security.choose_profile(client, by=staff(Role.SECURITY), profile=Profile.SANDBOX)

    assert Client.objects.get().profile == "fapi2"


@pytest.mark.parametrize("role", [Role.OWNER, Role.DEVELOPER, Role.SECURITY_CONTACT])
def test_a_partner_does_not_choose_its_own_profile(role):
    client = ClientFactory(production=True, profile="fapi2")

    with pytest.raises(NotAllowed):
        security.choose_profile(
            client,
            by=member(client.application.organization, role),
            profile=Profile.SANDBOX,
        )

    client.refresh_from_db()
    assert client.profile == "fapi2"


def test_staff_do_not_choose_for_their_own_organization():
    client = ClientFactory(production=True)
    reviewer = staff(Role.REVIEWER)
    insider = replace(
        reviewer, memberships={client.application.organization_id: frozenset({Role.VIEWER})}
    )

    with pytest.raises(NotAllowed):
        security.choose_profile(client, by=insider, profile=Profile.FAPI2)


@pytest.mark.parametrize("profile", [Profile.FAPI2, Profile.FAPI2_MESSAGE_SIGNING])
def test_a_client_whose_profile_takes_no_secret_gets_none(profile):
    client = ClientFactory(production=True, profile=profile)
    developer = member(client.application.organization, Role.DEVELOPER)

    with pytest.raises(actions.SecretRefused) as refusal:
        actions.issue_credential(client, by=developer)

    assert refusal.value.code == "secret_not_accepted"
    assert not Credential.objects.exists()


def test_the_strictest_profile_is_the_one_that_asks_most():
    assert strictest(["fapi2", "sandbox"]) == Profile.FAPI2
    assert strictest(Profile) == Profile.FAPI2_MESSAGE_SIGNING


def test_each_rule_of_the_table_is_told_in_words():
    told = {profile: list(duties_of(requirements_of(profile))) for profile in REQUIREMENTS}

    assert {len(duties) for duties in told.values()} == {8}
    first = {profile: duties[0].rule for profile, duties in told.items()}
    assert first[Profile.FAPI2].endswith("A secret is refused.")
    assert first[Profile.SANDBOX].startswith("With a secret")
    differ = [
        one.subject
        for one, other in zip(told[Profile.FAPI2], told[Profile.FAPI2_MESSAGE_SIGNING], strict=True)
        if one != other
    ]
    assert differ == ["Sign its requests", "Check our answers"]


def test_the_page_of_the_application_prints_what_its_client_must_do(client):
    found = ClientFactory(production=True, profile="fapi2")
    sign_in(client, member(found.application.organization, Role.VIEWER))

    page = client.get(found.application.get_absolute_url()).content.decode()

    assert "What this client must do" in page
    assert "FAPI 2.0" in page
    for duty in duties_of(found.requirements):
        assert duty.rule in page


def test_programs_read_what_a_client_must_do(client):
    found = ClientFactory(production=True, profile="fapi2")
    sign_in(client, member(found.application.organization, Role.VIEWER))

    answer = client.get(f"/api/v1/applications/{found.application.slug}").json()

    assert answer["clients"][0]["profile"] == "fapi2"
    assert answer["clients"][0]["requirements"] == {
        "token_endpoint_auth_methods": [
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth",
        ],
        "sender_constrained_tokens": True,
        "pushed_requests": True,
        "signed_requests": False,
        "signed_responses": False,
        "rotates_refresh_tokens": False,
        "device_codes": False,
        "access_token_format": "at+jwt",
    }
