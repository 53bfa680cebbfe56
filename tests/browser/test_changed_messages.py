"""Messages that were edited, deleted, reacted to or answered show as they are now, on every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.socket import Socket
from tests.support.window import Window, say_as

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


class Device:
    """Another device of a person, which changes messages."""

    def __init__(self, person: Person, chat: int) -> None:
        self.socket: Socket = person.connect(features=["changes"])
        self.chat = chat
        self._count = 0

    def change(self, kind: str, seq: int, **fields: object) -> None:
        self._count += 1
        self.socket.send(kind, chat_id=self.chat, seq=seq, client_id=f"{kind}-{self._count}", **fields)
        self.socket.wait_for("changed")

    def answer(self, seq: int, text: str) -> None:
        self.socket.send("send_message", chat_id=self.chat, message=text, reply_to_seq=seq)
        self.socket.wait_for("message_sent")


@pytest.fixture
def device(bob: Person, chat: int) -> Device:
    return Device(bob, chat)


def quote(shown: Window, text: str) -> Locator:
    return shown.message(text).locator(".quote")


def reactions(shown: Window, text: str) -> Locator:
    return shown.message(text).locator(".reaction")


def test_an_edit_a_deletion_and_a_reaction_show_live_and_after_a_reload(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, device: Device
) -> None:
    for text in ("first", "second", "third"):
        say_as(bob, chat, text)
    shown = window(stack, ada)
    shown.open("bob")
    shown.say("mine")
    shown.expect_texts("first", "second", "third", "mine")
    expect(shown.message("mine")).to_have_attribute("data-seq", "4")
    device.change("edit_message", 1, message="first, edited")
    device.change("delete_message", 2)
    device.change("react", 4, emoji="👍")
    for _ in range(2):
        shown.expect_texts("first, edited", "This message was deleted", "third", "mine")
        expect(shown.message("first").locator(".bubble__edited")).to_have_text("edited")
        expect(shown.message("third").locator(".bubble__edited")).to_have_count(0)
        expect(reactions(shown, "mine")).to_have_attribute("aria-label", "👍 from \u2068bob\u2069")
        shown.check_both_themes()
        shown.page.reload()
    device.change("react", 4, emoji=None)
    expect(reactions(shown, "mine")).to_have_count(0)


def test_the_list_says_what_was_edited_and_that_it_was_deleted(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, device: Device
) -> None:
    say_as(bob, chat, "only")
    shown = window(stack, ada)
    last = shown.row("bob").locator(".chat__last")
    expect(last).to_have_text("only")
    expect(shown.row("bob").locator(".badge")).to_have_text("1")
    device.change("edit_message", 1, message="only this")
    expect(last).to_have_text("only this")
    device.change("delete_message", 1)
    expect(last).to_have_text("This message was deleted")
    expect(shown.row("bob").locator(".badge")).to_be_hidden()


def test_what_changed_while_nobody_was_connected_is_there_afterwards(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, device: Device
) -> None:
    for text in ("one", "two"):
        say_as(bob, chat, text)
    shown = window(stack, ada)
    shown.allow_network_errors()
    shown.open("bob")
    shown.expect_texts("one", "two")
    shown.page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    device.change("edit_message", 1, message="ONE")
    device.change("delete_message", 2)
    shown.page.context.set_offline(False)
    shown.expect_texts("ONE", "This message was deleted")


def test_a_reaction_is_joined_and_taken_back_with_a_click(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, device: Device
) -> None:
    say_as(bob, chat, "news")
    shown, other = window(stack, ada), window(stack, bob)
    shown.open("bob")
    other.open("ada")
    device.change("react", 1, emoji="🎉")
    reactions(shown, "news").click()
    for side in (shown, other):
        expect(reactions(side, "news")).to_have_attribute("aria-label", "🎉 2, from you both")
        expect(reactions(side, "news").locator("b")).to_have_text("2")
    shown.check_both_themes()
    reactions(shown, "news").press("Enter")
    expect(reactions(shown, "news")).to_have_attribute("aria-label", "🎉 from \u2068bob\u2069")
    expect(reactions(other, "news")).to_have_attribute("aria-label", "🎉 from you")
    expect(shown.message("news")).to_be_focused()


def test_a_quote_leads_to_what_it_answers_and_says_what_became_of_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, device: Device
) -> None:
    say_as(bob, chat, "the question " + "very long " * 60)
    for number in range(60):
        say_as(bob, chat, f"line {number}\n\n\n\n")
    device.answer(1, "the answer")
    shown = window(stack, ada, **PHONE)
    shown.row("bob").tap()
    shown.page.locator("#jump").tap()
    expect(quote(shown, "the answer")).to_contain_text("bob")
    assert not shown.overflows()
    shown.check_both_themes()
    quote(shown, "the answer").tap()
    expect(shown.message("the question")).to_be_in_viewport()
    expect(shown.message("the question")).to_be_focused()
    shown.page.locator("#jump").tap()
    expect(shown.message("the answer")).to_be_in_viewport()
    device.change("edit_message", 1, message="another question")
    expect(quote(shown, "the answer").locator(".quote__line")).to_have_text("another question")
    device.change("delete_message", 1)
    expect(quote(shown, "the answer").locator(".quote__line")).to_have_text("This message was deleted")
    shown.check_both_themes()
