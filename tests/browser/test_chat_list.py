"""What one sets for a chat: pinned, muted, archived, cleared; from its menu, by keyboard, by swipe."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.browser.test_conversation import come_back, hide
from tests.support.people import People, Person
from tests.support.socket import Socket
from tests.support.window import Window, say_as

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
FAR = "9999-12-31T00:00:00Z"


@pytest.fixture
def other(people: People, ada: Person, eve: Person) -> int:
    """A second chat of Ada."""
    return people.chat_between(ada, eve)


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, eve: Person, chat: int, other: int) -> Window:
    """Ada's list: Eve has written last."""
    say_as(bob, chat, "from bob")
    say_as(eve, other, "from eve")
    opened = window(stack, ada)
    expect_names(opened, "eve", "bob")
    expect(opened.page.locator("#list[data-tools]")).to_be_visible()
    return opened


@pytest.fixture
def phone(ada: Person) -> Socket:
    """Another device of Ada."""
    return ada.connect(features=["changes"])


def expect_names(shown: Window, *names: str) -> None:
    expect(shown.page.locator("a.chat .chat__name bdi")).to_have_text(list(names))


def menu(shown: Window) -> Locator:
    return shown.page.locator("#chat-menu")


def toast(shown: Window) -> Locator:
    return shown.page.locator(".toast")


def archive(shown: Window) -> Locator:
    return shown.page.locator(".archive")


def choose(shown: Window, name: str, *entries: str) -> None:
    """Choose an entry of the menu of a chat, by right click."""
    shown.row(name).click(button="right")
    for entry in entries:
        menu(shown).get_by_role("button", name=entry, exact=True).click()
    expect(menu(shown)).to_be_hidden()


def test_the_last_line_takes_the_whole_row_where_no_sign_stands(shown: Window, ada: Person, chat: int) -> None:
    shown.open("bob")
    expect(shown.row("bob").locator(".badge")).to_be_hidden()
    say_as(ada, chat, "a long line that does not fit " * 5)
    last = shown.row("bob").locator(".chat__last")
    expect(last).to_contain_text("a long line")
    line, row = last.bounding_box(), shown.row("bob").bounding_box()
    assert line
    assert row
    assert row["x"] + row["width"] - (line["x"] + line["width"]) <= 20


def test_the_list_follows_what_other_devices_set(
    shown: Window, phone: Socket, bob: Person, chat: int, other: int
) -> None:
    bobs = shown.row("bob")
    expect(shown.page).to_have_title("(2) ChatApp")
    phone.send("set_chat", chat_id=chat, pinned=True)
    expect_names(shown, "bob", "eve")
    expect(bobs.locator(".chat__marks .chat__sign")).to_be_visible()
    phone.send("set_chat", chat_id=chat, muted_until=FAR)
    expect(bobs.locator(".chat__who .chat__sign")).to_be_visible()
    expect(bobs.locator(".badge")).to_have_class("badge badge--muted")
    expect(bobs).to_have_accessible_name(re.compile("^bob (online, )?muted, pinned"))
    expect(shown.page).to_have_title("(1) ChatApp")
    phone.send("set_chat", chat_id=other, archived=True)
    expect_names(shown, "bob")
    expect(archive(shown)).to_have_accessible_name("Archived – 1 chat")
    expect(shown.page).to_have_title("ChatApp")
    shown.check_both_themes()
    phone.send("clear_chat", chat_id=chat, seq=1)
    expect(bobs.locator(".chat__last")).to_have_text("No messages any more")
    expect(bobs.locator(".badge")).to_be_hidden()
    shown.page.reload()
    expect_names(shown, "bob")
    expect(archive(shown)).to_be_visible()
    phone.send("set_chat", chat_id=chat, archived=True)
    expect(shown.page.locator("#list-note")).to_contain_text("All your chats are archived.")
    expect(archive(shown)).to_be_visible()


