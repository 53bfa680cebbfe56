"""Coming in: registering, being invited, and the pages around the chat on the smallest phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.conftest import StackMaker
from tests.support.people import PASSWORD, People, Person
from tests.support.window import Window

SMALLEST = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def fill_in(window: Window, name: str, password: str = PASSWORD) -> None:
    window.page.fill("#username", name)
    window.page.fill("#password", password)
    window.page.click(".card .button")


def test_registering_in_the_page_goes_straight_on_to_the_chat(stack: Stack, window: Opener) -> None:
    shown = window(stack)
    shown.go("/register")
    fill_in(shown, "zoe")
    expect(shown.page.locator("#nothing h2")).to_have_text("Nobody to talk to yet")
    assert shown.page.url == shown.url + "/"
    shown.page.go_back()
    assert PASSWORD not in shown.page.url


def test_a_refused_registration_says_why_beside_the_field(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack)
    shown.allowed = re.compile(r"status of 4\d\d")
    shown.go("/register")
    fill_in(shown, "ada")
    expect(shown.page.locator("#username-error")).to_contain_text("Somebody here has this username already.")
    fill_in(shown, "аda")  # the first letter is Cyrillic
    expect(shown.page.locator("#username-error")).to_contain_text("This username mixes alphabets")
    expect(shown.page.locator("#username")).to_have_value("аda")


def test_a_red_error_goes_away_while_a_right_name_is_typed(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack)
    shown.allowed = re.compile(r"status of 4\d\d")
    page = shown.page
    field, error = page.locator("#username"), page.locator("#username-error")
    shown.go("/register?error=username_taken&username=ada")
    expect(error).to_contain_text("Somebody here has this username already.")
    field.press("End")
    field.press_sequentially("m")
    expect(error).to_be_hidden()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    fill_in(shown, "ada lovelace")
    expect(error).to_contain_text("A username has 1 to 50 characters: letters, digits and _ . -")
    expect(field).to_be_focused()
    field.press_sequentially("!")
    expect(error).to_be_visible()  # it is still no username
    field.fill("ada")
    expect(error).to_be_hidden()
    page.click(".card .button")
    expect(error).to_contain_text("Somebody here has this username already.")
    expect(page.locator("#password")).to_have_value(PASSWORD)
    shown.check_both_themes()
    field.fill("adele")
    expect(error).to_be_hidden()
    page.click(".card .button")
    expect(page.locator("#nothing h2")).to_be_visible()


def test_an_empty_form_is_not_sent_and_the_browser_says_nothing(stack: Stack, window: Opener) -> None:
    shown = window(stack)
    page = shown.page
    for path in ("/login", "/register"):
        shown.go(path)
        assert page.evaluate("document.querySelector('form[action^=\"/backend\"]').noValidate")
        page.click(".card .button")
        expect(page.locator("#username")).to_be_focused()
        expect(page.locator("#username-error")).to_have_text("Write a username first.")
        expect(page.locator("#username")).to_have_accessible_description(re.compile("^Write a username first."))
        expect(page.locator("#password-error")).to_have_text(re.compile("Write (your|a) password first."))
        assert page.url == shown.url + path


def test_a_ring_around_a_field_is_for_who_moves_by_keys(stack: Stack, window: Opener) -> None:
    shown = window(stack)
    page = shown.page
    shown.go("/login")
    ring = "getComputedStyle(document.activeElement.closest('.field__box')).outlineStyle"
    page.click("#username")
    assert page.evaluate(ring) == "none"
    page.keyboard.type("ada")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(ring) == "none"
    page.keyboard.press("Tab")
    assert page.evaluate(ring) == "solid"
    page.click("#username")
    assert page.evaluate(ring) == "none"


def test_an_outage_while_registering_is_not_mistaken_for_a_refusal(stack: Stack, window: Opener) -> None:
    shown = window(stack)
    shown.allow_network_errors()
    shown.go("/register")
    shown.page.route("**/backend/e_register", lambda route: route.abort())
    fill_in(shown, "zoe")
    expect(shown.page.get_by_role("alert")).to_contain_text("The account may or may not have been created.")


def test_an_invitation_is_copied_and_ends_in_a_chat(own_web: StackMaker, window: Opener) -> None:
    stack = own_web(REGISTRATION="invite")
    ada = People(stack).register("ada")
    hers = window(stack, ada, permissions=["clipboard-read", "clipboard-write"])
    hers.page.click("#new-chat")
    assert hers.axe() == []
    hers.page.get_by_role("link", name="Invite somebody").click()
    hers.page.get_by_role("button", name="Create an invitation").click()
    expect(hers.page).to_have_url(hers.url + "/invite")
    link = hers.page.locator("#invite-link").text_content()
    hers.page.get_by_role("button", name="Copy the link").click()
    expect(hers.page.get_by_role("button", name="Copied")).to_be_visible()
    assert hers.page.evaluate("navigator.clipboard.readText()") == link
    hers.page.reload()
    expect(hers.page.locator("#invite-link")).to_have_text(link or "")
    assert len(stack.database.query("SELECT id FROM invites")) == 1
    assert hers.axe() == []
    guest = window(stack)
    guest.page.goto(link or "")
    fill_in(guest, "bob")
    guest.open("ada")
    guest.say("thank you")
    guest.expect_tick("thank you", "sent")
    hers.go("/")
    hers.open("bob")
    hers.expect_texts("thank you")


def test_an_invitation_is_shared_where_the_system_can(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack, ada)
    shown.page.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    shown.go("/invite")
    shown.page.get_by_role("button", name="Create an invitation").click()
    link = shown.page.locator("#invite-link").text_content()
    shown.page.get_by_role("button", name="Share the link").click()
    assert shown.page.evaluate("window.shared") == {"text": "ada invites you to ChatApp.", "url": link}


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
def test_no_page_scrolls_sideways_on_the_smallest_phone(
    stack: Stack, window: Opener, people: People, locale: str
) -> None:
    """With the longest name, which has nowhere to break."""
    longest = people.register("W" * 50)
    blocked = people.register("M" * 50)
    assert longest.http.post_json("/backend/e_block", {"user_id": blocked.id}).status == 200
    stack.database.query("UPDATE tokens SET user_agent = 'Mozilla/5.0 (Linux) SamsungBrowser/28.0 Chrome/130'")
    visitor = window(stack, locale=locale, **SMALLEST)
    errors = ("username_taken", "mixed_scripts", "bad_password", "fate_unknown", "rate_limited", "bad_invite")
    pages = ["/login", "/login?registered=1", "/logout", "/register", f"/login?error=wrong_login&username={'W' * 50}"]
    pages += ["/reset?token=unknown", *(f"/register?error={error}&username={'W' * 50}" for error in errors)]
    for path in pages:
        visitor.go(path)
        assert not visitor.overflows(), path
    own = window(stack, longest, locale=locale, **SMALLEST)
    for path in ("/settings", "/settings?error=wrong_password&form=delete", "/settings?done=password", "/invite"):
        own.go(path)
        assert not own.overflows(), path
    own.page.locator("form[action='/backend/e_invite'] button").click()
    expect(own.page.locator("#copy")).to_be_visible()
    assert not own.overflows()
