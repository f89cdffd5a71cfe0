from __future__ import annotations

import html
import re

import pytest
from django.utils.html import escape

from catalog.apis.models import Api, ApiVersion, Field
from catalog.guides.actions import withdraw_guide
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.search.indexing import index_versions
from portal.search.models import Document, Miss
from tests.catalog.apis import world
from tests.factories.catalog import ApiFactory, ApiVersionFactory, OperationFactory
from tests.factories.guides import guide
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db


def parcels(**api):
    """Return the operation of the world, found under its words."""
    operation = world.parcels(**api)
    index_versions([operation.version_id])
    return operation


def results(client, query, **headers) -> str:
    response = client.get("/apis/search/", {"q": query}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "parcel",
        "Parcels",
        "PARC",
        "get a parcel",
        "GET /parcels/{parcel_id}",
        "GET parcels",
        "getParcel",
        "/parcels",
        "parcels:read",
        "arcel",
    ],
)
def test_an_operation_is_found_by(client, query):
    parcels()

    assert "/apis/parcels/v1/getParcel/" in results(client, query)


@pytest.mark.parametrize("query", ["POST parcels", "parcel zebra", "zebra", "&", "the of", "GET x"])
def test_an_operation_is_not_found_by(client, query):
    parcels()

    assert "/apis/parcels/v1/getParcel/" not in results(client, query)


@pytest.mark.parametrize("query", ["due", "refill", "requests", "pharmacy"])
def test_names_are_found_by_their_parts_and_texts_by_their_words(client, query):
    operation = OperationFactory(
        path="/v1/prescriptions/{prescription_id}/refillRequests",
        slug="askAgain",
        description_html="<p>Tells a <b>pharmacy</b>.</p>",
    )
    Field.objects.create(
        operation=operation, position=0, pointer="/a", name="nextDue_on", type="date"
    )
    index_versions([operation.version_id])

    assert f"/{operation.slug}/" in results(client, query)


def test_results_are_grouped_and_say_what_reveals_a_field(client):
    parcels()

    page = results(client, "place")

    assert "1 result" in page
    assert 'class="scope" href="/apis/parcels/v1/getParcel/#f.place"' in page
    assert "parcels:read" in page


def test_what_was_found_is_marked_and_markup_is_not_markup(client):
    parcels(summary="Parcels <script>alert(1)</script> & <b>more</b>")

    page = results(client, "parcels")

    assert "<mark>Parcel</mark>s" in page
    assert "<script>alert" not in page
    assert escape("<script>alert(1)</script>") in page


@pytest.mark.parametrize(
    "query",
    [
        "'",
        '"',
        "\\",
        "%",
        "_",
        "a'b\"c\\d",
        "& | ! <-> ( ) :* ::",
        "refill:* & !due | (x <-> y)",
        "'; DROP TABLE apis_api; --",
        "{{ 7*7 }} {% load x %}",
        "<script>alert(1)</script>",
        "\u202e\u0000"[:1],
        "🙂 ÅÄÖ 日本語",
        "a" * 3000,
        "a " * 1500,
        "((((((((",
        "GET",
        "DELETE ",
        ":",
        "x:y:z",
        "\ud7ff",
        " ",
        "",
    ],
)
def test_no_question_is_an_error(client, query):
    parcels()

    page = results(client, query)

    assert "<script>alert" not in page


def test_an_endless_question_and_a_nul_byte_are_refused(client):
    assert client.get("/apis/search/", {"q": "a" * 10_000}).status_code == 400
    assert client.get("/apis/search/?q=a%00b").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=parcel&kind=nonsense&page=-3&depth=x", "q=parcel&page=9999", "q=parcel&depth=99"]
)
def test_filters_that_make_no_sense_are_left_out(client, query):
    parcels()

    assert client.get(f"/apis/search/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("depth=4", True),
        ("depth=1", False),
        ("life=stable", True),
        ("life=beta", False),
        ("kind=operations", True),
        ("kind=apis", False),
    ],
)
def test_results_can_be_narrowed(client, query, is_there):
    parcels()

    page = client.get(f"/apis/search/?q=parcel&{query}").content.decode()

    assert ("/apis/parcels/v1/getParcel/" in page) is is_there


