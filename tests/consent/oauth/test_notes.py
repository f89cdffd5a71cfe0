"""The request log: each refusal explains itself, and nothing that opens anything is in it."""

from __future__ import annotations

import json
import threading
from urllib.parse import urlencode

import pytest
import redis
from django.test import Client as Browser

from consent.oauth import notes
from consent.oauth.explanations import EXPLAINED, explained
from consent.oauth.redaction import HIDDEN, MASK, masked, shown
from consent.proofs.errors import OAuthError
from consent.proofs.store import store
from partners.applications.profiles import Profile
from portal.access.actors import Role
from portal.behind import Behind
from portal.home.problems import _refusals
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import FORM
from tests.factories.partners import ClientFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
CANARY = "Canary-7f3a9c1e_Zx"
NAMES = (
    "client_id", "client_secret", "client_assertion", "client_assertion_type", "code",
    "code_verifier", "code_challenge", "code_challenge_method", "refresh_token", "token", "state",
    "nonce", "scope", "redirect_uri", "grant_type", "response_type", "response_mode", "prompt",
    "login_hint", "request", "request_uri", "authorization_details", "resource", "username",
    "password", "device_code", "id_token_hint", "token_type_hint", "dpop_jkt", "claims",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _forget():
    notes.settle()
    for key in store().scan_iter("notes*"):
        store().delete(key)


def log_of(world):
    return notes.notes_of(world.client)


@pytest.mark.parametrize("name", [*NAMES, "something_else", CANARY])
def test_no_value_that_is_not_known_to_be_harmless_is_kept(world, name):
    where = {"/oauth/token": "grant_type", "/oauth/introspect": "token", "/oauth/revoke": "token"}
    for path, needed in where.items():
        world.post(path, **{needed: "x", name: CANARY})
    world.browser.get("/oauth/authorize", world.request(**{name: CANARY}))
    foreign = world.request(
        **{name: CANARY, "redirect_uri": f"https://a:{CANARY}@b/{CANARY * 3}?{CANARY}"}
    )
    world.browser.get("/oauth/authorize", foreign)

    notes.settle()
    kept = [raw for key in store().scan_iter("notes:*") for raw in store().lrange(key, 0, -1)]

    # A request that names the canary as its client is nobody's.
    assert len(kept) >= (0 if name == "client_id" else 4)
    assert [raw for raw in kept if CANARY.encode() in raw] == []


def test_codes_tokens_and_secrets_of_a_whole_walk_are_not_in_it(world):
    code = world.code("extra:read")
    tokens = world.exchange(code).json()
    renewed = world.refresh(tokens["refresh_token"]).json()
    world.post("/oauth/introspect", token=renewed["access_token"])
    world.post("/oauth/revoke", token=renewed["refresh_token"])
    world.post(basic=False, client_id=str(world.client.client_id), client_secret=world.secret)

    found = log_of(world)

    secrets = {
        code,
        world.secret,
        *(
            str(one[name])
            for one in (tokens, renewed)
            for name in ("access_token", "refresh_token")
        ),
    }
    kept = json.dumps([(one.parameters, one.description, one.outcome) for one in found])
    assert {one.endpoint for one in found} == {"authorize", "token", "introspect", "revoke"}
    assert [one for one in secrets if one in kept] == []


def test_a_refusal_says_what_was_wrong_and_what_to_do(world):
    answer = world.post(
        grant_type="client_credentials", scope="open:read need:read", state="hidden"
    )

    note = log_of(world)[0]
    assert (note.endpoint, note.status, note.error) == ("token", 400, answer.json()["error"])
    assert note.meaning == EXPLAINED["invalid_scope"][0]
    assert dict(note.parameters) == {
        "Authorization header": "basic",
        "grant_type": "client_credentials",
        "scope": "open:read need:read",
        "state": HIDDEN,
    }
    assert note.request_id == answer["X-Request-Id"]
    assert note.is_proven


def test_what_was_answered_is_there_as_well(world):
    world.post(grant_type="client_credentials", scope="open:read")

    note = log_of(world)[0]
    assert (note.status, note.error, note.outcome) == (200, "", "Answered")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://app.example/elsewhere?next=1"}, "invalid_redirect_uri"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "other:read"}, "invalid_scope"),
        ({"prompt": "none"}, "consent_required"),
        ({"code_challenge": None}, "invalid_request"),
    ],
)
def test_a_stopped_authorization_explains_itself(world, changes, error):
    world.ask(**changes)

    note = log_of(world)[0]
    assert (note.endpoint, note.error) == ("authorize", error)
    assert note.remedy


