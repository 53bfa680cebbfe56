"""Choosing an emoji among all: for a text, and as a reaction."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.waiting import wait_until
from tests.support.window import Window, say_as

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def sheet(shown: Window) -> Locator:
    return shown.page.locator(".emoji-sheet")


def emoji(shown: Window, name: str) -> Locator:
    """An emoji that the picker offers, by its name."""
    return sheet(shown).locator(f'.tabpanel button.emoji[title="{name}"]')


def open_picker(shown: Window) -> None:
    shown.page.get_by_role("button", name="Emoji").click()
    expect(sheet(shown).locator(".tabpanel button.emoji").first).to_be_visible()


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    say_as(bob, chat, "from bob")
    opened = window(stack, ada)
    opened.open("bob")
    opened.expect_texts("from bob")
    return opened


def test_an_emoji_is_written_where_the_caret_is(shown: Window) -> None:
    shown.field.fill("one two")
    for _ in range(4):
        shown.field.press("ArrowLeft")
    open_picker(shown)
    shown.check_both_themes()
    emoji(shown, "grinning face").click()
    emoji(shown, "grinning face").click()
    expect(sheet(shown).locator("[role=status]").last).to_have_text("😀 added")
    shown.page.keyboard.press("Escape")
    expect(sheet(shown)).to_be_hidden()
    expect(shown.field).to_be_focused()
    expect(shown.field).to_have_value("one😀😀 two")
    shown.page.keyboard.type("!")
    shown.page.keyboard.press("Enter")
    shown.expect_texts("from bob", "one😀😀! two")


def test_nothing_of_the_picker_is_loaded_before_somebody_opens_it(shown: Window) -> None:
    loaded = "performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('vendor'))"
    shown.page.keyboard.press("ArrowUp")
    assert shown.page.evaluate(loaded) == []
    kept = """caches.keys()
      .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
      .then((all) => all.flat().filter((one) => one.url.includes('vendor')).length)"""
    shown.until("Boolean(navigator.serviceWorker.controller)")
    assert shown.page.evaluate(kept) == 0
    open_picker(shown)
    assert len(shown.page.evaluate(loaded)) >= 3


def test_an_emoji_is_found_and_written_with_the_keyboard_alone(shown: Window) -> None:
    page = shown.page
    shown.field.focus()
    page.keyboard.press("Tab")
    expect(page.locator("#emoji")).to_be_focused()
    page.keyboard.press("Enter")
    expect(sheet(shown).get_by_role("combobox")).to_be_focused()
    page.keyboard.type("hedgehog")
    expect(sheet(shown).locator(".tabpanel button.emoji")).to_have_count(1)
    shown.check_both_themes()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(shown.field).to_have_value("🦔")
    page.keyboard.press("Escape")  # ends the search, the next one all
    expect(sheet(shown).get_by_role("combobox")).to_have_value("")
    page.keyboard.press("Escape")
    expect(shown.field).to_be_focused()
    page.keyboard.press("Enter")
    shown.expect_texts("from bob", "🦔")


def test_any_emoji_can_be_a_reaction_with_a_tone_of_skin_too(
    shown: Window, stack: Stack, window: Opener, bob: Person
) -> None:
    other = window(stack, bob)
    other.open("ada")
    menu = shown.page.locator("#message-menu")
    shown.message("from bob").locator(".bubble").click(button="right")
    menu.get_by_role("button", name="More reactions").click()
    expect(shown.page.get_by_role("dialog", name="React")).to_be_visible()
    expect(menu).to_be_hidden()
    sheet(shown).locator("#skintone-button").click()
    sheet(shown).get_by_role("option", name="Dark", exact=True).click()
    sheet(shown).get_by_role("combobox").fill("thumbsup")
    emoji(shown, "thumbs up").click()
    expect(sheet(shown)).to_be_hidden()
    for side in (shown, other):
        expect(side.message("from bob").locator(".reaction .emoji")).to_have_text("👍🏿")


def test_the_picker_speaks_the_language_of_the_reader(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "ciao")
    shown = window(stack, ada, locale="it-IT")
    shown.open("bob")
    shown.page.get_by_role("button", name="Emoji").click()
    field = sheet(shown).get_by_role("combobox")
    expect(field).to_have_attribute("placeholder", "Cerca")
    field.fill("riccio")
    emoji(shown, "riccio").click()
    expect(shown.field).to_have_value("🦔")


@pytest.mark.parametrize("width", [320, 375])
def test_a_phone_has_the_picker_as_a_sheet(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, width: int
) -> None:
    say_as(bob, chat, "from bob")
    shown = window(stack, ada, **{**PHONE, "viewport": {"width": width, "height": 600}})
    shown.row("bob").tap()
    shown.page.get_by_role("button", name="Emoji").tap()
    expect(emoji(shown, "grinning face")).to_be_visible()
    box = sheet(shown).bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, 600)
    assert not sheet(shown).locator(".tabpanel").evaluate("(node) => node.scrollWidth > node.clientWidth")
    # The keyboard of the phone would cover it.
    expect(sheet(shown).get_by_role("combobox")).not_to_be_focused()
    shown.check_both_themes()
    emoji(shown, "grinning face").tap()
    expect(shown.field).to_have_value("😀")
    sheet(shown).get_by_role("button", name="Close").tap()
    expect(sheet(shown)).to_be_hidden()


def test_without_a_network_somebody_who_never_opened_it_is_told(shown: Window) -> None:
    shown.allow_network_errors()
    shown.until("Boolean(navigator.serviceWorker.controller)")
    shown.page.context.set_offline(True)
    shown.page.get_by_role("button", name="Emoji").click()
    expect(shown.page.locator("#status")).to_have_text("You are not connected right now. Try again in a moment.")
    shown.page.context.set_offline(False)
    expect(shown.banner).to_be_hidden()
    open_picker(shown)


def test_whoever_opened_it_once_has_it_without_a_network(shown: Window) -> None:
    shown.allow_network_errors()
    shown.until("Boolean(navigator.serviceWorker.controller)")
    open_picker(shown)
    shown.page.context.set_offline(True)
    shown.page.reload()
    expect(shown.banner).to_contain_text("You are offline")
    # The messages are not there, the picker is.
    shown.page.evaluate("document.querySelector('.foot').hidden = false")
    open_picker(shown)
    emoji(shown, "grinning face").click()
    expect(shown.field).to_have_value("😀")


KEPT = "indexedDB.databases().then((all) => all.filter(({ name }) => name.includes('emoji')).length)"


def test_which_emoji_somebody_uses_is_forgotten_with_the_logout(shown: Window) -> None:
    open_picker(shown)
    emoji(shown, "grinning face").click()
    assert shown.page.evaluate(KEPT) == 1
    shown.page.keyboard.press("Escape")
    shown.page.click("#account")
    shown.page.get_by_role("button", name="Log out").click()
    expect(shown.page.locator(".card h1")).to_have_text("Log in")
    assert shown.page.evaluate(KEPT) == 0


def test_a_logout_forgets_the_emoji_while_another_tab_has_the_picker(
    stack: Stack, window: Opener, ada: Person, shown: Window
) -> None:
    open_picker(shown)
    emoji(shown, "grinning face").click()
    second = window(stack, ada, of=shown)
    for opened in (shown, second):
        opened.allow_the_end_of_the_login()
    second.page.click("#account")
    second.page.get_by_role("button", name="Log out").click()
    for opened in (shown, second):
        expect(opened.page.locator(".card h1")).to_have_text("Log in")
    wait_until(lambda: second.page.evaluate(KEPT) == 0)