@pytest.mark.parametrize(
    ("query", "most"),
    [("parcel", 2), ("GET parcel", 2), ("zebra", 4), ("zebra stripes", 6), ("", 0)],
)
def test_the_number_of_queries_does_not_grow(client, query, most, django_assert_max_num_queries):
    operation = parcels()
    OperationFactory.create_batch(30, version=operation.version, summary="Send a parcel")
    index_versions([operation.version_id])

    with django_assert_max_num_queries(most):
        results(client, query, **{"HX-Request": "true"})


def test_one_kind_is_paged_by_key(client):
    operation = parcels()
    OperationFactory.create_batch(55, version=operation.version, summary="Send a parcel")
    index_versions([operation.version_id])

    few = results(client, "parcel")
    pages, address = [], "/apis/search/?q=parcel&kind=operations"
    while address:
        page = client.get(address).content.decode()
        pages.append(set(re.findall(r'href="(/apis/parcels/v1/[^"#]+/)"', page)))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following and html.unescape(following[1])

    assert "All 56 operations" in few
    assert [len(page) for page in pages] == [25, 25, 6]
    assert len(set.union(*pages)) == 56
    assert "First results" in page


def test_drafts_are_found_by_staff_only(client):
    parcels()
    Api.objects.update(status="draft", published_at=None)

    assert "getParcel" not in results(client, "parcel")
    assert "Parcels</a>" not in results(client, "zebra")
    client.force_login(user_of(staff(Role.CATALOG)))
    assert "getParcel" in results(client, "parcel")


def test_a_draft_version_is_not_found_by_visitors(client):
    operation = parcels()
    draft = ApiVersionFactory(api=operation.version.api, label="v2", status=ApiVersion.Status.DRAFT)
    OperationFactory(version=draft, slug="sendParcel", summary="Send a parcel")
    index_versions([draft.pk])

    assert "sendParcel" not in results(client, "parcel")


def test_nothing_found_says_so_and_offers_a_way_on(client):
    parcels()

    page = results(client, "parcel zebra")

    assert "Nothing found" in page
    assert "?q=parcel" in page
    assert 'href="/apis/parcels/"' in page


def test_a_question_typed_on_gets_the_part_only(client):
    parcels()

    part = results(client, "parcel", **{"HX-Request": "true"})

    assert "<html" not in part
    assert 'id="results"' in part


@pytest.mark.parametrize(
    "typed",
    ["parcle", "pacel", "parrcel", "pracel", "parsel", "GET parzel", "/parzels", "parcel packde"],
)
def test_a_slip_of_the_fingers_still_finds(client, typed):
    parcels(summary="Parcels and what is packed in them")

    page = results(client, typed)

    assert "/apis/parcels/" in page
    assert "what is spelled nearly as" in page
    assert "<mark>parcel" in page.lower()


@pytest.mark.parametrize("typed", ["prlc", "stampede", "xxparcelxx"])
def test_what_is_too_far_from_any_word_finds_nothing(client, typed):
    parcels()

    assert "Nothing found" in results(client, typed)


def test_a_word_of_a_draft_is_neither_found_nor_offered_nor_counted(client):
    parcels()
    draft = ApiVersionFactory(
        api__slug="unseen", api__name="Zeppelin charter", api__sector="Airships"
    )
    OperationFactory(version=draft, summary="Hire a zeppelin", slug="hireZeppelin")
    index_versions([draft.pk])

    for typed in ("zeppelin", "zepelin", "zeppelin parcel", "hire"):
        page = results(client, typed)
        assert "Nothing found" in page
        assert "hireZeppelin" not in page
        assert "Airships" not in page
        assert "Zeppelin charter" not in page
    client.force_login(user_of(staff(Role.CATALOG)))
    assert "spelled nearly as" in results(client, "zepelin")
    assert "Airships" in results(client, "zeppelin")


def test_what_is_no_longer_shown_is_not_found_although_nobody_indexed_anew(client):
    operation = parcels()
    ApiVersion.objects.update(status="sunset")

    assert "Nothing found" in results(client, "parcel")
    ApiVersion.objects.update(status="stable")
    assert "getParcel" in results(client, "parcel")
    operation.delete()
    assert "getParcel" not in results(client, "get a parcel")


def test_a_scope_is_found_and_leads_to_what_it_opens(client):
    parcels()

    page = results(client, "parcels:read")

    assert 'id="s-scopes"' in page
    assert "/apis/parcels/v1/#data" in page
    assert "<mark>Read</mark> <mark>parcel</mark>s" in page


