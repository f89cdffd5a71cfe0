from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from partners.applications.models import Client
from partners.organizations.models import Membership, Organization
from portal.accounts.models import User
from portal.demo import people, world
from portal.demo.provision import provision, read
from portal.errors import Malformed
from portal.events.models import Event
from tests.factories.gateway import open_gate

pytestmark = pytest.mark.django_db
DEMO = Path(settings.BASE_DIR) / "portal" / "demo" / "provision.json"


def declaration(**application):
    open_gate()
    app = {
        "name": "Tides",
        "tagline": "Says when the water comes",
        "redirect_uris": ["https://tides.example/callback"],
        "uses": [{"scope": "open:read"}],
    }
    return {
        "staff": [{"email": "tomas@meridian.example", "role": "reviewer"}],
        "customers": [{"email": "leila@example.net", "is_test": True}],
        "organizations": [
            {
                "name": "Harbour",
                "country": "LT",
                "members": [
                    {"email": "amara@harbour.example", "name": "Amara"},
                    {"email": "bo@harbour.example", "roles": ["developer", "signer"]},
                ],
                "applications": [app | application],
            }
        ],
    }


def test_everything_that_is_declared_is_there_and_a_second_run_changes_nothing():
    declared = declaration()

    first = provision(declared)
    events = Event.objects.count()
    second = provision(declared)

    assert second == []
    assert Event.objects.count() == events
    assert len(first) == 9
    harbour = Organization.objects.get(name="Harbour")
    assert Client.objects.get(application__organization=harbour).environment == "sandbox"
    roles = Membership.objects.filter(organization=harbour).order_by("pk")
    assert [place.roles for place in roles] == [["owner"], ["developer", "signer"]]
    assert not User.objects.get(email="amara@harbour.example").has_usable_password()


def test_what_differs_is_brought_in_line_and_nothing_is_deleted():
    declared = declaration()
    provision(declared)
    declared["organizations"][0]["city"] = "Klaipėda"
    declared["organizations"][0]["members"].pop()
    application = declared["organizations"][0]["applications"][0]
    application["redirect_uris"] = ["https://tides.example/back"]

    changes = provision(declared)

    assert len(changes) == 2
    assert Organization.objects.get(name="Harbour").city == "Klaipėda"
    assert Membership.objects.filter(organization__name="Harbour").count() == 2
    assert provision(declared) == []


def test_a_trial_says_it_and_does_nothing(tmp_path, capsys):
    path = tmp_path / "harbour.json"
    path.write_text(json.dumps(declaration()))

    call_command("provision", str(path), "--dry-run")

    assert "9 would change." in capsys.readouterr().out
    assert not Organization.objects.filter(name="Harbour").exists()
    call_command("provision", str(path))
    call_command("provision", str(path))
    assert capsys.readouterr().out.endswith("Nothing to change.\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ('{"staff": [{"email": "a@b.example", "role": "owner"}]}', "At staff/0/role"),
        ('{"organizations": [{"name": "X", "country": "LT", "members": []}]}', "members"),
        ('{"password": "x"}', "password"),
    ],
    ids=["no-json", "wrong-role", "no-owner", "unknown-name"],
)
def test_a_mistake_is_named_and_nothing_is_done(text, said):
    with pytest.raises(Malformed, match=said):
        read(text)


def test_a_refusal_undoes_the_whole_run(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(declaration(uses=[{"scope": "nothing:read"}])))

    with pytest.raises(CommandError, match="no scope nothing:read"):
        call_command("provision", str(path))

    assert not Organization.objects.filter(name="Harbour").exists()


def test_the_demo_world_is_declared_in_one_file():
    """Whoever lives in the demo, and what they registered, stands in the file word for word."""
    declared = read(DEMO.read_text(encoding="utf-8"))
    emails = {one["email"] for part in ("staff", "customers") for one in declared[part]} | {
        one["email"] for each in declared["organizations"] for one in each["members"]
    }

    assert emails == {*people.STAFF, *people.PARTNERS, *people.CUSTOMERS, *people.TEST_CUSTOMERS}
    names = [app["name"] for each in declared["organizations"] for app in each["applications"]]
    source = Path(world.__file__).read_text(encoding="utf-8")
    assert all(f'"{name}"' in source for name in names)
