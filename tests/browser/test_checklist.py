"""The checklist of consent in a browser: each item is a test of that name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from consent.arrangements.models import Arrangement, ArrangementVersion
from portal.events import log
from portal.events.models import Event
from portal.notifications.models import Message
from tests.browser.asking import ASKED, address
from tests.browser.looks import objections_now
from tests.browser.sessions import cookies_of
from tests.factories.consent import CustomerFactory, share
from tests.factories.gateway import make_gate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
APP = "halden-refill"
PARIS = ZoneInfo("Europe/Paris")
# Relative luminance and contrast as WCAG 2.2 defines them, of what the browser computed.
CONTRAST = """node => {
    const light = text => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(value => {
            const part = value / 255;
            return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(node);
    const [high, low] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
}"""


@pytest.fixture
def page(browser, leila, live_server):
    context = browser.new_context(viewport={"width": 390, "height": 900}, reduced_motion="reduce")
    context.add_cookies(cookies_of(leila, live_server))
    return context.new_page()


def tick(page) -> None:
    page.get_by_role("checkbox", name="Your prescriptions").check()


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def tab_to(page, target) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the keyboard.")


def flat(text: str) -> str:
    return " ".join(text.split())


def opened(page, live_server, name: str, *arguments: str) -> str:
    page.goto(f"{live_server.url}{reverse(f'arrangements:{name}', args=arguments)}")
    return flat(page.get_by_role("main").inner_text())


def test_give_and_detail_say_the_same_labels_reasons_periods_and_end(
    page, app, refill, live_server
):
    page.goto(address(live_server, refill))
    said = page.locator(".grant").filter(has_text="Your delivery area").inner_text()
    tick(page)
    page.get_by_role("switch", name="Your delivery area").check()
    end = (
        page.locator(".choice").filter(has_text="90 days").locator("time").get_attribute("datetime")
    )
    page.get_by_role("radio", name=re.compile("90 days")).check()
    press(page, "Allow")
    page.wait_for_url(f"{app.callback}?**")

    opened(page, live_server, "arrangement", APP)
    told = page.locator(".grant").filter(has_text="Your delivery area").inner_text()

    for line in (
        "Your delivery area",
        "The area, not your address.",
        "Why: to show pharmacies near you.",
        "Kept for: 30 days, then deleted.",
    ):
        assert line in flat(said)
        assert line in flat(told)
    ends = page.locator("dd time").last.get_attribute("datetime")
    shown, kept = (datetime.fromisoformat(str(one)).replace(microsecond=0) for one in (end, ends))
    assert shown == kept == Arrangement.objects.get().ends_at.replace(microsecond=0)


def test_optional_is_unticked_sensitive_has_its_own_tick_and_the_shortest_comes_first(
    page, refill, live_server
):
    page.goto(address(live_server, refill))

    assert page.get_by_role("switch", checked=True).count() == 0
    assert page.get_by_role("checkbox").count() == 1
    assert page.get_by_role("checkbox", checked=True).count() == 0
    assert page.get_by_role("radio").count() <= 3
    assert page.get_by_role("radio", checked=True).get_attribute("value") == "once"
    press(page, "Allow")
    assert page.get_by_role("button", name="Allow", exact=True).is_visible()
    assert not Arrangement.objects.exists()


def test_give_change_and_withdraw_by_keyboard_alone(page, app, refill, live_server):
    page.goto(address(live_server, refill))
    tab_to(page, page.get_by_role("checkbox", name="Your prescriptions"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("switch", name="Your delivery area"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Allow", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app.callback}?**")

    opened(page, live_server, "change", APP)
    tab_to(page, page.get_by_role("switch", name="Your delivery area"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Save changes"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/me/apps/{APP}/$"))
    assert Arrangement.objects.get().version_number == 2

    opened(page, live_server, "stop", APP)
    tab_to(page, page.get_by_role("button", name="Stop sharing"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/me/apps/{APP}/$"))
    assert Arrangement.objects.get().status == Arrangement.Status.WITHDRAWN


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_answers_have_one_size_one_tag_and_enough_contrast(
    browser, leila, refill, live_server, theme
):
    context = browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 900})
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    page.goto(address(live_server, refill))
    share(leila.customer, refill)

    def compare(first, second) -> None:
        one, other = first.bounding_box(), second.bounding_box()
        for side in ("width", "height"):
            assert abs(one[side] - other[side]) <= 0.1 * max(one[side], other[side])
        look = "node => [getComputedStyle(node).fontWeight, getComputedStyle(node).fontSize]"
        assert first.evaluate(look) == second.evaluate(look)
        assert min(first.evaluate(CONTRAST), second.evaluate(CONTRAST)) >= 4.5

    no, yes = (
        page.get_by_role("button", name=name, exact=True) for name in ("Don’t allow", "Allow")
    )
    compare(no, yes)
    assert {no.evaluate("node => node.tagName"), yes.evaluate("node => node.tagName")} == {"BUTTON"}
    opened(page, live_server, "stop", APP)
    compare(
        page.get_by_role("link", name="Keep sharing"),
        page.get_by_role("button", name="Stop sharing"),
    )
    opened(page, live_server, "list")
    row = page.get_by_role("article")
    view, stop = row.get_by_role("link", name="View"), row.get_by_role("link", name="Stop sharing")
    assert view.bounding_box()["height"] == stop.bounding_box()["height"]
    assert view.evaluate(CONTRAST) == stop.evaluate(CONTRAST)


def test_back_and_reload_after_a_decision_say_already_decided(page, app, refill, live_server):
    page.goto(address(live_server, refill))
    tick(page)
    press(page, "Allow")
    page.wait_for_url(f"{app.callback}?**")

    page.go_back()
    assert page.get_by_role("heading", name="You have already answered").is_visible()
    page.reload()
    assert page.get_by_role("heading", name="You have already answered").is_visible()
    assert Event.objects.filter(kind="consent.arrangement.given").count() == 1


def test_a_double_click_is_one_event(page, app, refill, live_server):
    page.goto(address(live_server, refill))
    tick(page)
    page.get_by_role("button", name="Allow", exact=True).dblclick()
    page.wait_for_url(f"{app.callback}?**")
    opened(page, live_server, "stop", APP)
    page.get_by_role("button", name="Stop sharing").dblclick()
    page.wait_for_url(re.compile(rf"/me/apps/{APP}/$"))

    kinds = Event.objects.filter(kind__startswith="consent.arrangement.").values_list(
        "kind", flat=True
    )
    assert sorted(kinds) == ["consent.arrangement.given", "consent.arrangement.withdrawn"]


def test_of_two_tabs_one_decides_and_the_other_is_told(page, app, refill, live_server):
    page.goto(address(live_server, refill))
    other = page.context.new_page()
    other.goto(address(live_server, refill))
    tick(page)
    press(page, "Allow")
    page.wait_for_url(f"{app.callback}?**")

    tick(other)
    press(other, "Allow")

    assert other.get_by_role("heading", name="You have already answered").is_visible()
    assert ArrangementVersion.objects.count() == 1


def test_of_two_tabs_of_changes_the_second_shows_the_newer_state(page, leila, refill, live_server):
    share(leila.customer, refill)
    page.goto(f"{live_server.url}{reverse('arrangements:change', args=[APP])}")
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("switch").first.uncheck()
    press(page, "Save changes")

    press(other, "Save changes")

    assert other.get_by_role("heading", name="This changed since you opened the page").is_visible()
    assert other.get_by_role("switch").count() == 0
    assert Arrangement.objects.get().version_number == 2


def test_the_account_can_be_switched_in_the_middle(page, leila, refill, live_server):
    page.goto(address(live_server, refill))
    assert page.get_by_text(f"Signed in as {leila}.").is_visible()

    page.get_by_role("button", name="Not you? Switch account").click()
    page.get_by_label("Email").wait_for()
    assert page.get_by_text(f"Signed in as {leila}.").count() == 0
    jonas = CustomerFactory(user__name="Jonas Weber").user
    page.context.add_cookies(cookies_of(jonas, live_server))
    page.goto(address(live_server, refill))

    assert page.get_by_text("Signed in as Jonas Weber.").is_visible()
    assert not Arrangement.objects.exists()


def test_the_result_page_can_be_reloaded(page, leila, refill, live_server):
    share(leila.customer, refill)
    opened(page, live_server, "stop", APP)
    press(page, "Stop sharing")
    said = flat(page.get_by_role("main").inner_text())

    page.reload()

    assert "You stopped it: " in said
    assert re.search(r"\d\d:\d\d:\d\d", said)
    assert "Halden Health" in said
    assert flat(page.get_by_role("main").inner_text()) == said
    assert Event.objects.filter(kind="consent.arrangement.withdrawn").count() == 1


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_320_px_and_400_per_cent_fit_in_every_language_and_axe_finds_nothing(
    browser, leila, refill, live_server, language
):
    # 1280 px at 400 % are 320 px (WCAG 2.2, 1.4.10).
    context = browser.new_context(
        viewport={"width": 320, "height": 256},
        extra_http_headers={"Accept-Language": language},
        reduced_motion="reduce",
    )
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    asked = address(live_server, refill)
    share(leila.customer, refill, days=5)
    pages = [
        asked,
        *(f"{live_server.url}{reverse(f'arrangements:{name}')}" for name in ("list", "history")),
        *(
            f"{live_server.url}{reverse(f'arrangements:{name}', args=[APP])}"
            for name in ("arrangement", "change", "stop")
        ),
    ]

    for place in pages:
        page.goto(place)
        assert page.locator("html").get_attribute("lang") == language
        assert objections_now(page, place) == []
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


@pytest.mark.parametrize(("language", "place"), [("fr", 6), ("ar", 7)], ids=["french", "arabic"])
def test_the_screen_in_another_language_is_chosen_on_the_page_without_javascript(
    browser, leila, refill, app, live_server, *, language, place
):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies_of(leila, live_server))
    page = context.new_page()
    page.goto(address(live_server, refill))
    page.get_by_role("switch", name="Your delivery area").check()

    page.locator("summary").first.click()
    page.locator(f'button[name="language"][value="{language}"]').click()

    assert page.locator("html").get_attribute("lang") == language
    for asked in ASKED:
        assert page.get_by_role("heading", name=asked[place]).is_visible()
    assert page.get_by_role("switch", checked=True).count() == 1
    page.locator('input[name="s"]').check()
    page.locator('button[value="allow"]').click()
    page.wait_for_url(f"{app.callback}?**")
    version = ArrangementVersion.objects.get()
    assert (version.locale, version.items.count()) == (language, 2)
    leila.refresh_from_db()
    assert leila.locale == language


def test_screen_readers_hear_every_part_by_its_name(page, refill, live_server):
    page.goto(address(live_server, refill))

    heard = page.get_by_role("main").aria_snapshot()

    order = [
        'heading "Halden Refill asks to see some of your data" [level=1]',
        'heading "What for" [level=2]',
        'heading "It needs this to work" [level=2]',
        'checkbox "I agree that Halden Refill sees this: Your prescriptions"',
        'heading "You choose" [level=2]',
        'switch "Ask your pharmacy for a refill',
        'group "For how long?"',
        'heading "What becomes of it" [level=2]',
        'heading "It will not see" [level=2]',
        'heading "You decide" [level=2]',
        'link "How Halden Health handles data"',
        'button "Don’t allow"',
        'button "Allow"',
    ]
    places = [heard.find(name) for name in order]
    assert -1 not in places, [name for name in order if name not in heard]
    assert places == sorted(places)


def test_nothing_comes_from_elsewhere_and_the_headers_keep_others_out(page, refill, live_server):
    hosts: set[str] = set()
    page.on("request", lambda sent: hosts.add(sent.url.split("/")[2]))

    answer = page.goto(address(live_server, refill))

    headers = answer.headers
    assert hosts == {live_server.url.split("//")[1]}
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert "no-store" in headers["cache-control"]


def test_times_are_the_customers_own_across_the_change_of_clocks(browser, refill, live_server):
    customer = CustomerFactory(user__time_zone="Europe/Paris")
    now = timezone.now()
    # Ninety days on, the clocks of Paris have been changed or have not: the instant is the same.
    arrangement = share(customer, refill, days=200)
    context = browser.new_context(timezone_id="America/Lima")
    context.add_cookies(cookies_of(customer.user, live_server))
    page = context.new_page()

    said = opened(page, live_server, "arrangement", APP)

    for instant in (arrangement.given_at, arrangement.ends_at):
        local = instant.astimezone(PARIS)
        assert f"{local.day} {local:%B %Y}, {local:%H:%M}" in said
    assert "(Europe/Paris)" in said
    assert "Times are in Europe/Paris." in said
    offsets = {(now + timedelta(days=day)).astimezone(PARIS).utcoffset() for day in (0, 200)}
    assert len(offsets) == 2


def test_the_call_after_a_withdrawal_in_the_browser_is_refused(browser, live_server):
    gate = make_gate()
    world = gate.world
    token = gate.token("extra:read")
    assert gate.call(token).status_code == 200
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies_of(world.customer.user, live_server))
    page = context.new_page()
    opened(page, live_server, "list")

    # Two presses: to give takes as many, a tick or a choice and “Allow”.
    page.get_by_role("link", name="Stop sharing").click()
    press(page, "Stop sharing")

    assert gate.call(token).status_code in {401, 403}


def test_an_ended_session_keeps_what_was_ticked(page, leila, refill, live_server):
    page.goto(address(live_server, refill))
    page.get_by_role("switch", name="Your delivery area").check()
    tick(page)
    page.get_by_role("radio", name=re.compile("90 days")).check()
    Session.objects.all().delete()

    press(page, "Allow")
    assert page.get_by_text("Your session has ended.").is_visible()
    page.context.add_cookies(cookies_of(leila, live_server))
    page.goto(address(live_server, refill))

    assert page.get_by_role("switch", checked=True).count() == 1
    assert page.get_by_role("radio", checked=True).get_attribute("value") == "90"
    assert not Arrangement.objects.exists()


def test_an_amendment_marks_what_is_new_and_folds_away_what_stays(page, app, refill, live_server):
    page.goto(address(live_server, refill, scope="prescriptions:read"))
    tick(page)
    press(page, "Allow")
    page.wait_for_url(f"{app.callback}?**")
    page.goto(address(live_server, refill, scope="prescriptions:read refills:read"))

    new = page.locator('.grant[data-mark="new"]')
    assert new.count() == 1
    assert "New" in new.inner_text()
    assert new.locator("svg").count() >= 1
    stays = page.locator("details").filter(has_text="go on sharing")
    assert stays.get_attribute("open") is None
    assert not page.get_by_role("heading", name="Your prescriptions").is_visible()
    assert page.get_by_role("checkbox").count() == 0


def test_each_change_is_mailed_once_and_the_mails_are_the_notices_on_the_page(
    page, app, refill, leila, live_server
):
    page.goto(address(live_server, refill))
    tick(page)
    page.get_by_role("switch", name="Your delivery area").check()
    press(page, "Allow")
    page.wait_for_url(f"{app.callback}?**")
    opened(page, live_server, "change", APP)
    page.get_by_role("switch", name="Your delivery area").uncheck()
    press(page, "Save changes")
    opened(page, live_server, "arrangement", APP)
    press(page, "Pause")
    press(page, "Let it go on")
    opened(page, live_server, "stop", APP)
    press(page, "Stop sharing")
    log.deliver_due()

    mailed = Message.objects.filter(user=leila, kind__startswith="arrangements/")
    changes = Event.objects.filter(kind__startswith="consent.arrangement.")
    assert sorted(mailed.values_list("kind", flat=True)) == sorted(
        f"arrangements/{kind.rpartition('.')[2]}" for kind in changes.values_list("kind", flat=True)
    )
    page.goto(f"{live_server.url}/notices/")
    for message in mailed:
        assert page.get_by_text(message.subject).first.is_visible()


def test_a_pause_and_an_earlier_end_take_one_press_each(page, leila, refill, live_server):
    arrangement = share(leila.customer, refill, days=200)
    opened(page, live_server, "arrangement", APP)

    press(page, "Pause")
    assert page.get_by_text("Paused by you").is_visible()
    press(page, "Let it go on")
    opened(page, live_server, "change", APP)
    page.get_by_label("Ends").select_option("7")
    press(page, "Save this end")

    arrangement.refresh_from_db()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, minutes=1), tick=False):
        assert not arrangement.is_running(at=timezone.now())
    assert arrangement.is_running(at=timezone.now())
