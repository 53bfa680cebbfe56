"""A list of more chats than the page asks for at first: all of them come, and none is lost on the way."""

from __future__ import annotations

import re

from playwright.sync_api import Request, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.rows import add_partners, write
from tests.support.window import Window, say_as

CHATS = 130


def watch_lists(shown: Window) -> list[str]:
    """Return a list that gets the query of each question for chats that the page asks from now on."""
    asked: list[str] = []

    def hear(request: Request) -> None:
        found = re.search(r"/backend/get_chats(.*)", request.url)
        if found:
            asked.append(found[1])

    shown.page.on("request", hear)
    return asked


def test_a_long_list_comes_in_pages_until_all_chats_are_there(stack: Stack, window: Opener, ada: Person) -> None:
    add_partners(stack, ada, CHATS)
    shown = window(stack, ada)
    asked = watch_lists(shown)
    shown.page.reload()
    expect(shown.page.locator("a.chat")).to_have_count(CHATS)
    pages = set(asked)
    assert "?limit=50" in pages
    assert all("before=" in query for query in pages - {"?limit=50"})
    assert len(pages) == 3


def test_a_row_out_of_view_is_as_high_as_one_in_view(stack: Stack, window: Opener, ada: Person) -> None:
    """Else the list moves when rows come into view: a browser draws them only then, and guesses before."""
    add_partners(stack, ada, CHATS)
    shown = window(stack, ada)
    expect(shown.page.locator("a.chat")).to_have_count(CHATS)
    shown.until("new Set([...document.querySelectorAll('a.chat')].map((row) => row.offsetHeight)).size === 1")


def test_a_chat_of_a_later_page_opens_by_its_address(stack: Stack, window: Opener, ada: Person) -> None:
    oldest = add_partners(stack, ada, CHATS)[0]
    shown = window(stack, ada)
    shown.go(f"/#{oldest}")
    shown.page.reload()
    expect(shown.page.locator(".talk__name")).not_to_be_empty()
    shown.say("hello down there")
    shown.expect_texts("hello down there")
    shown.expect_tick("hello down there", "sent")


def test_a_message_brings_a_chat_that_no_page_has_brought_yet(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    add_partners(stack, ada, CHATS)
    write(stack, chat, bob, 1, at="2020-01-01 12:00:00")
    shown = window(stack, ada)
    shown.page.route(re.compile("before="), lambda route: route.abort())
    shown.allow_network_errors()
    shown.page.reload()
    expect(shown.page.locator("a.chat")).to_have_count(50)
    expect(shown.row("bob")).to_have_count(0)
    say_as(bob, chat, "a new one")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("a new one")
    expect(shown.row("bob").locator(".badge")).to_have_text("2")
    shown.open("bob")
    expect(shown.bubbles()).to_have_count(2)
    expect(shown.bubbles().last).to_have_text("a new one")


def test_a_hundred_unread_messages_or_more_are_shown_as_such(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    write(stack, chat, bob, 103)
    shown = window(stack, ada)
    expect(shown.row("bob").locator(".badge")).to_have_text("99+")
    expect(shown.row("bob")).to_contain_text("More than 99 unread messages")
    expect(shown.page).to_have_title(re.compile(r"^\(99\+\)"))
