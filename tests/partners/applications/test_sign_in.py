"""What developers say about signing customers in and out."""

from __future__ import annotations

import pytest

from partners.applications.models import Client
from partners.applications.sign_in import SignInRefused, change_sign_in
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.catalog import DetailTypeFactory
from tests.factories.partners import ClientFactory, OrganizationFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
GOODBYE = "https://app.example/goodbye"
TOLD = "https://app.example/logged-out"
WANTED = {
    "algorithm": "PS256",
    "post_logout_redirect_uris": [GOODBYE],
    "backchannel_logout_uri": TOLD,
}


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True)


@pytest.fixture
def owner(organization):
    return member(organization, Role.OWNER)


@pytest.fixture
def kept(organization) -> Client:
    return ClientFactory(application__organization=organization)


@pytest.fixture
def page(client, owner, kept):
    sign_in(client, owner)
    return f"/apps/{kept.application.slug}/sandbox/sign-in/"


def test_what_was_chosen_is_kept_and_told(kept, owner):
    change_sign_in(kept, by=owner, **WANTED)

    kept = Client.objects.get(pk=kept.pk)
    assert kept.id_token_signed_response_alg == "PS256"
    assert kept.post_logout_redirect_uris == GOODBYE
    assert kept.backchannel_logout_uri == TOLD
    assert Event.objects.get(kind="partners.client.sign_in_changed").facts["algorithm"] == "PS256"


def test_a_client_signs_with_es256_until_somebody_says_otherwise(kept):
    assert kept.id_token_signed_response_alg == "ES256"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", ""])
def test_no_other_algorithm_is_taken(kept, owner, algorithm):
    with pytest.raises(SignInRefused):
        change_sign_in(kept, by=owner, **{**WANTED, "algorithm": algorithm})


def test_nobody_outside_the_organization_may_choose(kept):
    stranger = member(OrganizationFactory(), Role.OWNER)

    with pytest.raises(NotAllowed):
        change_sign_in(kept, by=stranger, **WANTED)


@pytest.mark.parametrize("name", ["post_logout_redirect_uris", "backchannel_logout_uri"])
@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/",
        "https://app.example/#a",
        "https://u@app.example/",
        "https://*.example/",
        "javascript:alert(1)",
        "/goodbye",
    ],
    ids=["http", "fragment", "user", "wildcard", "script", "relative"],
)
def test_an_address_that_is_not_safe_is_refused_beside_its_field(kept, owner, name, uri):
    value = [uri] if name == "post_logout_redirect_uris" else uri

    with pytest.raises(SignInRefused) as refused:
        change_sign_in(kept, by=owner, **{**WANTED, name: value})

    assert set(refused.value.errors) == {name}


def test_a_closed_application_changes_no_more(kept, owner):
    kept.application.status = "closed"

    with pytest.raises(Conflict):
        change_sign_in(kept, by=owner, **WANTED)


def test_the_page_takes_it_and_shows_it_again(client, page, kept):
    form = {**WANTED, "post_logout_redirect_uris": f" {GOODBYE} \r\n\r\nhttps://app.example/b"}

    answer = client.post(page, form)

    assert answer.status_code == 302
    kept = Client.objects.get(pk=kept.pk)
    assert kept.post_logout_redirect_uris.split() == [GOODBYE, "https://app.example/b"]
    shown = client.get(page).context["form"].initial
    assert shown["backchannel_logout_uri"] == TOLD
    assert shown["post_logout_redirect_uris"] == f"{GOODBYE}\nhttps://app.example/b"


def test_the_page_says_what_is_wrong_beside_the_field(client, page, kept):
    form = {**WANTED, "post_logout_redirect_uris": "http://app.example/"}

    answer = client.post(page, form)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["post_logout_redirect_uris"]
    assert Client.objects.get(pk=kept.pk).id_token_signed_response_alg == "ES256"


def test_who_may_only_look_sees_no_form(client, kept, organization):
    sign_in(client, member(organization, Role.VIEWER))
    page = f"/apps/{kept.application.slug}/sandbox/sign-in/"

    assert client.get(page).status_code == 200
    assert client.post(page, WANTED).status_code == 403
    assert Client.objects.get(pk=kept.pk).backchannel_logout_uri == ""


# --- /api/v1 -------------------------------------------------------------------------------------


def address(kept, part):
    return f"/api/v1/applications/{kept.application.slug}/clients/sandbox/{part}"


def test_a_program_reads_and_changes_the_same(client, owner, kept):
    sign_in(client, owner)

    answer = client.put(address(kept, "sign-in"), WANTED, content_type="application/json")

    assert answer.status_code == 200, answer.content
    assert answer.json()["sign_in"] == WANTED
    read = client.get(f"/api/v1/applications/{kept.application.slug}").json()
    assert read["clients"][0]["sign_in"] == WANTED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"algorithm": "RS256"}, "algorithm"),
        ({"post_logout_redirect_uris": ["https://app.example/#x"]}, "post_logout_redirect_uris"),
        ({"backchannel_logout_uri": "nowhere"}, "backchannel_logout_uri"),
    ],
    ids=["algorithm", "back", "told"],
)
def test_a_program_hears_what_is_wrong_with_which_field(client, owner, kept, change, field):
    sign_in(client, owner)

    answer = client.put(address(kept, "sign-in"), WANTED | change, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert field in answer.json()["errors"]
    assert not Event.objects.filter(kind="partners.client.sign_in_changed").exists()


def test_r5_a_program_names_the_types_of_details(client, owner, kept):
    sign_in(client, owner)
    DetailTypeFactory(name="thing_order")
    types = address(kept, "authorization-details-types")

    taken = client.put(types, {"types": ["thing_order"]}, content_type="application/json")
    refused = client.put(types, {"types": ["unheard_of"]}, content_type="application/json")

    assert taken.json()["authorization_details_types"] == ["thing_order"]
    assert (refused.status_code, refused.json()["code"]) == (422, "detail_types_refused")
    assert Client.objects.get(pk=kept.pk).authorization_details_types == ["thing_order"]


def test_who_may_not_change_the_application_changes_neither(client, organization, kept):
    sign_in(client, member(organization, Role.SECURITY_CONTACT))

    for part, body in (("sign-in", WANTED), ("authorization-details-types", {"types": []})):
        answer = client.put(address(kept, part), body, content_type="application/json")
        assert answer.status_code == 403
