"""What happens elsewhere shows on every open page: blocking, deleting, drafts, and a database that is away."""

from __future__ import annotations

from playwright.sync_api import expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.window import Window, say_as

SOON = 1500  # milliseconds
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}


def state(shown: Window) -> str:
    return shown.page.locator(".talk__state").inner_text().lower()


def test_blocking_and_unblocking_reach_the_other_pages_of_who_does_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    one, other = window(stack, ada), window(stack, ada)
    bobs = window(stack, bob)
    for shown in (one, other):
        shown.open("bob")
        expect(shown.page.locator(".talk__state")).to_have_text("online")
    bobs.open("ada")
    one.page.locator("#person").click()
    one.page.locator("#person-dialog .button").click()
    one.page.locator("#confirm-dialog [value=yes]").click()
    for shown, within in ((one, 8000), (other, SOON)):
        bar = shown.page.locator(".closed")
        expect(bar).to_contain_text("You blocked \u2068bob\u2069.", timeout=within)
        expect(shown.field).to_be_hidden()
        assert "online" not in state(shown)
        expect(shown.page.locator(".avatar__dot")).to_be_hidden()
    one.check_both_themes()
    expect(bobs.field).to_be_visible()
    other.page.locator(".closed").get_by_role("button", name="Unblock").click()
    expect(other.field).to_be_focused()
    expect(one.field).to_be_visible(timeout=SOON)
    for shown in (one, other):
        expect(shown.page.locator(".closed")).to_be_hidden()
        expect(shown.page.locator(".talk__state")).to_have_text("online")


def test_a_deleted_account_reaches_the_open_pages_of_others(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "goodbye")
    shown = window(stack, ada)
    shown.open("bob")
    shown.field.fill("wait for")
    assert bob.http.post_json("/backend/e_delete_account", {"password": bob.password}).status == 200
    expect(shown.page.locator(".talk__name")).to_have_text("Deleted account", timeout=SOON)
    expect(shown.row("Deleted account")).to_be_visible()
    expect(shown.page.locator(".avatar--nobody svg:visible")).to_have_count(3)
    expect(shown.page.locator(".closed p")).to_have_text("This account was deleted. You can still read the chat.")
    expect(shown.page.locator(".closed button")).to_be_hidden()
    expect(shown.field).to_be_hidden()
    assert "bob" not in shown.page.locator("main").inner_text()
    assert "bob" not in str(shown.page.locator(".messages").text_content())
    expect(shown.page.locator(".beginning span:last-child")).to_have_text("This is the beginning of the chat.")
    shown.check_both_themes()


def test_a_draft_is_there_in_the_other_tab(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    people.chat_between(ada, eve)
    one = window(stack, ada)
    two = window(stack, ada, of=one)
    one.open("bob")
    two.open("bob")
    expect(two.field).to_be_focused()
    one.page.bring_to_front()
    one.field.press_sequentially("half a sen")
    expect(two.field).to_have_value("half a sen")
    one.field.press_sequentially("tence")
    expect(two.field).to_have_value("half a sentence")
    expect(two.page.locator(".send")).to_be_enabled()
    two.page.bring_to_front()
    two.field.press_sequentially(", whole")
    expect(one.field).to_have_value("half a sentence, whole")
    two.field.press("Enter")
    expect(one.field).to_have_value("")
    one.open("eve")
    two.open("eve")
    one.open("bob")
    expect(one.field).to_have_value("")
    expect(two.row("bob").locator(".chat__last")).to_have_text("You: half a sentence, whole")


def test_a_tab_that_closes_does_not_bring_back_what_another_one_has_sent(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    one = window(stack, ada)
    two = window(stack, ada, of=one)
    for tab in (one, two):
        tab.open("bob")
    one.field.fill("sent once")
    expect(two.field).to_have_value("sent once")
    two.page.evaluate("addEventListener('storage', (event) => event.stopImmediatePropagation(), true)")
    one.field.press("Enter")
    one.expect_tick("sent once", "sent")
    two.page.reload()
    expect(two.field).to_have_value("")


def test_enter_on_a_touch_keyboard_makes_a_new_line(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada, **PHONE)
    shown.row("bob").tap()
    shown.field.tap()
    shown.field.press_sequentially("one")
    shown.field.press("Enter")
    shown.field.press_sequentially("two")
    expect(shown.field).to_have_value("one\ntwo")
    expect(shown.field).to_have_attribute("enterkeyhint", "enter")
    shown.page.locator(".send").tap()
    shown.expect_texts("one\ntwo")
    shown.page.locator("#back").tap()
    shown.page.locator("#account").tap()
    switch = shown.page.get_by_role("switch", name="Enter sends the message")
    expect(switch).to_be_disabled()
    expect(shown.page.get_by_text("On a touchscreen, Enter starts a new line.")).to_be_visible()


def test_nobody_is_said_to_be_online_while_the_database_is_away(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    people.chat_between(ada, bob)
    shown, other = window(stack, ada), window(stack, bob)
    for side, name in ((shown, "bob"), (other, "ada")):
        side.allow_network_errors()
        side.open(name)
    head = shown.page.locator(".talk__state")
    expect(head).to_have_text("online")
    stack.database.kill()
    expect(head).to_have_text("", timeout=20_000)
    expect(shown.page.locator(".avatar__dot")).to_be_hidden()
    stack.database.start()
    expect(head).to_have_text("online", timeout=20_000)


def test_a_lost_connection_says_nothing_of_who_is_online(own_stack: StackMaker, window: Opener) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    people.chat_between(ada, bob)
    shown = window(stack, ada)
    shown.allow_network_errors()
    shown.open("bob")
    bob.connect()
    expect(shown.page.locator(".talk__state")).to_have_text("online")
    stack.ws_server.kill()
    expect(shown.page.locator(".talk__state")).to_have_text("", timeout=1000)
    stack.ws_server.start()
    bob.connect()
    expect(shown.page.locator(".talk__state")).to_have_text("online", timeout=6500)
