"""The page on which a customer decides, and everything that must not happen on it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth.models import AuthorizationIntent, Grant
from partners.applications.actions import suspend_application
from partners.applications.models import Application
from partners.subscriptions.models import ApprovedUse
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.models import Event
from portal.events.people import account_of
from tests.factories.consent import CustomerFactory
from tests.factories.oauth import CALLBACK, CHALLENGE, answer_of
from tests.factories.partners import ApprovedUseFactory, ClientFactory, DataUseFactory
from tests.factories.people import UserFactory, staff


def test_f20_the_page_says_what_is_needed_what_is_a_choice_and_what_is_not_seen(world):
    html = unescape(world.ask().content.decode())

    notice = AuthorizationIntent.objects.get().notice
    assert notice["title"] in html
    assert [line["scope"] for line in notice["needed"]] == ["need:read"]
    assert [line["scope"] for line in notice["optional"]] == ["extra:read"]
    for line in notice["needed"] + notice["optional"]:
        assert line["label"] in html
        assert line["why"] in html
    for label in notice["unseen"]:
        assert label in html
    assert 'value="extra:read"' in html
    assert "checked" not in html[html.index('value="extra:read"') :].partition(">")[0]
    assert re.findall(r'value="([^"]+)"\s+checked', html) == ["once"]
    assert 'value="90"' in html


def test_what_was_shown_is_what_is_kept(world):
    world.decide(world.ask(), g=["extra:read"], until="365")

    arrangement = Arrangement.objects.get()
    version = ArrangementVersion.objects.get()
    assert version.notice == AuthorizationIntent.objects.get().notice
    assert {item.scope.name for item in current_items(arrangement)} == {"need:read", "extra:read"}
    assert arrangement.ends_at - arrangement.given_at > timedelta(days=364)


def test_b15_only_this_page_lets_a_form_lead_to_the_client(world):
    page = world.ask()

    assert "form-action 'self' https://app.example;" in page["Content-Security-Policy"] + ";"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert "no-store" in page["Cache-Control"]
    elsewhere = world.browser.get("/")
    assert "app.example" not in elsewhere["Content-Security-Policy"]


def test_the_pages_of_a_sign_in_that_a_client_began_lead_to_that_client_alone(world):
    browser = Browser()
    browser.get("/oauth/authorize", world.request())

    def sources(path: str) -> list[str]:
        policy = browser.get(path)["Content-Security-Policy"].split("; ")
        return next(line for line in policy if line.startswith("form-action")).split()[1:]

    for page in ("/sign-in/", "/sign-up/", "/accounts/password/forgotten/"):
        assert sources(page) == ["'self'", "https://app.example"]
    assert sources("/") == ["'self'"]
    browser.cookies["onward"] = "https://evil.example"
    assert sources("/sign-in/") == ["'self'"]


def test_a_sign_in_does_not_lead_to_an_address_that_nobody_registered(world):
    browser = Browser()
    browser.get("/oauth/authorize", world.request(redirect_uri="https://evil.example/"))

    assert "onward" not in browser.cookies


def test_b3_who_is_not_signed_in_signs_in_first_and_comes_back(world):
    answer = Browser().get("/oauth/authorize", world.request(scope="nonsense"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/oauth/authorize%3F")


def test_f27_saying_no_sends_the_refusal_and_nothing_else(world):
    answer = world.decide(world.ask(), "deny")

    assert answer.status_code == 303
    assert answer_of(answer) == {
        "error": "access_denied",
        "state": world.request()["state"],
        "iss": "http://testserver",
    }
    assert not Arrangement.objects.exists()
    event = Event.objects.get(kind="consent.authorization.denied")
    assert account_of(event.person_id) == world.customer.user_id
    assert event.organization_id == world.client.application.organization_id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "need:read other:read"}, "invalid_scope"),
        ({"scope": "open:read"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"nonce": "n" * 300}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_b4_b10_b14_f15_errors_go_back_with_state_and_issuer(world, changes, error):
    answer = world.ask(**changes)

    assert answer.status_code == 303
    assert answer["Location"].startswith(CALLBACK + "?")
    told = answer_of(answer)
    assert (told["error"], told["state"]) == (error, world.request()["state"])
    assert told["iss"] == "http://testserver"
    assert not AuthorizationIntent.objects.exists()


def test_silence_without_a_session_asks_for_a_login(world):
    answer = Browser().get("/oauth/authorize", world.request(prompt="none"))

    assert answer_of(answer)["error"] == "login_required"


def test_silence_never_grants_and_the_old_prompt_parameter_means_nothing(world):
    world.code()

    assert answer_of(world.ask(prompt="none", state="2"))["error"] == "consent_required"
    assert world.ask(approval_prompt="auto", state="3").status_code == 200


def test_a_state_that_is_too_long_is_not_carried_back(world):
    answer = world.ask(state="s" * 2049)

    assert answer_of(answer)["error"] == "invalid_request"
    assert "state" not in answer_of(answer)


def test_a_repeated_parameter_is_refused_where_the_answer_is_safe(world):
    query = "&scope=need:read&".join([world.ask().request["QUERY_STRING"], ""])

    answer = world.browser.get(f"/oauth/authorize?{query}")

    assert answer_of(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "unauthorized_client"),
        ("client_id=nobody", "unauthorized_client"),
        ("client_id=%zz", "invalid_request"),
        ("client_id=%ff", "invalid_request"),
        ("client_id={client}", "invalid_request"),
        ("client_id={client}&client_id={client}", "invalid_request"),
        ("client_id={client}&redirect_uri=https://evil.example/", "invalid_redirect_uri"),
        ("client_id={client}&redirect_uri={uri}&redirect_uri={uri}", "invalid_request"),
        ("client_id={client}&redirect_uri=" + "x" * 5000, "invalid_request"),
    ],
)
def test_b1_without_a_safe_address_the_error_stays_on_our_page(world, query, code):
    query = query.format(client=world.client.client_id, uri=CALLBACK)

    for browser in (world.browser, Browser()):
        answer = browser.get(f"/oauth/authorize?{query}")

        assert answer.status_code == 400
        assert "Location" not in answer
        assert code in answer.content.decode()
        assert "We stopped this connection" in answer.content.decode()


@pytest.mark.parametrize("query", ["client_id=%00", "state=%00", "x=" + "y" * 9000])
def test_nul_and_endless_input_is_refused_and_never_breaks(world, query):
    answer = world.browser.get(f"/oauth/authorize?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
    assert "We did not do this" in answer.content.decode()


def test_a_suspended_application_may_not_even_ask(world):
    application = world.client.application
    Application.objects.get(pk=application.pk)
    suspend_application(application, by=staff(Role.SECURITY), reason="a test")

    answer = world.ask()

    assert answer.status_code == 400
    assert "may not ask for your data now" in answer.content.decode()


def test_an_application_suspended_while_the_page_was_open_gets_nothing(world):
    page = world.ask()
    suspend_application(world.client.application, by=staff(Role.SECURITY), reason="a test")

    answer = world.decide(page)

    assert answer.status_code == 303
    assert "app.example" not in answer["Location"]
    assert not Arrangement.objects.exists()
    assert not Grant.objects.exists()


def test_a_page_whose_words_have_changed_is_shown_anew(world):
    page = world.ask()
    ApprovedUse.objects.filter(scope__name="need:read").update(why="to sell it.")

    answer = world.decide(page)

    assert answer.status_code == 303
    assert answer["Location"].startswith("/oauth/authorize")
    assert not Arrangement.objects.exists()


# --- The form cannot widen what was shown --------------------------------------------------------


@pytest.mark.parametrize("scope", ["other:read", "need:read", "open:read", "extra:read\x00"])
def test_a_scope_that_was_no_choice_cannot_be_added(world, scope):
    answer = world.decide(world.ask(), g=["extra:read", scope])

    assert answer.status_code == 422
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize("until", ["36500", "-1", "abc", ""])
def test_only_the_offered_durations_can_be_chosen(world, until):
    answer = world.decide(world.ask(), until=until)

    assert answer.status_code == 422
    assert not Arrangement.objects.exists()


def test_what_a_tampered_form_says_about_the_request_is_not_read(world):
    answer = world.decide(
        world.ask(scope="need:read"),
        scope="need:read extra:read",
        redirect_uri="https://evil.example/",
        client_id="other",
        state="other",
    )

    assert answer["Location"].startswith(CALLBACK + "?code=")
    assert answer_of(answer)["state"] == world.request()["state"]
    assert [item.scope.name for item in current_items(Arrangement.objects.get())] == ["need:read"]


def test_another_customer_cannot_answer_for_this_one(world):
    page = world.ask()
    stranger = Browser()
    stranger.force_login(CustomerFactory().user)
    intent = page.context["intent"].pk

    answer = stranger.post("/oauth/authorize", {"intent": str(intent), "decision": "allow"})

    assert answer.status_code == 303
    assert answer["Location"] == "/oauth/authorize"
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize("intent", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_answer_to_no_question_starts_over(world, intent):
    answer = world.browser.post("/oauth/authorize", {"intent": intent, "decision": "allow"})

    assert (answer.status_code, answer["Location"]) == (303, "/oauth/authorize")


def test_a_form_from_another_site_is_refused(world):
    page = world.ask()
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.customer.user)

    answer = browser.post(
        "/oauth/authorize", {"intent": str(page.context["intent"].pk), "decision": "allow"}
    )

    assert answer.status_code == 403
    assert not Arrangement.objects.exists()


# --- One question, one answer --------------------------------------------------------------------


@pytest.mark.parametrize("second", ["allow", "deny"])
def test_the_second_answer_hears_that_it_comes_too_late(world, second):
    page = world.ask()
    world.decide(page)

    answer = world.decide(page, second)

    assert answer.status_code == 409
    assert "You have already answered" in answer.content.decode()
    assert ArrangementVersion.objects.count() == 1
    assert Grant.objects.count() == 1


def test_going_back_shows_that_it_was_answered(world):
    world.decide(world.ask())

    assert world.ask().status_code == 409


def test_two_tabs_of_one_request_are_one_question(world):
    first, second = world.ask(), world.ask()

    assert first.context["intent"] == second.context["intent"]
    assert world.decide(first).status_code == 303
    assert world.decide(second).status_code == 409


def test_a_question_older_than_ten_minutes_is_asked_anew(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        page = world.ask()
        clock.shift(601)

        answer = world.decide(page)

        assert answer.status_code == 303
        assert answer["Location"].startswith("/oauth/authorize")
        assert not Arrangement.objects.exists()
        assert world.ask().status_code == 200


def test_choosing_nothing_of_only_choices_is_said_on_the_page(world):
    answer = world.decide(world.ask(scope="extra:read"))

    assert answer.status_code == 422
    assert "Choose at least one thing" in answer.content.decode()


# --- Who is asked --------------------------------------------------------------------------------


def test_somebody_who_is_no_customer_gets_a_kind_page(world):
    browser = Browser()
    browser.force_login(UserFactory())

    answer = browser.get("/oauth/authorize", world.request())

    assert answer.status_code == 403
    assert "This account has no data to share" in answer.content.decode()


@pytest.mark.parametrize(
    ("production", "is_test", "status"),
    [(True, False, 200), (True, True, 403), (False, False, 403), (False, True, 200)],
)
def test_the_sandbox_asks_test_customers_and_production_real_ones(db, production, is_test, status):
    customer = CustomerFactory(is_test=is_test)
    client = ClientFactory(production=production)
    use = DataUseFactory(application=client.application)
    if production:
        use = ApprovedUseFactory(subscription__client=client, scope=use.scope)
    browser = Browser()
    browser.force_login(customer.user)

    answer = browser.get(
        "/oauth/authorize",
        {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": CALLBACK,
            "scope": use.scope.name,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        },
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("production", "redirect_uri", "status"),
    [
        (False, "http://127.0.0.1:49152/callback", 200),
        (False, "http://[::1]:49152/callback", 200),
        (False, "http://127.0.0.1:49152/other", 400),
        (False, "http://localhost:49152/callback", 400),
        (True, "http://127.0.0.1:49152/callback", 400),
        (True, "http://127.0.0.1:5000/callback", 400),
        (True, "http://[::1]:49152/callback", 400),
        (True, "https://app.example/callback", 200),
    ],
)
def test_a_program_on_the_own_machine_may_be_answered_in_the_sandbox_alone(
    db, settings, production, redirect_uri, status
):
    settings.IS_SECURE, settings.DEMO = True, False
    customer = CustomerFactory(is_test=not production)
    client = ClientFactory(
        production=production,
        redirect_uris="http://127.0.0.1:5000/callback http://[::1]/callback " + CALLBACK,
    )
    use = DataUseFactory(application=client.application)
    if production:
        use = ApprovedUseFactory(subscription__client=client, scope=use.scope)
    browser = Browser()
    browser.force_login(customer.user)
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": use.scope.name,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }

    page = browser.get("/oauth/authorize", asked)

    assert page.status_code == status
    if status == 400:
        assert "invalid_redirect_uri" in page.content.decode()
        return
    form = {"intent": str(page.context["intent"].pk), "until": "90", "decision": "allow"}
    answer = browser.post("/oauth/authorize", form)
    assert answer["Location"].startswith(redirect_uri + "?code=")


def test_the_page_takes_a_bounded_number_of_statements(world, django_assert_max_num_queries):
    # One of them asks whether a guardian decides with them.
    with django_assert_max_num_queries(16):
        world.ask()


# --- How recently the customer must have signed in -----------------------------------------------


PASSWORD = "a long enough password"


def sign_in(browser: Browser, page: Any, **form: str) -> Any:
    """Fill in the page that the browser was sent to, and go on to where it leads."""
    if email := form.get("login"):
        owner = User.objects.get(email=email)
        EmailAddress.objects.create(user=owner, email=email, verified=True, primary=True)
    browser.get(page["Location"])
    path, _, query = page["Location"].partition("?")
    answer = browser.post(path, {"password": PASSWORD, "next": parse_qs(query)["next"][0], **form})
    assert answer.status_code == 302, answer.content
    return browser.get(answer["Location"])


def test_prompt_login_wants_the_password_again_and_then_asks(world):
    page = world.ask(prompt="login")

    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/confirm/?next=/oauth/authorize%3F")
    again = world.ask(prompt="login")
    assert again["Location"] == page["Location"]

    screen = sign_in(world.browser, page)

    assert screen.status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False):
        world.decide(screen)
    moment = ArrangementVersion.objects.get().authenticated_at
    assert timezone.now() - moment < timedelta(minutes=1)


def test_prompt_login_is_met_by_the_sign_in_that_the_request_began(world):
    browser = Browser()
    page = browser.get("/oauth/authorize", world.request(prompt="login"))

    screen = sign_in(browser, page, login=world.customer.user.email)

    assert page["Location"].startswith("/sign-in/")
    assert screen.status_code == 200


def test_a_sign_in_for_one_request_does_not_do_for_the_next(world):
    sign_in(world.browser, world.ask(prompt="login"))

    page = world.ask(prompt="login", state="another")

    assert page["Location"].startswith("/accounts/confirm/")


def test_max_age_counts_from_the_sign_in(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = Browser()
        page = browser.get("/oauth/authorize", world.request())
        sign_in(browser, page, login=world.customer.user.email)

        clock.shift(600)
        young = browser.get("/oauth/authorize", world.request(max_age="600"))
        clock.shift(1)
        old = browser.get("/oauth/authorize", world.request(max_age="600", state="2"))

    assert young.status_code == 200
    assert old["Location"].startswith("/accounts/confirm/")


def test_max_age_in_silence_asks_for_a_login(world):
    answer = world.ask(prompt="none", max_age="0")

    assert answer_of(answer)["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["consent", "select_account", "consent select_account"])
def test_the_page_names_the_account_and_lets_it_be_changed(world, prompt):
    page = world.ask(prompt=prompt)

    html = unescape(page.content.decode())
    assert page.status_code == 200
    assert f"Signed in as {world.customer.user}" in html
    assert '<input type="hidden" name="next" value="/oauth/authorize?' in html


def test_a_change_of_account_comes_back_to_the_request(world):
    uri = world.pushed()
    world.open(uri)
    other = CustomerFactory()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        world.browser.post("/accounts/sign-out/")

        page = world.open(uri)
        screen = sign_in(world.browser, page, login=other.user.email)

    assert screen.context["intent"].customer == other


def test_a_login_hint_fills_the_sign_in_and_stands_in_no_address(world):
    browser = Browser()
    page = browser.get(
        "/oauth/authorize",
        {
            "client_id": world.client.client_id,
            "request_uri": world.pushed(login_hint="leila@example.net"),
        },
    )

    form = browser.get(page["Location"]).context["form"]

    assert form["login"].value() == "leila@example.net"
    assert "leila" not in page["Location"]


def test_a_login_hint_signs_nobody_out(world):
    assert world.ask(login_hint="somebody@example.net").status_code == 200


# --- What browsers are told ----------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_b16_f18_the_way_back_is_a_303_that_does_not_repeat_the_form(world, decision):
    assert world.decide(world.ask(), decision).status_code == 303
    assert world.ask(scope="nonsense").status_code == 303


def test_b17_no_other_site_reads_the_page_or_an_endpoint_for_confidential_clients(world):
    """All clients are confidential, so that no script in a browser has anything to ask here."""
    other = {"Origin": "https://app.example"}
    asked = world.browser.get("/oauth/authorize", world.request(), headers=other)
    refused = world.browser.get("/oauth/authorize", headers=other)
    answers = [Browser().post(f"/oauth/{name}", headers=other) for name in ("par", "token")]

    for answer in (asked, refused, *answers):
        assert "Access-Control-Allow-Origin" not in answer
    for public in ("/oauth/jwks", "/.well-known/oauth-authorization-server"):
        assert Browser().get(public, headers=other)["Access-Control-Allow-Origin"] == "*"


def test_b15_b18_the_pages_of_the_flow_cannot_be_framed_and_load_nothing_of_others(world):
    pages = [
        world.ask(),
        world.browser.get("/oauth/authorize"),
        Browser().get("/sign-in/"),
        world.browser.get("/accounts/confirm/"),
    ]

    for page in pages:
        policy = dict(
            part.partition(" ")[::2] for part in page["Content-Security-Policy"].split("; ")
        )
        assert policy["frame-ancestors"] == "'none'"
        assert page["X-Frame-Options"] == "DENY"
        assert page["Referrer-Policy"] == "same-origin"
        assert {policy[name] for name in ("script-src", "style-src", "img-src")} == {"'self'"}


@pytest.mark.parametrize("length", [64, 255])
def test_f21_a_nonce_is_kept_whole(world, length):
    nonce = "n" * length

    world.code(nonce=nonce)

    assert Grant.objects.get().nonce == nonce


def test_f27_nonce_and_state_may_be_left_out_and_scopes_have_no_order(world):
    answer = world.decide(world.ask(state=None, scope="open:read extra:read need:read"))

    assert set(answer_of(answer)) == {"code", "iss"}


def test_b6_no_code_is_issued_without_a_challenge_and_none_is_redeemed(world):
    code = world.code()
    Grant.objects.update(code_challenge="")

    for verifier in ("v" * 43, ""):
        answer = world.exchange(code, code_verifier=verifier)
        assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "redirect_uri", ["http://app.example/callback", "http://localhost/callback", "app:/callback"]
)
def test_b2_f16_what_is_not_https_is_never_an_address_of_production(world, settings, redirect_uri):
    settings.IS_SECURE, settings.DEMO = True, False
    world.client.redirect_uris = redirect_uri
    world.client.save()

    answer = world.ask(redirect_uri=redirect_uri)

    assert answer.status_code == 400
    assert "Location" not in answer