def test_a_new_message_brings_a_chat_back_from_the_archive_unless_it_is_muted(
    shown: Window, phone: Socket, bob: Person, eve: Person, chat: int, other: int
) -> None:
    phone.send("set_chat", chat_id=chat, archived=True)
    phone.send("set_chat", chat_id=other, archived=True, muted_until=FAR)
    expect(archive(shown)).to_have_accessible_name("Archived – 2 chats")
    say_as(eve, other, "in silence")
    say_as(bob, chat, "I am back")
    expect_names(shown, "bob")
    expect(archive(shown)).to_have_accessible_name("Archived – 1 chat")
    shown.page.reload()
    expect_names(shown, "bob")
    # The mute ends while the page is open, and with it the chat comes out.
    shown.page.evaluate("Date.now = () => Date.UTC(9999, 11, 31, 1)")
    say_as(bob, chat, "still here")
    expect_names(shown, "bob", "eve")
    expect(archive(shown)).to_have_count(0)


def test_a_message_that_was_deleted_before_it_came_is_not_announced(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other_chat = people.chat_between(ada, eve)
    shown = window(stack, ada)
    shown.allow_network_errors()
    expect(shown.row("bob")).to_be_visible()
    shown.page.context.set_offline(True)
    expect(shown.banner).to_contain_text("You are offline")
    for sender, where in ((bob, chat), (eve, other_chat)):
        say_as(sender, where, "first")
        say_as(sender, where, "second")
        device = sender.connect(features=["changes"])
        for seq in (1, 2) if sender is bob else (2,):
            device.send("delete_message", chat_id=where, seq=seq, client_id=f"gone-{seq}")
            device.expect("changed")
    shown.page.context.set_offline(False)
    expect(shown.row("eve").locator(".chat__last")).to_have_text("This message was deleted")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("This message was deleted")
    expect(shown.page.locator("#new-messages p")).to_have_text(["New message from \u2068eve\u2069"])


def test_a_muted_chat_makes_no_sound_and_no_notification(
    stack: Stack, window: Opener, ada: Person, bob: Person, eve: Person, chat: int, other: int, phone: Socket
) -> None:
    shown = window(stack, ada, service_workers="block")
    shown.allowed = re.compile("blocked by Playwright")
    shown.page.add_init_script(
        """window.told = [];
        window.Notification = class {
          static permission = "granted";
          static requestPermission = async () => "granted";
          constructor(title) { window.told.push(title); }
          close() { window.told.pop(); }
        };"""
    )
    shown.go("/settings")
    shown.page.locator("[name=notify]").check(force=True)
    shown.go("/")
    phone.send("set_chat", chat_id=chat, muted_until=FAR)
    expect(shown.row("bob").locator(".chat__who .chat__sign")).to_be_visible()
    hide(shown)
    say_as(bob, chat, "in silence")
    expect(shown.page).to_have_title("ChatApp")
    say_as(eve, other, "aloud")
    expect(shown.page).to_have_title("(1) ChatApp")
    shown.until("window.told.length > 0")
    assert shown.page.evaluate("window.told") == ["eve"]
    expect(shown.page.locator("#new-messages p")).to_have_text(["New message from \u2068eve\u2069"])
    # What was deleted is told of no longer.
    device = eve.connect(features=["changes"])
    device.send("delete_message", chat_id=other, seq=1, client_id="d1")
    shown.until("window.told.length === 0")
    come_back(shown)


def test_the_menu_of_a_row_pins_mutes_and_archives(shown: Window, ada: Person) -> None:
    shown.row("bob").click(button="right")
    expect(menu(shown)).to_have_attribute("aria-label", "Chat with \u2068bob\u2069")
    expect(menu(shown).locator(".menu__entry span")).to_have_text(
        [
            *("Pin", "Mute…", "Archive", "Search", "Media and files"),
            *("Disappearing messages…", "Export…", "Clear chat…", "Block…"),
        ]
    )
    shown.check_both_themes()
    shown.page.mouse.click(5, 5)
    expect(menu(shown)).to_be_hidden()
    choose(shown, "bob", "Pin")
    expect_names(shown, "bob", "eve")
    expect(toast(shown)).to_have_text("Pinned")
    choose(shown, "bob", "Unpin")
    expect_names(shown, "eve", "bob")
    choose(shown, "bob", "Mute…", "For 8 hours")
    expect(toast(shown)).to_have_text("Muted")
    expect(shown.row("bob").locator(".badge")).to_have_class("badge badge--muted")
    choose(shown, "bob", "Unmute")
    expect(shown.row("bob").locator(".badge")).to_have_class("badge")
    choose(shown, "bob", "Archive")
    expect_names(shown, "eve")
    expect(toast(shown)).to_have_text("ArchivedUndo")
    shown.check_both_themes()
    toast(shown).get_by_role("button", name="Undo").click()
    expect_names(shown, "eve", "bob")
    assert not any("archived_at" in listed for listed in ada.chats())


def test_the_archive_is_opened_and_left(shown: Window) -> None:
    choose(shown, "bob", "Archive")
    archive(shown).click()
    expect_names(shown, "bob")
    expect(archive(shown)).to_have_accessible_name("Archived – back to all chats")
    expect(shown.page.locator("#status")).to_have_text("Archived chats")
    shown.check_both_themes()
    archive(shown).click()
    expect_names(shown, "eve")
    shown.page.fill("#filter", "bo")
    expect_names(shown, "bob")
    expect(archive(shown)).to_have_count(0)
    shown.page.fill("#filter", "")
    archive(shown).click()
    choose(shown, "bob", "Unarchive")
    expect_names(shown, "eve", "bob")
    expect(archive(shown)).to_have_count(0)


def test_everything_is_done_with_the_keyboard_alone(shown: Window) -> None:
    page = shown.page
    page.locator("#filter").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("Shift+F10")
    expect(menu(shown).get_by_role("button", name="Pin")).to_be_focused()
    page.keyboard.press("Escape")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("ContextMenu")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(menu(shown).get_by_role("button", name="For 1 hour")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(shown.row("bob").locator(".chat__who .chat__sign")).to_be_visible()
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("ContextMenu")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_names(shown, "eve")
    expect(shown.row("eve")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(archive(shown)).to_be_focused()
    page.keyboard.press("Enter")
    expect_names(shown, "bob")
    expect(archive(shown)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("Escape")
    expect_names(shown, "eve")
    expect(shown.row("eve")).to_be_focused()


def test_a_chat_is_cleared_for_oneself_only(shown: Window, bob: Person, chat: int) -> None:
    shown.open("bob")
    shown.expect_texts("from bob")
    shown.page.click("#chat-options")
    menu(shown).get_by_role("button", name="Clear chat…").click()
    dialog = shown.page.locator("#confirm-dialog")
    expect(dialog).to_contain_text("for you only")
    shown.check_both_themes()
    dialog.get_by_role("button", name="Cancel").click()
    shown.expect_texts("from bob")
    shown.page.click("#chat-options")
    menu(shown).get_by_role("button", name="Clear chat…").click()
    dialog.get_by_role("button", name="Clear for me").click()
    shown.expect_texts()
    expect(shown.row("bob").locator(".chat__last")).to_have_text("No messages any more")
    assert [message["content"] for message in bob.chats()[0]["messages"]] == ["from bob"]
    say_as(bob, chat, "and on")
    shown.expect_texts("and on")
    shown.page.reload()
    shown.expect_texts("and on")


def test_a_chat_is_blocked_from_its_row(shown: Window) -> None:
    choose(shown, "bob", "Block…")
    shown.page.locator("#confirm-dialog [value=yes]").click()
    shown.open("bob")
    expect(shown.page.locator(".closed")).to_contain_text("You blocked \u2068bob\u2069. Neither of you can write here.")
    choose(shown, "bob", "Unblock")
    expect(shown.field).to_be_visible()


@pytest.mark.parametrize(("words", "ending"), [("Pages to read", "index.html"), ("Data for programs", ".jsonl")])
def test_a_chat_is_taken_along(shown: Window, tmp_path: Path, words: str, ending: str) -> None:
    choose(shown, "bob", "Export…")
    dialog = shown.page.locator("#export-dialog")
    dialog.get_by_text(words).click()
    shown.check_both_themes()
    with shown.page.expect_download() as download:
        dialog.get_by_role("button", name="Export").click()
    expect(toast(shown)).to_have_text("Exported")
    assert download.value.suggested_filename == "ChatApp-bob.zip"
    download.value.save_as(tmp_path / "chat.zip")
    names = zipfile.ZipFile(io.BytesIO((tmp_path / "chat.zip").read_bytes())).namelist()
    assert any(name.endswith(ending) for name in names), names


def test_without_a_connection_one_is_told_that_nothing_is_set(shown: Window, bob: Person, chat: int) -> None:
    shown.row("bob").click(button="right")
    expect(menu(shown)).to_be_visible()
    shown.page.keyboard.press("Escape")
    shown.allow_network_errors()
    shown.page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    choose(shown, "bob", "Pin")
    expect(toast(shown)).to_have_text("You are offline. This can be changed when you are back.")
    choose(shown, "bob", "Archive")
    expect(toast(shown)).to_have_text("You are offline. This can be changed when you are back.")
    shown.check_both_themes()
    expect_names(shown, "eve", "bob")
    shown.page.context.set_offline(False)
    say_as(bob, chat, "connected")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("connected")
    choose(shown, "eve", "Pin")
    expect_names(shown, "eve", "bob")


def test_the_menu_opens_without_a_network_too(shown: Window) -> None:
    shown.allow_network_errors()
    shown.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    shown.page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    shown.row("bob").click(button="right")
    expect(menu(shown)).to_be_visible()


class Finger:
    """Swipes. A browser takes a tap that follows at once for the end of a fling: what a swipe has shown is clicked."""

    def __init__(self, shown: Window) -> None:
        self._touch = shown.page.context.new_cdp_session(shown.page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def swipe(self, row: Locator, *way: tuple[float, float], start: float = 180) -> None:
        box = row.bounding_box()
        assert box is not None
        x, y = start, box["y"] + 30
        self.send("touchStart", (x, y))
        for across, along in way:
            self.send("touchMove", (x + across, y + along))
        self.send("touchEnd")


@pytest.fixture
def handheld(stack: Stack, window: Opener, ada: Person, bob: Person, eve: Person, chat: int, other: int) -> Window:
    say_as(bob, chat, "from bob")
    say_as(eve, other, "from eve")
    opened = window(stack, ada, **PHONE)
    expect_names(opened, "eve", "bob")
    expect(opened.page.locator("#list[data-tools]")).to_be_visible()
    return opened


LEFT = [(-15, 1), (-60, 2), (-110, 2), (-150, 3)]
RIGHT = [(15, 1), (40, 2), (75, 2)]


def test_a_swipe_shows_mute_and_archive_or_pin_beside_the_name(handheld: Window) -> None:
    finger, row = Finger(handheld), handheld.row("bob")
    finger.swipe(row, *LEFT)
    buttons = handheld.page.locator(".swipe--end button")
    expect(buttons).to_have_text(["Mute", "Archive"])
    expect(row.locator(".chat__name bdi")).to_be_in_viewport(ratio=1)
    for button in buttons.all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert not handheld.overflows()
    handheld.check_both_themes()
    handheld.row("eve").click()
    expect(buttons).to_have_count(0)
    expect(handheld.page.locator("#app")).to_have_attribute("data-pane", "list")
    finger.swipe(row, *RIGHT)
    expect(row.locator(".chat__name bdi")).to_be_in_viewport(ratio=1)
    handheld.page.locator(".swipe--start button").click()
    expect_names(handheld, "bob", "eve")
    finger.swipe(row, *LEFT)
    handheld.page.locator(".swipe button", has_text="Archive").click()
    expect_names(handheld, "eve")
    expect(toast(handheld)).to_have_text("ArchivedUndo")
    assert not handheld.overflows()


def test_a_swipe_to_mute_asks_for_how_long(handheld: Window) -> None:
    finger, row = Finger(handheld), handheld.row("bob")
    finger.swipe(row, *LEFT)
    handheld.page.locator(".swipe button", has_text="Mute").click()
    expect(menu(handheld)).to_have_attribute("aria-label", "Mute \u2068bob\u2069")
    handheld.check_both_themes()
    menu(handheld).get_by_role("button", name="Always").click()
    expect(row.locator(".chat__who .chat__sign")).to_be_visible()
    finger.swipe(row, *LEFT)
    handheld.page.locator(".swipe button", has_text="Unmute").click()
    expect(row.locator(".chat__who .chat__sign")).to_be_hidden()


def test_a_swipe_up_or_from_the_edge_is_none_of_a_row(handheld: Window) -> None:
    finger, row = Finger(handheld), handheld.row("bob")
    for way, start in (([(-5, -20), (-60, -60), (-150, -90)], 180), (RIGHT, 10), (LEFT, 370)):
        finger.swipe(row, *way, start=start)
        expect(handheld.page.locator(".swipe")).to_have_count(0)
    finger.swipe(row, (-15, 1), (-40, 1))
    expect(handheld.page.locator(".swipe")).to_have_count(0)
    row.tap()
    expect(handheld.page.locator(".talk__name")).to_have_text("bob")


def test_a_long_press_opens_the_menu_of_a_row(handheld: Window) -> None:
    finger = Finger(handheld)
    box = handheld.row("bob").bounding_box()
    assert box is not None
    finger.send("touchStart", (180, box["y"] + 30))
    expect(menu(handheld)).to_be_visible()
    finger.send("touchEnd")
    expect(menu(handheld)).to_be_visible()
    handheld.check_both_themes()
    menu(handheld).get_by_role("button", name="Pin").tap()
    expect_names(handheld, "bob", "eve")


def test_back_leads_out_of_the_archive_on_a_phone(handheld: Window, phone: Socket, chat: int) -> None:
    phone.send("set_chat", chat_id=chat, archived=True)
    archive(handheld).tap()
    expect_names(handheld, "bob")
    handheld.row("bob").tap()
    handheld.expect_texts("from bob")
    handheld.page.go_back()
    expect_names(handheld, "bob")
    handheld.page.go_back()
    expect_names(handheld, "eve")
    archive(handheld).tap()
    expect_names(handheld, "bob")
    archive(handheld).tap()
    expect_names(handheld, "eve")


def test_new_chat_has_words_and_floats_on_a_phone(shown: Window, handheld: Window) -> None:
    for page, width in ((shown.page, 1120), (handheld.page, 375)):
        button = page.get_by_role("button", name="New chat")
        expect(button).to_have_text("New chat")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= width - (16 if width == 375 else 0)
        assert (box["y"] > 500) == (width == 375)


def test_a_long_name_ends_in_an_ellipsis_and_is_there_in_full_on_hover(
    stack: Stack, window: Opener, people: People, ada: Person
) -> None:
    long = people.register("m" * 50)
    chat = people.chat_between(ada, long)
    say_as(long, chat, "hello")
    shown = window(stack, ada, viewport={"width": 720, "height": 600})
    shown.open(long.name)
    for name in (".chat__name", ".talk__name"):
        found = shown.page.locator(name)
        expect(found).to_have_attribute("title", long.name)
        style = "(node) => [getComputedStyle(node).textOverflow, node.scrollWidth > node.clientWidth]"
        assert found.evaluate(style) == ["ellipsis", True]
    expect(shown.page.locator("#person")).to_have_attribute("title", long.name)
    shown.page.click("#person")
    expect(shown.page.locator("#person-dialog bdi")).to_have_text(long.name)
    style = "(node) => [getComputedStyle(node, '::first-letter').textTransform, getComputedStyle(node).fontWeight]"
    assert shown.page.locator("#person-dialog .field__hint").evaluate(style) == ["uppercase", "400"]
    expect(shown.page.locator("#account")).to_have_css("text-decoration-line", "none")


def test_typing_is_said_once(shown: Window, bob: Person, eve: Person, chat: int, other: int) -> None:
    shown.open("bob")
    sockets = bob.connect(), eve.connect()
    expect(shown.page.locator(".talk__state")).to_have_text("online")
    for socket, where in zip(sockets, (chat, other), strict=True):
        socket.send("typing", chat_id=where, typing=True)
    expect(shown.page.locator("li.typing")).to_be_visible()
    expect(shown.page.locator("li.typing")).to_have_text("typing…")
    expect(shown.row("eve").locator(".chat__last")).to_have_text("typing…")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("from bob")
    expect(shown.page.locator(".talk__state")).to_have_text("online")
