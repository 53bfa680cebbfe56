"""For how long messages are kept: either chooses, both are told, either undoes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.conftest import StackMaker
from tests.support.answers import wait_for_answer
from tests.support.people import People, Person
from tests.support.window import Window, say_as

DAY = 86_400


@pytest.fixture
def adas(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    say_as(bob, chat, "from bob")
    opened = window(stack, ada)
    expect(opened.page.locator("#list[data-tools]")).to_be_visible()
    opened.open("bob")
    opened.expect_texts("from bob")
    return opened


@pytest.fixture
def bobs(stack: Stack, window: Opener, bob: Person, adas: Window) -> Window:
    """Bob reads Italian."""
    opened = window(stack, bob, locale="it-IT")
    opened.open("ada")
    opened.expect_texts("from bob")
    return opened


def dialog(shown: Window) -> Locator:
    return shown.page.locator("#keep-dialog")


def ask(shown: Window) -> None:
    shown.page.click("#chat-options")
    shown.page.locator("#chat-menu [data-action=keep]").click()
    expect(dialog(shown)).to_be_visible()


def choose(shown: Window, words: str) -> None:
    ask(shown)
    dialog(shown).get_by_text(words, exact=True).click()
    dialog(shown).locator(".button").click()
    expect(dialog(shown)).to_be_hidden()


def kept(stack: Stack) -> int | None:
    [row] = stack.database.query("SELECT keep_seconds FROM chats")
    return row["keep_seconds"]  # type: ignore[no-any-return]


def test_both_are_told_in_their_own_language_and_either_undoes_it(stack: Stack, adas: Window, bobs: Window) -> None:
    ask(adas)
    expect(dialog(adas).locator("label")).to_have_text(["Off", "1 day", "1 week", "30 days", "90 days", "1 year"])
    expect(dialog(adas).get_by_role("radio", name="Off")).to_be_checked()
    expect(dialog(adas).get_by_role("radio", name="Off")).to_be_focused()
    adas.check_both_themes()
    adas.page.keyboard.press("ArrowDown")
    adas.page.keyboard.press("ArrowDown")
    adas.page.keyboard.press("Enter")
    expect(dialog(adas)).to_be_hidden()
    expect(adas.bubbles().last).to_have_text(
        re.compile(r"^You set messages to disappear after 1 week\. Older ones start to go tomorrow at \d?\d:\d\d\.$")
    )
    expect(bobs.bubbles().last).to_have_text(
        re.compile(
            r"^\u2068ada\u2069 ha impostato la scomparsa dei messaggi dopo 1 settimana\. Quelli più vecchi .*\.$"
        )
    )
    expect(adas.page.locator(".talk__keep")).to_contain_text("1 week")
    expect(bobs.page.locator(".talk__keep")).to_contain_text("1 settimana")
    expect(bobs.row("ada").locator(".badge")).to_be_hidden()
    adas.check_both_themes()
    bobs.page.get_by_role("button", name="Annulla").click()
    expect(adas.bubbles().last).to_have_text("\u2068bob\u2069 turned off disappearing messages.")
    expect(bobs.bubbles().last).to_have_text("Hai disattivato i messaggi a scomparsa.")
    for shown in (adas, bobs):
        expect(shown.page.locator(".talk__keep")).to_be_hidden()
        expect(shown.page.locator(".message--notice button")).to_have_count(1)
    assert kept(stack) is None
    adas.page.get_by_role("button", name="Undo").press("Enter")
    expect(bobs.page.locator(".talk__keep")).to_be_visible()
    expect(adas.page.locator(".message--notice button")).to_have_count(1)
    expect(adas.page.locator(".message--notice:focus")).to_have_count(1)
    expect(bobs.page.locator(".talk__keep")).to_contain_text("1 settimana")
    assert kept(stack) == 7 * DAY


def test_undo_goes_back_to_what_was_so_before(stack: Stack, adas: Window, bobs: Window) -> None:
    choose(adas, "30 days")
    expect(adas.page.locator(".talk__keep")).to_contain_text("30 days")
    ask(adas)
    expect(dialog(adas).get_by_role("radio", name="30 days")).to_be_checked()
    adas.page.keyboard.press("Escape")
    choose(adas, "1 day")
    expect(adas.page.locator(".talk__keep")).to_contain_text("1 day")
    expect(adas.page.locator(".message--notice button")).to_have_count(1)
    adas.page.get_by_role("button", name="Undo").click()
    expect(adas.page.locator(".talk__keep")).to_contain_text("30 days")
    adas.page.reload()
    expect(adas.page.locator(".talk__keep")).to_contain_text("30 days")
    expect(adas.page.locator(".message--notice")).to_have_count(3)
    assert kept(stack) == 30 * DAY


def test_a_time_that_another_client_has_set_can_be_kept(adas: Window, bob: Person, chat: int) -> None:
    bob.connect().send("set_keep", chat_id=chat, seconds=5 * 3600, client_id="k")
    expect(adas.page.locator(".talk__keep")).to_contain_text("5 hours")
    ask(adas)
    expect(dialog(adas).get_by_role("radio", name="5 hours")).to_be_checked()
    dialog(adas).locator(".button").click()
    expect(dialog(adas)).to_be_hidden()
    expect(adas.page.locator(".message--notice")).to_have_count(1)


def test_across_a_block_it_stays_as_it_is(stack: Stack, adas: Window, bob: Person, ada: Person, chat: int) -> None:
    bob.http.post_json("/backend/e_block", {"user_id": ada.id})
    wait_for_answer(ada.connect(), chat, "error")
    ask(adas)
    dialog(adas).get_by_text("1 day", exact=True).click()
    dialog(adas).locator(".button").click()
    error = dialog(adas).get_by_role("alert")
    expect(error).to_have_text("You cannot write to each other, so this stays as it is.")
    adas.check_both_themes()
    assert kept(stack) is None


def test_without_a_connection_one_is_told_that_nothing_is_set(stack: Stack, adas: Window) -> None:
    ask(adas)
    adas.allow_network_errors()
    adas.page.context.set_offline(True)
    expect(adas.banner).to_be_visible()
    dialog(adas).get_by_text("1 day", exact=True).click()
    dialog(adas).locator(".button").click()
    expect(dialog(adas).get_by_role("alert")).to_have_text("You are offline. This can be changed when you are back.")
    assert kept(stack) is None


def test_what_goes_leaves_the_page(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack(WS_PURGE_SECONDS="0.05")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    for text in ("text 1", "text 2", "text 3"):
        bob.say(chat, text)
    stack.database.query("UPDATE messages SET sent_at = '2026-01-01 09:31:00'")
    shown = window(stack, ada)
    shown.open("bob")
    shown.expect_texts("text 1", "text 2", "text 3")
    # As if it had been chosen long ago.
    stack.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = '2026-01-02' WHERE id = %s", chat)
    shown.expect_texts()
    expect(shown.row("bob").locator(".chat__last")).to_have_text("No messages any more")
    expect(shown.page.locator(".beginning")).to_have_text("BOlder messages are gone.")
    say_as(bob, chat, "and on")
    shown.expect_texts("and on")
