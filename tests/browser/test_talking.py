"""Two people with two browsers: from registering to seeing that the other one has read it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import People, Person
from tests.support.window import Window, say_as

PASSWORD = "three words together"


def register(window: Window, name: str) -> None:
    page = window.page
    window.go("/register")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click(".card .button")
    expect(page.locator("#nothing h2")).to_have_text("Nobody to talk to yet")


def test_two_people_register_talk_reload_and_see_everything(stack: Stack, window: Opener) -> None:
    ada, bob = window(stack), window(stack)
    register(ada, "ada")
    register(bob, "bob")
    ada.check_both_themes()
    ada.start_chat("bob")
    expect(ada.field).to_be_focused()
    bob.open("ada")
    expect(ada.page.locator(".talk__state")).to_have_text("online")

    ada.field.press_sequentially("Hello")
    expect(bob.page.locator("li.typing")).to_be_visible()
    ada.field.press("Shift+Enter")
    ada.field.press_sequentially("you")
    ada.field.press("Enter")
    bob.expect_texts("Hello\nyou")
    expect(bob.page.locator(".talk__state")).to_have_text("online")
    bob.say("Hi 👋")
    bob.say("🎉🚲")
    ada.expect_texts("Hello\nyou", "Hi 👋", "🎉🚲")
    expect(ada.page.locator(".message--emoji")).to_have_count(1)
    ada.check_both_themes()

    ada.page.reload()
    bob.page.reload()
    for side in (ada, bob):
        side.expect_texts("Hello\nyou", "Hi 👋", "🎉🚲")
    expect(ada.page.locator(".day")).to_have_text("Today")


def test_ticks_go_from_sent_to_delivered_to_read(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.open("bob")
    shown.say("Are you there?")
    shown.expect_tick("Are you there?", "sent")
    phone = bob.connect()
    phone.send("delivered", chat_id=chat, seq=1)
    shown.expect_tick("Are you there?", "delivered")
    phone.send("read", chat_id=chat, seq=1)
    shown.expect_tick("Are you there?", "read")
    expect(shown.page.locator(".talk__state")).to_have_text("online")


def test_an_open_chat_is_read_and_another_one_counts(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    shown = window(stack, ada)
    shown.open("bob")
    say_as(bob, chat, "in the open chat")
    shown.expect_texts("in the open chat")
    expect(shown.page.locator("#new-messages p")).to_have_text("\u2068bob\u2069: in the open chat")
    expect(shown.row("bob").locator(".badge")).to_be_hidden()
    socket = eve.connect()
    for text in ("one", "two"):
        say_as(eve, other, text)
    expect(shown.row("eve").locator(".badge")).to_have_text("2")
    expect(shown.page).to_have_title("(2) bob · ChatApp")
    expect(shown.page.locator("#favicon")).to_have_attribute("href", re.compile("unread-2"))
    names = shown.page.locator("a.chat .chat__name bdi")
    expect(names).to_have_text(["eve", "bob"])
    receipt = socket.wait_for("receipt", delivered_seq=2)
    assert receipt["read_seq"] == 0
    shown.open("eve")
    expect(shown.page.locator(".unread-line")).to_have_text("New messages")
    assert socket.wait_for("receipt", read_seq=2)["user_id"] == ada.id
    expect(shown.page).to_have_title("eve · ChatApp")


def test_a_new_chat_with_nobody_or_with_oneself_is_explained(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack, ada)
    shown.page.click("#new-chat")
    error = shown.page.locator("#other-name-error")
    for name, words in (("", "Write a username first"), ("nobody", "Check the spelling"), ("ada", "That is you")):
        shown.page.fill("#other-name", name)
        shown.page.keyboard.press("Enter")
        expect(error).to_contain_text(words)
        expect(shown.page.locator("#other-name")).to_be_focused()
    shown.check_both_themes()
    shown.page.keyboard.press("Escape")
    expect(shown.page.locator("dialog[open]")).to_have_count(0)
    expect(shown.page.locator("#new-chat")).to_be_focused()


def test_a_draft_stays_with_its_chat(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    people.chat_between(ada, eve)
    shown = window(stack, ada)
    shown.open("bob")
    shown.field.fill("not yet finished")
    shown.open("eve")
    expect(shown.field).to_have_value("")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("Draft: not yet finished")
    shown.page.reload()
    shown.open("bob")
    expect(shown.field).to_have_value("not yet finished")


def test_the_limit_shows_near_the_end_and_holds(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.open("bob")
    note = shown.page.locator("#composer-note")
    shown.field.fill("a" * 7000)
    expect(note).to_be_hidden()
    shown.field.fill("a" * 7990)
    expect(note).to_have_text("10 characters left")
    shown.field.fill("a" * 8001)
    expect(note).to_have_text("Too long by 1 character")
    expect(shown.page.locator(".send")).to_be_disabled()
    shown.field.press("Enter")
    expect(shown.field).to_have_value("a" * 8001)
    shown.field.fill("  " + "a" * 8000 + "\n")
    shown.field.press("Enter")
    shown.expect_texts("a" * 8000)
    shown.expect_tick("aaa", "sent")
    assert not shown.overflows()
