"""The newest chats are there without a network, and what this browser keeps for that goes when it must."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.browser.test_connection import waiting
from tests.conftest import StackMaker
from tests.support.command_line import flask
from tests.support.people import People, Person
from tests.support.window import Window, say_as

READ = """async () => {
  if (!(await indexedDB.databases()).some(({ name }) => name === "chatapp-kept")) return null;
  const ask = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
  const open = indexedDB.open("chatapp-kept");
  const database = await ask(open);
  try {
    return await ask(database.transaction("chats").objectStore("chats").getAll());
  } catch {
    return null;
  } finally {
    database.close();
  }
}"""


def kept(page: Page) -> list[dict[str, Any]]:
    """The chats that this browser keeps."""
    return page.evaluate(READ) or []


def kept_texts(page: Page) -> list[str]:
    return [message["content"] for chat in kept(page) for message in chat["messages"]]


def wait_for_kept(page: Page, *texts: str) -> None:
    """Wait until exactly these messages are kept."""
    for _ in range(150):
        if kept_texts(page) == list(texts):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"kept: {kept_texts(page)}")


def keep(shown: Window, *texts: str) -> None:
    """Wait until the page would open without a network, with these messages."""
    shown.allow_network_errors()
    shown.until("Boolean(navigator.serviceWorker.controller)")
    wait_for_kept(shown.page, *texts)


@pytest.fixture
def private(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    """Ada's page, whose browser keeps a message of Bob."""
    say_as(bob, chat, "private")
    shown = window(stack, ada)
    keep(shown, "private")
    return shown


def choose(shown: Window, text: str, name: str) -> None:
    """Choose an entry of a message's menu."""
    shown.message(text).locator(".bubble").click(button="right")
    shown.page.locator("#message-menu").get_by_role("button", name=name).click()


