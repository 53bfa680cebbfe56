"""Nothing that was typed is lost, doubled or out of order, whatever happens to network, page and server."""

from __future__ import annotations

import json
import threading

from playwright.sync_api import Page, WebSocketRoute, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.conftest import StackMaker
from tests.support.people import People, Person


def stored(person: Person) -> list[str]:
    """The texts of the one chat of `person` as the server has them, in order."""
    return [message["content"] for message in person.chats()[0]["messages"]]


def waiting(page: Page) -> int:
    """How many messages this browser keeps for later."""
    count: int = page.evaluate(
        """() => new Promise((resolve) => {
          const open = indexedDB.open("chatapp");
          open.onsuccess = () => {
            const count = open.result.transaction("outbox").objectStore("outbox").count();
            count.onsuccess = () => { open.result.close(); resolve(count.result); };
          };
        })"""
    )
    return count


def test_what_is_written_offline_is_sent_once_and_in_order_when_back(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown, other = window(stack, ada), window(stack, bob)
    shown.allow_network_errors()
    shown.open("bob")
    other.open("ada")
    shown.say("before")
    shown.expect_tick("before", "read")
    shown.page.context.set_offline(True)
    shown.say("one")
    shown.say("two")
    shown.say("three")
    expect(shown.banner).to_contain_text("You are offline")
    shown.expect_tick("three", "waiting")
    shown.message("two").get_by_role("button", name="Cancel").click()
    shown.expect_texts("before", "one", "three")
    expect(shown.field).to_be_focused()
    shown.field.fill("a draft")
    shown.check_both_themes()
    assert waiting(shown.page) == 2
    shown.page.context.set_offline(False)
    expect(shown.banner).to_be_hidden()
    shown.expect_tick("three", "read")
    other.expect_texts("before", "one", "three")
    assert stored(bob) == ["before", "one", "three"]
    assert waiting(shown.page) == 0
    expect(shown.field).to_have_value("a draft")


def test_a_reload_in_the_middle_of_a_send_loses_and_doubles_nothing(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.allow_network_errors()
    deaf = threading.Event()
    arrived = threading.Event()

    def between(route: WebSocketRoute) -> None:
        """Let everything through; once deaf, keep the answers back: the message is stored and nobody knows."""
        server = route.connect_to_server()
        server.on_message(lambda text: None if deaf.is_set() else route.send(text))

        def send(text: str | bytes) -> None:
            server.send(text)
            if json.loads(text)["type"] == "send_message":
                arrived.set()

        route.on_message(send)

    shown.page.route_web_socket(lambda _url: True, between)
    shown.page.reload()
    shown.open("bob")
    shown.say("first")
    shown.expect_tick("first", "sent")
    deaf.set()
    shown.say("in the middle")
    shown.say("behind it")
    shown.expect_tick("in the middle", "waiting")
    while not arrived.is_set() or len(stored(bob)) < 2:
        shown.page.wait_for_timeout(50)
    deaf.clear()
    shown.page.reload()
    shown.expect_texts("first", "in the middle", "behind it")
    shown.expect_tick("behind it", "sent")
    assert stored(bob) == ["first", "in the middle", "behind it"]


def test_messages_that_wait_survive_a_closed_tab(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.allow_network_errors()
    shown.open("bob")
    shown.page.context.set_offline(True)
    shown.say("kept")
    shown.expect_tick("kept", "waiting")
    expect(shown.message("kept").get_by_role("button", name="Cancel")).to_be_visible()
    context = shown.page.context
    assert waiting(shown.page) == 1
    shown.page.close()
    context.set_offline(False)
    again = window(stack, of=shown)
    again.go(f"/#{chat}")
    again.expect_texts("kept")
    again.expect_tick("kept", "sent")
    assert stored(bob) == ["kept"]


def test_two_tabs_send_everything_once_and_in_order(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    one = window(stack, ada)
    two = window(stack, ada, of=one)
    for tab in (one, two):
        tab.allow_network_errors()
        tab.open("bob")
    one.say("from one")
    two.expect_texts("from one")
    two.say("from two")
    one.expect_texts("from one", "from two")
    one.page.context.set_offline(True)
    for number in range(1, 4):
        one.say(f"one {number}")
        two.say(f"two {number}")
    texts = [f"{name} {number}" for number in range(1, 4) for name in ("one", "two")]
    one.expect_texts("from one", "from two", *texts)
    two.expect_texts("from one", "from two", *texts)
    one.page.context.set_offline(False)
    for tab in (one, two):
        tab.expect_tick("two 3", "sent")
        tab.expect_texts("from one", "from two", *texts)
    assert stored(bob) == ["from one", "from two", *texts]


def test_a_restart_of_ws_server_in_the_middle_is_hardly_noticed(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    people.chat_between(ada, bob)
    shown, other = window(stack, ada), window(stack, bob)
    for side, name in ((shown, "bob"), (other, "ada")):
        side.allow_network_errors()
        side.open(name)
    shown.say("before")
    other.expect_texts("before")
    stack.ws_server.kill()
    shown.say("while it is away")
    expect(shown.banner).to_contain_text("The server is not answering")
    stack.ws_server.start()
    shown.banner.get_by_role("button").click()
    expect(shown.banner).to_be_hidden()
    other.page.evaluate("dispatchEvent(new Event('online'))")
    other.expect_texts("before", "while it is away")
    stack.ws_server.restart()
    other.say("and after a kind restart")
    shown.expect_texts("before", "while it is away", "and after a kind restart")
    assert stored(bob) == ["before", "while it is away", "and after a kind restart"]


def test_the_queue_waits_where_the_server_says_so(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack(WS_MESSAGE_BURST="3", WS_MESSAGE_RATE="2")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    people.chat_between(ada, bob)
    shown = window(stack, ada)
    shown.open("bob")
    texts = [f"message {number}" for number in range(7)]
    for text in texts:
        shown.say(text)
    shown.expect_tick("message 6", "sent")
    shown.expect_texts(*texts)
    assert stored(bob) == texts


def test_a_message_that_cannot_be_sent_says_so_and_tries_again(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada)
    refusing = threading.Event()
    refusing.set()

    def between(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def send(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] == "send_message" and refusing.is_set():
                error = {"type": "error", "code": "forbidden", "message": "No.", "client_id": frame["client_id"]}
                route.send(json.dumps(error))
            else:
                server.send(text)

        route.on_message(send)

    shown.page.route_web_socket(lambda _url: True, between)
    shown.page.reload()
    shown.open("bob")
    shown.say("please")
    shown.say("second")
    shown.expect_tick("please", "not sent")
    shown.expect_tick("second", "not sent")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("Not sent: second")
    shown.check_both_themes()
    shown.message("second").get_by_role("button", name="Delete").click()
    refusing.clear()
    shown.message("please").get_by_role("button", name="Try again").click()
    shown.expect_tick("please", "sent")
    shown.expect_texts("please")
    assert stored(bob) == ["please"]


def test_logging_out_erases_what_waits_and_another_user_never_sends_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.allow_network_errors()
    shown.open("bob")
    shown.page.context.set_offline(True)
    shown.say("of ada")
    shown.field.fill("a draft")
    expect(shown.banner).to_be_visible()
    # Somebody else logs in with this browser: what waits stays, and is not sent in their name.
    url = shown.url
    shown.page.goto("about:blank")
    shown.page.context.set_offline(False)
    mine = shown.page.context.cookies()
    shown.page.context.add_cookies([{"name": "session", "value": eve.http.cookies["session"], "url": url}])
    shown.go("/")
    expect(shown.page.locator("#nothing h2")).to_have_text("Nobody to talk to yet")
    eve_says = shown.page.evaluate("fetch('/backend/get_session').then((answer) => answer.json())")
    assert eve_says["user_id"] == eve.id
    senders = stack.database.query("SELECT DISTINCT sender_id FROM messages")
    assert all(row["sender_id"] == ada.id for row in senders)
    shown.page.context.add_cookies(mine)  # type: ignore[arg-type]
    shown.page.goto("about:blank")
    shown.go(f"/#{chat}")
    shown.expect_tick("of ada", "sent")
    expect(shown.field).to_have_value("a draft")
    shown.page.click("#account")
    shown.page.get_by_role("button", name="Log out", exact=True).click()
    expect(shown.page.locator(".card h1")).to_have_text("Log in")
    assert waiting(shown.page) == 0
    assert shown.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []


def test_a_deleted_account_leaves_no_drafts_and_a_link_alone_deletes_none(
    stack: Stack, window: Opener, ada: Person, chat: int
) -> None:
    shown = window(stack, ada)
    shown.open("bob")
    shown.field.fill("a draft")
    drafts = "Object.keys(localStorage).filter((key) => key.includes('draft')).length"
    shown.until(f"() => {drafts} === 1")
    shown.go("/login?deleted=1")  # as a stranger's link would
    expect(shown.row("bob")).to_be_visible()
    assert shown.page.evaluate(drafts) == 1
    shown.go("/settings")
    shown.page.get_by_text("Delete account", exact=True).click()
    shown.page.fill("#delete-password", ada.password)
    shown.page.get_by_role("button", name="Delete my account").click()
    expect(shown.page.get_by_text("Your account was deleted.")).to_be_visible()
    shown.until(f"() => {drafts} === 0")
