"""Selecting several messages, to copy or delete them together."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.browser.test_reading import fill
from tests.support.people import Person
from tests.support.window import Window, say_as

PHONE = {"viewport": {"width": 320, "height": 600}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
TEXTS = ("one", "two", "three", "four")


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    """Ada wrote one and three, Bob two and four."""
    for index, text in enumerate(TEXTS):
        say_as((ada, bob)[index % 2], chat, text)
    opened = window(stack, ada, permissions=["clipboard-read", "clipboard-write"])
    opened.open("bob")
    opened.expect_texts(*TEXTS)
    return opened


def bar(shown: Window) -> Locator:
    return shown.page.get_by_role("toolbar", name="Selected messages")


def select(shown: Window, text: str) -> None:
    """Begin, from a message's menu."""
    shown.message(text).locator(".bubble").click(button="right")
    shown.page.locator("#message-menu").get_by_role("button", name="Select", exact=True).click()
    expect(bar(shown)).to_be_visible()


def expect_selected(shown: Window, *texts: str) -> None:
    expect(bar(shown)).to_contain_text(f"{len(texts)} selected")
    expect(shown.page.locator("#status")).to_have_text(f"{len(texts)} selected")
    chosen = shown.page.locator(".message:has(> .pick:checked) .bubble__text")
    expect(chosen).to_have_text(list(texts))


def expect_ended(shown: Window) -> None:
    expect(bar(shown)).to_have_count(0)
    expect(shown.page.locator(".pick")).to_have_count(0)
    expect(shown.field).to_be_visible()


def clipboard(shown: Window) -> str:
    return str(shown.page.evaluate("navigator.clipboard.readText()"))


def test_a_click_selects_and_takes_back_and_shift_takes_all_between(shown: Window) -> None:
    select(shown, "one")
    expect_selected(shown, "one")
    expect(shown.field).to_be_hidden()
    expect(shown.page.locator("#person")).to_be_hidden()
    shown.message("four").locator(".bubble").click()
    expect_selected(shown, "one", "four")
    shown.message("four").locator(".pick").click()
    expect_selected(shown, "one")
    shown.message("three").locator(".bubble").click(modifiers=["Shift"])
    expect_selected(shown, "one", "two", "three")
    shown.check_both_themes()
    bar(shown).get_by_role("button", name="Cancel").click()
    expect_ended(shown)


def test_selecting_needs_no_mouse(shown: Window) -> None:
    page = shown.page
    page.locator(".scroller").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("s")
    expect(bar(shown)).to_be_visible()
    expect(shown.message("four").locator(".pick")).to_be_focused()
    expect(shown.message("four").locator(".pick")).to_have_attribute("aria-label", "bob: four")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect_selected(shown, "two", "four")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect_selected(shown, "two")
    page.locator("#filter").focus()
    page.keyboard.type("c")
    page.keyboard.press("Delete")
    expect_selected(shown, "two")
    shown.message("four").locator(".pick").focus()
    page.keyboard.press("Delete")  # it is not hers
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(bar(shown).get_by_role("button", name="Copy")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(shown.message("four").locator(".pick")).to_be_focused()
    page.keyboard.press("Escape")
    expect_ended(shown)
    expect(page.locator("#status")).to_have_text("Selecting stopped")
    expect(shown.message("four")).to_be_focused()
    expect(page.locator(".talk__name")).to_have_text("bob")


def test_what_is_copied_says_who_wrote_it_where_both_did(shown: Window) -> None:
    select(shown, "one")
    shown.message("three").click()
    bar(shown).get_by_role("button", name="Copy").click()
    expect_ended(shown)
    expect(shown.page.locator("#status")).to_have_text("2 messages copied")
    assert clipboard(shown) == "one\nthree"
    select(shown, "two")
    shown.message("one").click()
    shown.page.keyboard.press("c")
    expect_ended(shown)
    assert re.fullmatch(r"You, .*\d:\d\d.*\none\n\nbob, .*\d:\d\d.*\ntwo", clipboard(shown))


def test_only_own_messages_are_deleted_and_how_many_is_asked_first(
    shown: Window, stack: Stack, window: Opener, bob: Person
) -> None:
    question = shown.page.locator("#confirm-dialog")
    remove = bar(shown).get_by_role("button", name="Delete for both")
    select(shown, "two")
    expect(remove).to_be_disabled()
    shown.message("one").click()
    shown.message("three").click()
    remove.click()
    expect(question).to_contain_text("Delete 2 messages?")
    expect(question).to_contain_text("Only your own messages are deleted")
    shown.check_both_themes()
    question.get_by_role("button", name="Cancel").click()
    expect_selected(shown, "one", "two", "three")
    remove.click()
    question.get_by_role("button", name="Delete for both").click()
    expect_ended(shown)
    gone = "You deleted this message"
    shown.expect_texts(gone, "two", gone, "four")
    expect(shown.page.locator("#status")).to_have_text("2 messages deleted")
    other = window(stack, bob)
    other.open("ada")
    other.expect_texts("This message was deleted", "two", "This message was deleted", "four")


def test_what_is_deleted_meanwhile_is_selected_no_longer(shown: Window, bob: Person, chat: int) -> None:
    select(shown, "two")
    shown.message("one").click()
    expect_selected(shown, "one", "two")
    elsewhere = bob.connect(features=["changes"])
    elsewhere.send("delete_message", chat_id=chat, seq=2, client_id="gone")
    elsewhere.wait_for("changed")
    expect(bar(shown)).to_contain_text("1 selected")
    expect(shown.page.locator(".pick")).to_have_count(3)


def test_another_chat_ends_it(shown: Window, eve: Person) -> None:
    select(shown, "one")
    shown.start_chat("eve")
    expect_ended(shown)
    shown.open("bob")
    expect_ended(shown)


def test_messages_stay_selected_that_are_not_in_the_page(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    fill(stack, chat, ada, [f"message {number}" for number in range(1, 401)])
    shown = window(stack, ada, permissions=["clipboard-read", "clipboard-write"])
    shown.open("bob")
    select(shown, "message 400")
    up = "document.querySelector('.scroller').scrollTop = 0, !document.querySelector('[data-seq=\"400\"]')"
    shown.until(up)
    shown.page.locator(".message").first.click(modifiers=["Shift"])
    bar(shown).get_by_role("button", name="Copy").click()
    expect_ended(shown)
    lines = clipboard(shown).splitlines()
    assert lines[-1] == "message 400"
    assert len(lines) > 240
    assert lines == [f"message {number}" for number in range(401 - len(lines), 401)]


def test_on_a_phone_a_tap_selects_and_nothing_else(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "look at https://example.org/ or not, it is long enough for two lines")
    say_as(ada, chat, "mine")
    shown = window(stack, ada, **PHONE)
    shown.row("bob").tap()
    select(shown, "mine")
    shown.message("look at").locator(".bubble").tap()
    expect(bar(shown)).to_contain_text("2 selected")
    assert not shown.overflows()
    shown.check_both_themes()
    shown.page.go_back()
    expect(bar(shown)).to_have_count(0)
    expect(shown.message("look at")).to_be_visible()
    shown.page.go_back()
    expect(shown.row("bob")).to_be_visible()
