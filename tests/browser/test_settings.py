"""The settings page: what is chosen takes effect at once, and its forms say under a field what is wrong with it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People, Person
from tests.support.window import Window

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1"
NETWORK = re.compile(r"net::ERR_|status of 4\d\d")


def open_settings(window: Opener, stack: Stack, person: Person, **options: object) -> Window:
    shown = window(stack, person, **{**DESKTOP, **options})
    shown.go("/settings")
    return shown


def open_all(page: Page) -> None:
    page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")


def log_in_elsewhere(stack: Stack, person: Person, agent: str, ago: str) -> HttpClient:
    """Log in with another device, used last so long ago."""
    http = HttpClient(stack.web.url)
    person.log_in(http)
    change = f"UPDATE tokens SET user_agent = %s, last_used_at = NOW(3) - INTERVAL {ago} ORDER BY id DESC LIMIT 1"
    stack.database.query(change, agent)
    return http


def test_a_switch_takes_effect_at_once_and_says_so(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    page = shown.page
    status = page.get_by_role("status")
    page.get_by_role("switch", name="Show when I am online").uncheck()
    expect(status).to_have_text("Saved")
    page.get_by_role("switch", name="Send read receipts").uncheck()
    page.get_by_role("switch", name="Show when I am online").check()
    page.get_by_role("switch", name="Sound").uncheck()
    page.get_by_role("radio", name="Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    shown.until("!document.querySelector('#toast .toast')")
    account = ada.http.get("/backend/get_account").json()
    assert (account["show_presence"], account["show_receipts"]) == (True, False)
    page.reload()
    expect(page.get_by_role("switch", name="Sound")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Send read receipts")).not_to_be_checked()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_a_choice_that_cannot_be_kept_is_taken_back_with_a_sentence(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    shown.allowed = NETWORK
    shown.page.route("**/backend/e_privacy", lambda route: route.abort())
    shown.page.get_by_role("switch", name="Send read receipts").click()
    expect(shown.page.get_by_role("status")).to_have_text("You are not connected right now. Try again in a moment.")
    expect(shown.page.get_by_role("switch", name="Send read receipts")).to_be_checked()


def test_who_was_logged_out_elsewhere_goes_to_the_login(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    shown.allowed = NETWORK
    stack.database.query("DELETE FROM tokens")
    shown.page.get_by_role("switch", name="Send read receipts").click()
    expect(shown.page.get_by_role("alert").first).to_have_text("Log in to continue.")


def test_a_device_says_when_it_was_used_in_the_readers_words(stack: Stack, window: Opener, ada: Person) -> None:
    log_in_elsewhere(stack, ada, IPHONE, "50 MINUTE")
    shown = open_settings(window, stack, ada, locale="it-IT", timezone_id="Pacific/Auckland")
    time = shown.page.locator("#device-list li", has_text="Safari su iPhone").locator("time")
    expect(time).to_have_text("50 minuti fa")
    day = "(time) => new Intl.DateTimeFormat('it-IT', { dateStyle: 'full' }).format(new Date(time.dateTime))"
    assert (time.get_attribute("title") or "").startswith(time.evaluate(day))
    expect(shown.page.locator("#device-list [data-own]")).to_contain_text("Attivo ora · questo dispositivo")


def test_a_device_is_logged_out_without_a_question(stack: Stack, window: Opener, ada: Person) -> None:
    phone = log_in_elsewhere(stack, ada, IPHONE, "2 DAY")
    others = [log_in_elsewhere(stack, ada, "curl/8", "3 DAY") for _ in range(2)]
    shown = open_settings(window, stack, ada)
    page = shown.page
    page.get_by_role("button", name="Log out Safari on iPhone").click()
    expect(page.get_by_role("status")).to_have_text("Logged out")
    expect(page.get_by_text("Safari on iPhone")).to_have_count(0)
    expect(page.locator("#device-list button").first).to_be_focused()
    assert phone.get("/backend/get_session").status == 401
    assert others[0].get("/backend/get_session").status == 200
    page.get_by_role("button", name="Log out everywhere else").click()
    expect(page.locator("#device-list li")).to_have_count(1)
    expect(page.get_by_role("button", name="Log out everywhere else")).to_have_count(0)
    assert [http.get("/backend/get_session").status for http in others] == [401, 401]
    assert ada.http.get("/backend/get_session").status == 200


def test_a_blocked_person_is_unblocked_in_the_list(stack: Stack, window: Opener, ada: Person, bob: Person) -> None:
    ada.http.post_json("/backend/e_block", {"user_id": bob.id})
    shown = open_settings(window, stack, ada)
    page = shown.page
    row = page.locator("#blocked summary")
    expect(row).to_contain_text("Blocked people1")
    row.click()
    page.get_by_role("button", name="Unblock bob").click()
    expect(page.get_by_role("status")).to_have_text("Unblocked")
    expect(page.get_by_text("You have blocked nobody.")).to_be_visible()
    expect(row).to_contain_text("Blocked people0")
    expect(row).to_be_focused()
    assert ada.http.get("/backend/get_account").json()["blocked"] == []


def test_the_way_back_leads_to_the_chat_that_was_open(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    people.chat_between(ada, eve)
    shown = window(stack, ada, **DESKTOP)
    other = window(stack, ada, of=shown)
    shown.open("bob")
    other.go("/")
    other.open("eve")  # this is the chat that a new page would open
    shown.page.click("#account")
    shown.page.get_by_role("link", name="Devices").click()
    shown.page.get_by_role("link", name="Profile").click()
    shown.page.get_by_role("link", name="Back to the chats").click()
    expect(shown.page.locator(".talk__name")).to_have_text("bob")
    shown.go("/settings")
    shown.page.get_by_role("link", name="Back to the chats").click()
    expect(shown.page.locator(".talk__name")).to_be_visible()


def test_the_list_of_groups_follows_the_scroll(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    page = shown.page
    current = page.locator("#groups [aria-current]")
    expect(current).to_have_text("Profile")
    for name in ("Storage", "Account", "Privacy"):
        page.get_by_role("link", name=name).click()
        expect(current).to_have_text(name)
        expect(page.get_by_role("heading", name=name)).to_be_in_viewport()
        expect(page.get_by_role("region", name=name)).to_be_focused()
    page.mouse.move(800, 400)
    page.mouse.wheel(0, 10_000)
    expect(current).to_have_text("Account")
    page.mouse.wheel(0, -10_000)
    expect(current).to_have_text("Profile")
    shown.go("/devices")
    expect(current).to_have_text("Devices")
    expect(page.get_by_role("heading", name="Devices")).to_be_in_viewport()


def test_what_is_missing_is_said_under_the_field_until_it_is_there(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    page = shown.page
    page.locator("#password summary").click()
    old, new = page.locator("#old-password"), page.locator("#new-password")
    page.get_by_role("button", name="Change password").click()
    expect(old).to_be_focused()
    expect(old).to_have_accessible_description("Write your password first.")
    expect(page.locator("#new-password-error")).to_have_text("Write a password first.")
    expect(new).to_have_attribute("aria-invalid", "true")
    old.fill("x")
    expect(page.locator("#old-password-error")).to_be_hidden()
    expect(old).not_to_have_attribute("aria-invalid", "true")
    new.fill("short")
    expect(page.locator("#new-password-error")).to_be_hidden()
    new.press("Enter")
    expect(new).to_be_focused()
    expect(page.locator("#new-password-error")).to_have_text("A password needs 8 to 1,024 characters.")
    new.press("End")
    page.keyboard.type("erer")
    expect(page.locator("#new-password-error")).to_be_hidden()
    new.press("Enter")
    expect(page.locator("#old-password-error")).to_have_text("That is not your password.")
    expect(old).to_be_focused()
    old.fill(PASSWORD)
    expect(page.locator("#old-password-error")).to_be_hidden()
    new.fill("an entirely new password")
    new.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your password was changed.")
    page.reload()
    expect(page.get_by_role("status")).to_be_empty()


def test_logging_out_asks_only_where_something_would_be_lost(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada, **DESKTOP)
    shown.allow_network_errors()
    page = shown.page
    shown.open("bob")
    page.context.set_offline(True)
    shown.say("not sent")
    expect(shown.banner).to_be_visible()
    url = page.url
    page.goto("about:blank")
    page.context.set_offline(False)
    page.route("**/socket*", lambda route: route.abort())
    page.goto(url.partition("#")[0] + "settings")
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("1 message has not been sent yet. It will be deleted.")
    assert shown.axe() == []
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_role("button", name="Log out and delete").click()
    expect(page.locator(".card h1")).to_contain_text("Log in")
    assert ada.http.get("/backend/get_session").status == 401


def test_the_settings_work_without_javascript(stack: Stack, window: Opener, ada: Person, bob: Person) -> None:
    ada.http.post_json("/backend/e_block", {"user_id": bob.id})
    log_in_elsewhere(stack, ada, IPHONE, "2 HOUR")
    shown = open_settings(window, stack, ada, java_script_enabled=False)
    page = shown.page
    page.get_by_role("switch", name="Send read receipts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved")
    assert ada.http.get("/backend/get_account").json()["show_receipts"] is False
    page.locator("#blocked summary").click()
    page.get_by_role("button", name="Unblock bob").click()
    expect(page.get_by_role("status")).to_have_text("Unblocked")
    page.get_by_role("button", name="Log out Safari on iPhone").click()
    expect(page.get_by_role("status")).to_have_text("Logged out")
    expect(page.locator("#device-list li")).to_have_count(1)
    expect(page.locator("#notifications")).to_be_hidden()
    page.get_by_text("Delete account", exact=True).click()
    page.fill("#delete-password", "not this one")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator("#delete-password-error")).to_have_text("That is not your password.")


def test_everything_in_the_settings_is_done_by_keyboard(stack: Stack, window: Opener, ada: Person) -> None:
    shown = open_settings(window, stack, ada)
    page = shown.page
    focused = page.locator(":focus")
    page.keyboard.press("Tab")
    expect(focused).to_have_id("back")
    for _ in range(7):
        page.keyboard.press("Tab")
    expect(focused).to_have_text("Account")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(focused).to_contain_text("Change password")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(focused).to_have_id("old-password")
    ring = "getComputedStyle(document.activeElement.closest('.field__box')).outlineStyle"
    assert page.evaluate(ring) == "solid"
    page.locator("#new-password").click()
    assert page.evaluate(ring) == "none"
    page.get_by_role("switch", name="Send read receipts").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text("Saved")
    page.get_by_role("radio", name="System").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


SMALL = """() => [...document.querySelectorAll("button, input, summary, a, label")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .filter((node) => !node.closest("label, .segments") || node.matches("label.row"))
  .filter((node) => !node.matches(".field > label"))
  .map((node) => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
  .map(([name, box]) => [name, box.width, box.height])"""


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_settings_are_accessible_with_every_row_open(
    stack: Stack, window: Opener, ada: Person, bob: Person, size: dict[str, object], locale: str
) -> None:
    ada.http.post_json("/backend/e_block", {"user_id": bob.id})
    log_in_elsewhere(stack, ada, IPHONE, "2 HOUR")
    shown = open_settings(window, stack, ada, locale=locale, **size)
    page = shown.page
    open_all(page)
    page.locator("#delete .button").click()
    page.locator("[name=sound]").click()
    expect(page.get_by_role("status")).to_be_visible()
    shown.check_both_themes()
    assert page.evaluate(SMALL) == []
    assert not shown.overflows()
    if size is PHONE:
        assert page.evaluate("getComputedStyle(document.querySelector('#old-password')).fontSize") == "16px"
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert not shown.overflows()
    knob = page.evaluate("document.querySelector('.switch:checked').getBoundingClientRect().x")
    assert knob < page.viewport_size["width"] / 2  # type: ignore[index]