def test_the_newest_chats_are_there_after_a_reload_without_a_network(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    say_as(bob, chat, "from bob")
    other_chat = people.chat_between(ada, eve)
    say_as(eve, other_chat, "from eve")
    shown = window(stack, ada)
    shown.open("bob")
    keep(shown, "from bob", "from eve")
    shown.page.context.set_offline(True)
    shown.page.reload()
    expect(shown.banner).to_contain_text("You are offline. What you write is kept")
    shown.expect_texts("from bob")
    expect(shown.row("eve").locator(".chat__last")).to_have_text("from eve")
    shown.check_both_themes()
    shown.open("eve")
    shown.expect_texts("from eve")
    shown.say("written offline")
    shown.expect_tick("written offline", "waiting")
    say_as(eve, other_chat, "meanwhile")
    shown.page.context.set_offline(False)
    shown.page.evaluate("dispatchEvent(new Event('online'))")
    expect(shown.banner).to_be_hidden()
    shown.expect_texts("from eve", "meanwhile", "written offline")
    shown.expect_tick("written offline", "sent")


def test_the_newest_chats_are_there_while_the_server_is_silent(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    say_as(bob, chat, "before")
    shown = window(stack, ada)
    shown.open("bob")
    keep(shown, "before")
    silent = True
    shown.page.context.route("**/backend/get_*", lambda route: None if silent else route.continue_())
    shown.page.reload()
    shown.expect_texts("before")
    expect(shown.banner).to_contain_text("The server is not answering. What you write is kept")
    expect(shown.banner.get_by_role("button", name="Try now")).to_be_visible()


def test_a_text_that_was_deleted_edited_or_cleared_is_not_kept_any_longer(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    texts = ("text of a cleared one", "text of a deleted one", "text before an edit", "stays")
    for text in texts:
        say_as(bob, chat, text)
    shown = window(stack, ada)
    keep(shown, *texts)
    device = bob.connect(features=["changes"])
    device.send("delete_message", chat_id=chat, seq=2, client_id="gone")
    device.send("edit_message", chat_id=chat, seq=3, message="new", client_id="edited")
    wait_for_kept(shown.page, texts[0], "", "new", "stays")
    tablet = ada.connect(features=["changes"])
    tablet.send("clear_chat", chat_id=chat, seq=1)
    tablet.wait_for("chat_changed")
    shown.page.reload()
    wait_for_kept(shown.page, "", "new", "stays")
    everything = json.dumps(kept(shown.page))
    assert not [text for text in texts[:3] if text in everything]


def test_a_login_that_ends_elsewhere_erases_what_is_kept(private: Window, stack: Stack, ada: Person) -> None:
    private.allowed = re.compile("status of 401")
    stack.database.query("DELETE FROM tokens WHERE user_id = %s", ada.id)
    expect(private.page.locator(".card h1")).to_contain_text("Log in")
    assert kept(private.page) == []


def test_a_login_that_has_ended_while_the_page_was_closed_erases_what_is_kept(private: Window) -> None:
    private.page.goto("about:blank")
    private.page.context.clear_cookies()
    private.go("/")
    expect(private.page.locator(".card h1")).to_contain_text("Log in")
    wait_for_kept(private.page)


def test_whoever_registers_in_this_browser_finds_nothing_of_the_one_before(private: Window) -> None:
    """A server that is slow would be waited for with what is kept."""
    private.page.goto("about:blank")
    private.page.context.clear_cookies()
    private.go("/register")
    expect(private.page.locator(".card h1")).to_contain_text("Create")
    wait_for_kept(private.page)


def test_the_button_that_logs_out_erases_what_is_kept_in_all_tabs(
    private: Window, stack: Stack, window: Opener, ada: Person, bob: Person
) -> None:
    second = window(stack, ada, of=private)
    second.allow_the_end_of_the_login()
    expect(second.row("bob")).to_be_visible()
    private.page.click("#account")
    private.page.get_by_role("button", name="Log out").click()
    for page in (private.page, second.page):
        expect(page.locator(".card h1")).to_contain_text("Log in")
    assert kept(private.page) == []


def test_another_user_of_the_browser_finds_nothing(
    stack: Stack, window: Opener, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    say_as(bob, chat, "private")
    shown = window(stack, ada)
    keep(shown, "private")
    cookie = {"name": "session", "value": eve.http.cookies["session"], "url": shown.url}
    shown.page.context.add_cookies([cookie])  # type: ignore[list-item]
    shown.page.reload()
    expect(shown.page.locator("#nothing h2")).to_have_text("Nobody to talk to yet")
    wait_for_kept(shown.page)
    shown.page.context.set_offline(True)
    shown.page.reload()
    expect(shown.banner).to_contain_text("You are offline")
    expect(shown.row("bob")).to_have_count(0)


def test_a_switch_erases_what_is_kept_at_once_and_nothing_is_kept_from_then_on(
    private: Window, stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    second = window(stack, ada, of=private)
    expect(second.row("bob")).to_be_visible()
    # Another tab's switch is heard of here.
    second.page.evaluate("localStorage.setItem('chatapp:keepOffline', 'off')")
    wait_for_kept(private.page)
    say_as(bob, chat, "more")
    expect(private.row("bob").locator(".chat__last")).to_have_text("more")
    private.page.reload()
    expect(private.row("bob").locator(".chat__last")).to_have_text("more")
    assert kept(private.page) == []
    second.page.evaluate("localStorage.removeItem('chatapp:keepOffline')")
    wait_for_kept(private.page, "private", "more")


def test_the_switch_in_the_settings_erases_what_is_kept_where_no_other_tab_is_open(private: Window) -> None:
    private.go("/settings")
    switch = private.page.locator("[name=keepOffline]")
    expect(switch).to_be_checked()
    switch.uncheck(force=True)
    expect(private.page.locator(".toast")).to_have_text("Saved")
    assert kept(private.page) == []


def test_a_browser_that_keeps_nothing_misses_nothing_else(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "first")
    shown = window(stack, ada)
    shown.page.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw 0; } } });")
    shown.page.reload()
    shown.open("bob")
    shown.say("second")
    shown.expect_tick("second", "sent")
    shown.expect_texts("first", "second")


def test_after_a_restore_all_begins_anew_and_what_waits_goes_to_whom_it_was_written(
    own_stack: StackMaker, window: Opener
) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    for text in ("one", "two", "never was"):
        say_as(bob, chat, text)
    shown = window(stack, ada)
    shown.open("bob")
    keep(shown, "one", "two", "never was")
    shown.page.context.set_offline(True)
    shown.say("waits")
    shown.page.evaluate("document.body.dataset.before = 'the same page'")
    stack.database.query("DELETE FROM messages WHERE chat_id = %s AND seq = 3", chat)
    stack.ws_server.restart()
    say_as(bob, chat, "another third")
    flask(stack, "restored")
    shown.page.context.set_offline(False)
    shown.page.evaluate("dispatchEvent(new Event('online'))")
    shown.expect_texts("one", "two", "another third", "waits")
    shown.expect_tick("waits", "sent")
    wait_for_kept(shown.page, "one", "two", "another third", "waits")
    assert shown.page.evaluate("document.body.dataset.before") == "the same page"


def test_what_is_changed_offline_survives_a_reload_and_is_made_once(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(ada, chat, "edit me")
    say_as(ada, chat, "delete me")
    shown = window(stack, ada)
    shown.open("bob")
    keep(shown, "edit me", "delete me")
    shown.page.context.set_offline(True)
    for before, text in (("edit me", "edited once"), ("edited once", "edited twice")):
        choose(shown, before, "Edit")
        shown.say(text)
        expect(shown.message(text)).to_be_visible()
    choose(shown, "delete me", "Delete for both")
    shown.page.locator("#confirm-dialog [value=yes]").click()
    shown.say("a message")
    while waiting(shown.page) < 4:  # two edits, a deletion, a message
        shown.page.wait_for_timeout(50)
    shown.page.reload()
    expect(shown.message("edited twice")).to_be_visible()
    shown.expect_tick("a message", "waiting")
    shown.page.context.set_offline(False)
    shown.page.evaluate("dispatchEvent(new Event('online'))")
    shown.expect_tick("a message", "sent")
    listed = bob.chats()[0]["messages"]
    assert [message["content"] for message in listed] == ["edited twice", "", "a message"]
    assert [message.get("change_seq", 0) for message in listed] == [2, 3, 0]


def test_two_tabs_keep_one_copy(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other_chat = people.chat_between(ada, eve)
    say_as(bob, chat, "from bob")
    say_as(eve, other_chat, "from eve")
    one = window(stack, ada)
    keep(one, "from bob", "from eve")
    two = window(stack, ada, of=one)
    two.allow_network_errors()
    two.open("eve")
    two.say("to eve")
    wait_for_kept(one.page, "from bob", "from eve", "to eve")
    device = bob.connect(features=["changes"])
    device.send("delete_message", chat_id=chat, seq=1, client_id="gone")
    wait_for_kept(one.page, "", "from eve", "to eve")
    two.page.close()
    one.open("eve")
    one.say("and again")
    wait_for_kept(one.page, "", "from eve", "to eve", "and again")


def test_a_copy_that_cannot_be_renewed_does_not_stay(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "a deleted text")
    shown = window(stack, ada)
    keep(shown, "a deleted text")
    shown.page.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (...row) {
            if (this.name === "chats") throw new DOMException("The disk is full", "QuotaExceededError");
            return put.apply(this, row);
          };
        }"""
    )
    device = bob.connect(features=["changes"])
    device.send("delete_message", chat_id=chat, seq=1, client_id="gone")
    wait_for_kept(shown.page)
    shown.open("bob")
    shown.say("goes on")
    shown.expect_tick("goes on", "sent")
    assert kept(shown.page) == []


def test_what_is_being_written_goes_with_a_logout_in_another_tab(private: Window) -> None:
    private.open("bob")
    # Nothing of it is kept yet when the other tab tells of its logout.
    with private.page.expect_navigation(url=re.compile("/$")):  # /login leads back: this login has not ended
        private.page.evaluate("""() => {
          const field = document.querySelector(".composer__field");
          field.value = "a secret";
          field.dispatchEvent(new InputEvent("input"));
          new BroadcastChannel("chatapp").postMessage("left");
        }""")
    private.open("bob")
    private.expect_texts("private")
    expect(private.field).to_have_value("")
    assert "a secret" not in private.page.evaluate("JSON.stringify({ ...localStorage })")
