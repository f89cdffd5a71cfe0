"""Who is told what, and that telling twice tells once."""

from __future__ import annotations

import pytest
from joserfc.jwk import ECKey

from partners.applications import actions as applications
from partners.applications import security
from partners.organizations import actions as organizations
from partners.subscriptions import actions as subscriptions
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.events.models import Delivery
from portal.notifications.models import Message
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff, user_of
from tests.partners.subscriptions.test_actions import World

pytestmark = pytest.mark.django_db


def told(kind):
    deliver_due()
    Delivery.objects.update(delivered_at=None)
    deliver_due()
    assert not Delivery.objects.exclude(error="").exists()
    return {message.user: message for message in Message.objects.filter(kind=kind)}


def test_owners_hear_that_they_are_approved_stopped_and_back():
    organization = OrganizationFactory(name="Halden Health")
    owner = member(organization, Role.OWNER)
    member(organization, Role.VIEWER)
    officer = staff(Role.SECURITY)
    organizations.approve_organization(organization, by=officer)
    organizations.suspend_organization(organization, by=officer, reason="A leak <b>.")
    organizations.reinstate_organization(organization, by=officer)

    assert set(told("organizations/approved")) == {user_of(owner)}
    message = told("organizations/suspended")[user_of(owner)]
    assert message.subject == "Halden Health is suspended"
    assert "A leak <b>." in message.text
    assert "A leak &lt;b&gt;." in message.html
    assert set(told("organizations/reinstated")) == {user_of(owner)}


def test_who_guards_the_secrets_hears_of_a_new_one_but_not_what_it_is():
    world = World()
    owner = member(world.organization, Role.OWNER)
    contact = member(world.organization, Role.SECURITY_CONTACT)
    _, secret = applications.issue_credential(world.client, by=world.developer)

    messages = told("applications/credential_issued")

    assert set(messages) == {user_of(owner), user_of(contact)}
    message = messages[user_of(contact)]
    assert secret[-4:] in message.text
    assert secret not in message.text + message.html
    assert world.developer.name in message.text
    assert message.link == f"/apps/{world.application.slug}/sandbox/credentials/"


def test_who_guards_the_keys_hears_that_they_changed_but_not_what_they_are():
    world = World()
    owner = member(world.organization, Role.OWNER)
    contact = member(world.organization, Role.SECURITY_CONTACT)
    member(world.organization, Role.VIEWER)
    key = ECKey.generate_key("P-256", auto_kid=True)
    public = {"keys": [key.as_dict(private=False)]}
    security.set_client_keys(world.client, by=world.developer, jwks=public)

    messages = told("applications/keys_set")

    assert set(messages) == {user_of(owner), user_of(contact)}
    message = messages[user_of(contact)]
    assert message.subject == f"The keys of {world.application.name} have changed"
    assert "Added:   1" in message.text
    assert message.link == f"/apps/{world.application.slug}/sandbox/keys/"
    for part in (key.kid, public["keys"][0]["x"]):
        assert part not in message.text + message.html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"jwks_uri": "https://app.example/jwks.json"}, "publishes at an address"),
        ({"certificate_subject": "CN=app.example,O=Example,C=LT"}, "a certificate"),
    ],
    ids=["address", "certificate"],
)
def test_every_way_of_proving_who_it_is_is_told(change, words):
    world = World()
    owner = member(world.organization, Role.OWNER)
    security.set_client_keys(world.client, by=world.developer, **change)

    message = told("applications/keys_set")[user_of(owner)]

    assert words in message.text
    assert "example" not in message.text.replace(".example/apps", "")


def test_the_team_hears_what_was_decided_and_why():
    world = World()
    asked = world.ask()
    subscriptions.reject_access(asked, by=world.reviewer, reason="Say how you delete it.")
    message = told("subscriptions/rejected")[user_of(world.developer)]
    assert "Say how you delete it." in message.text
    assert world.reviewer.name not in message.text
    assert message.link.endswith(f"/requests/{asked.number}/")

    subscriptions.approve_access(world.ask(), by=world.reviewer)
    assert user_of(world.developer) in told("subscriptions/approved")


def test_the_team_hears_that_an_application_was_stopped_and_is_back():
    world = World()
    officer = staff(Role.SECURITY)
    applications.suspend_application(world.application, by=officer, reason="A leak.")
    applications.reinstate_application(world.application, by=officer)

    assert "A leak." in told("applications/suspended")[user_of(world.developer)].text
    assert user_of(world.developer) in told("applications/reinstated")