def test_the_address_that_was_sent_is_shown_without_its_query(world):
    world.ask(redirect_uri="https://user:pass@app.example:8443/elsewhere?next=1#x")

    shown_ = dict(log_of(world)[0].parameters)
    assert shown_["redirect_uri"] == f"https://app.example:8443/elsewhere?{MASK}"


def test_a_decision_of_the_customer_is_told_without_who_it_was(world):
    page = world.ask()
    choices = {"intent": str(page.context["intent"].pk), "until": "90", "decision": "deny"}
    world.browser.post(f"/oauth/authorize?{urlencode(world.request())}", choices)

    denied, asked = log_of(world)
    assert (denied.error, asked.outcome) == ("access_denied", "The customer is asked")
    assert world.customer.user.email not in json.dumps([denied.parameters, asked.parameters])


def test_a_signed_refusal_explains_itself_too(db):
    """JARM hides an answer from everybody but its client; its developers read why all the same."""
    world = make_fapi_world(Profile.FAPI2_MESSAGE_SIGNING)
    silent = world.open(world.pushed(prompt="none"))
    page = world.ask(state="another")
    address = page.wsgi_request.get_full_path()
    form = {"intent": str(page.context["intent"].pk), "decision": "deny"}
    denied = world.browser.post(address, form)
    assert all("response=" in answer["Location"] for answer in (silent, denied))

    found = [one for one in log_of(world) if one.endpoint == "authorize"]

    assert [one.error for one in found] == ["access_denied", "", "consent_required"]
    assert found[2].description == "The customer has to be asked."
    assert "eyJ" not in str(found)


def test_strangers_fill_their_own_short_list_and_only_slowly(world):
    world.post(grant_type="client_credentials", scope="open:read")
    for number in range(notes.MAX_UNPROVEN_A_MINUTE + 10):
        world.post(basic=False, client_id=str(world.client.client_id), client_secret=f"x{number}")

    found = log_of(world)

    assert len([one for one in found if not one.is_proven]) == notes.MAX_UNPROVEN_A_MINUTE
    assert len([one for one in found if one.is_proven]) == 1


def test_names_that_may_be_nobodys_are_kept_for_an_hour_and_only_so_many(world, monkeypatch):
    monkeypatch.setattr(notes, "MAX_OF_NOBODY_A_MINUTE", 3)
    for number in range(5):
        world.post(basic=False, client_id=f"nobody_test_000{number}", client_secret="x")

    notes.settle()
    kept = list(store().scan_iter("notes:*"))

    assert len(kept) == 3
    assert all(0 < store().ttl(name) <= notes.KEPT_FOR_NOBODY.total_seconds() for name in kept)


def test_what_its_developers_have_seen_once_stays_for_a_week(world):
    world.post(basic=False, client_id=str(world.client.client_id), client_secret="x")
    notes.settle()
    name = notes._name(str(world.client.client_id), is_proven=False)
    assert store().ttl(name) <= notes.KEPT_FOR_NOBODY.total_seconds()

    assert len(log_of(world)) == 1

    assert store().ttl(name) > notes.KEPT_FOR_NOBODY.total_seconds()


def test_only_the_newest_are_kept_and_not_for_ever(world, monkeypatch):
    monkeypatch.setattr(notes, "MAX_NOTES", 3)
    for _ in range(5):
        world.post("/oauth/introspect", token="x")

    assert len(log_of(world)) == 3
    name = notes._name(str(world.client.client_id), is_proven=True)
    assert 0 < store().ttl(name) <= notes.KEPT.total_seconds()


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/oauth/token", "application/json", b"{}"),
        ("/oauth/token", FORM, b"\xff\xfe=%zz&&&"),
        ("/oauth/token", FORM, b"&".join(b"f%d=x" % n for n in range(500))),
        ("/oauth/token", FORM, b"x" * 40_000),
        ("/oauth/token", FORM, b"client_assertion=a.b.c"),
        ("/oauth/token", FORM, b"client_assertion=a.bnVsbA.c"),
    ],
)
def test_what_cannot_be_read_is_refused_as_ever_and_breaks_no_note(world, path, content_type, body):
    answer = Browser().post(path, body, content_type=content_type)

    assert 400 <= answer.status_code < 500


def test_noting_takes_no_statement_from_a_client_that_proves_itself(
    world, django_assert_num_queries
):
    world.post(grant_type="client_credentials", scope="open:read")
    (known,) = log_of(world)

    with django_assert_num_queries(0):
        notes.note(known)

    assert log_of(world) == [known, known]