def test_the_better_place_stands_first(client):
    operation = parcels()
    far = OperationFactory(
        version=operation.version, summary="List shops", description_html="<p>For a parcel.</p>"
    )
    near = OperationFactory(version=operation.version, summary="Parcel")
    index_versions([operation.version_id])

    page = results(client, "parcel")

    order = [page.index(f"/apis/parcels/v1/{one.slug}/") for one in (near, operation, far)]
    assert order == sorted(order)


def test_a_field_that_stands_in_many_answers_is_one_result(client):
    operation = parcels()
    for number in range(4):
        other = OperationFactory(version=operation.version, summary=f"Other {number}", position=9)
        Field.objects.create(
            operation=other, position=0, pointer="/items/*/place", name="place", type="string",
            depth=3, cluster_code="parcels",
        )  # fmt: skip
    index_versions([operation.version_id])

    page = results(client, "place")

    assert "1 result" in page
    assert "Get a parcel, and 4 more" in page


FILTERS = {
    "depth": ("depth=4", "depth=1"),
    "life": ("life=stable", "life=deprecated"),
    "flow": ("flow=customer", "flow=open"),
    "sector": ("sector=Delivery", "sector=Health"),
    "owner": ("owner={owner}", "owner=999999"),
    "two of them": ("flow=customer&sector=Delivery", "flow=customer&sector=Health"),
    "one kind": ("kind=operations", "kind=scopes&depth=4"),
}


@pytest.mark.parametrize("which", FILTERS)
def test_results_are_narrowed_by(client, which):
    owner = user_of(staff(Role.CATALOG))
    operation = parcels(owner=owner)
    fitting, other = FILTERS[which]

    fits = client.get(f"/apis/search/?q=parcel&{fitting.format(owner=owner.pk)}")
    fits_not = client.get(f"/apis/search/?q=parcel&{other}")

    assert operation.get_absolute_url() in fits.content.decode()
    assert operation.get_absolute_url() not in fits_not.content.decode()


def test_each_facet_says_what_it_would_leave(client):
    owner = user_of(staff(Role.CATALOG))
    operation = parcels(owner=owner)
    OperationFactory(version=operation.version, summary="Parcel shops", depth=1)
    index_versions([operation.version_id])

    page = client.get("/apis/search/?q=parcel&kind=operations&depth=4").content.decode()
    facets = page[page.index('id="facets"') : page.index("</form>", page.index('id="facets"'))]

    counts = dict(
        re.findall(
            r'value="(\w+)" (?:checked)?>.*?(?:<span class="count muted">(\d+)</span>)?</label>',
            facets,
        )
    )
    assert counts["1"] == "1"  # What another depth would leave is told, too.
    assert counts["open"] == ""
    assert f'value="{owner.pk}"' in facets
    assert owner.name in facets


def test_filters_that_leave_nothing_say_so_and_are_no_miss(client):
    parcels()

    page = client.get("/apis/search/?q=parcel&sector=Health").content.decode()

    assert "Without the filters there is something." in page
    assert not Miss.objects.exists()


def test_a_guide_is_found_with_its_api_or_by_everybody_and_only_while_it_is_published(client):
    api = parcels().version.api
    about, hidden = guide(api, title="Track a parcel"), ApiFactory(name="Unseen")
    guide(title="Pay for a parcel", text="How *postage* is paid.")
    guide(hidden, title="Secret of a parcel")
    guide(api, title="A parcel that waits", published=False)
    deliver_due()

    page = results(client, "parcel")

    assert 'id="s-guides"' in page
    assert 'href="/guides/track-a-parcel/"' in page
    assert 'href="/guides/pay-for-a-parcel/"' in page
    assert "Secret" not in page
    assert "waits" not in page
    assert "/guides/pay-for-a-parcel/" in results(client, "postage")
    assert "/guides/track-a-parcel/" in results(client, "tarck")
    narrowed = client.get("/apis/search/?q=parcel&life=stable&kind=guides").content.decode()
    assert "track-a-parcel" in narrowed
    assert "pay-for-a-parcel" not in narrowed
    # The catalog is asked, and not what was indexed.
    withdraw_guide(about, by=staff(Role.CATALOG))
    assert "/guides/track-a-parcel/" not in results(client, "parcel")
    deliver_due()
    assert not Document.objects.filter(guide=about).exists()