def test_no_answer_waits_for_the_store(world, monkeypatch):
    """The store answers nobody until the answer is out; then the note is kept all the same."""
    answered = threading.Event()
    write = notes._write

    def write_after_the_answer(*given, **named):
        assert answered.wait(60)
        write(*given, **named)

    monkeypatch.setattr(notes, "_write", write_after_the_answer)

    answer = world.post(grant_type="client_credentials", scope="open:read")
    answered.set()

    assert answer.status_code == 200
    assert [one.outcome for one in log_of(world)] == ["Answered"]


def test_when_too_many_wait_the_request_is_answered_and_the_log_says_so(world, monkeypatch, caplog):
    monkeypatch.setattr(notes, "_soon", Behind(pytest.fail, room=0))

    answer = world.post(grant_type="client_credentials", scope="open:read")

    assert answer.status_code == 200
    assert [one.msg for one in caplog.records if one.name == notes.__name__] == ["note_dropped"]


def test_parameters_are_noted_alike_whether_they_could_be_read_or_not(world):
    same = {"grant_type": "client_credentials", "scope": "open:read", "state": "x"}
    twice = urlencode({**same, "client_id": world.client.client_id}) + "&state=y"

    world.post(**same)
    world.post(**same, resource="https://api.example/a")
    Browser().post("/oauth/token", twice, content_type=FORM)

    unread, narrowed, plain = (dict(one.parameters) for one in log_of(world))
    assert unread == {**same, "client_id": world.client.client_id, "state": HIDDEN}
    assert plain == {**same, "state": HIDDEN, "Authorization header": "basic"}
    assert narrowed == {**plain, "resource": "https://api.example/a"}


@pytest.fixture
def redis_away(settings):
    settings.RATE_LIMIT_REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    store.cache_clear()
    with pytest.raises(redis.RedisError):
        store().ping()
    yield
    store.cache_clear()


def test_without_redis_requests_are_answered_and_the_page_says_so(world, client, redis_away):
    answer = world.post(grant_type="client_credentials", scope="open:read")
    refused = world.post(basic=False, client_id=str(world.client.client_id), client_secret="x")
    application = world.client.application
    sign_in(client, member(application.organization, Role.VIEWER))
    page = client.get(f"/apps/{application.slug}/log/")

    assert (answer.status_code, refused.status_code) == (200, 401)
    assert page.status_code == 200
    assert page.context["is_away"]
    assert "The log cannot be read now" in page.content.decode()


def test_the_developers_read_their_log_and_filter_it(world, client):
    world.post(grant_type="client_credentials", scope="open:read")
    world.post(grant_type="client_credentials", scope="need:read")
    application = world.client.application
    sign_in(client, member(application.organization, Role.VIEWER))

    everything = client.get(f"/apps/{application.slug}/log/")
    refused = client.get(f"/apps/{application.slug}/log/?status=refused")
    overview = client.get(application.get_absolute_url()).content.decode()

    assert [one.error for one in everything.context["page"]] == ["invalid_scope", ""]
    assert [one.error for one in refused.context["page"]] == ["invalid_scope"]
    assert EXPLAINED["invalid_scope"][1] in refused.content.decode()
    assert '/problems/invalid_scope"' in refused.content.decode()
    assert f"/apps/{application.slug}/log/" in overview


def test_an_empty_log_says_what_will_be_there(client):
    found = ClientFactory()
    sign_in(client, member(found.application.organization, Role.DEVELOPER))

    for query in ("", "?environment=production", "?status=refused"):
        page = client.get(f"/apps/{found.application.slug}/log/{query}")
        assert page.status_code == 200
        assert not page.context["page"].object_list
    assert "No request yet" in client.get(f"/apps/{found.application.slug}/log/").content.decode()


def test_the_log_of_somebody_elses_application_is_not_there(world, client):
    sign_in(client, member(ClientFactory().application.organization, Role.OWNER))

    assert client.get(f"/apps/{world.client.application.slug}/log/").status_code == 404


def test_every_error_of_ours_is_explained():
    codes = {OAuthError.code, *(one.code for one in _refusals(OAuthError))}

    assert codes - EXPLAINED.keys() == set()
    assert explained("never_heard_of_it")[0] == "We refused the request."


def test_the_words_of_an_answer_lose_what_the_request_put_into_them():
    pairs = [("scope", "things:read Secret-One"), ("wEirdName", "a b"), ("state", "opaque")]

    words = masked("Unknown: things:read Secret-One, wEirdName, opaque", pairs)

    assert words == f"Unknown: things:read {MASK}, {MASK}, {MASK}"
    assert shown(pairs) == [
        ("scope", f"things:read {MASK}"),
        ("state", HIDDEN),
        ("other parameters", "1"),
    ]
