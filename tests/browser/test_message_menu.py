"""What one does with a message: by mouse, finger and keyboard, online and offline."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.window import Window, say_as

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    """The chat of Ada with Bob: a message of each."""
    say_as(bob, chat, "from bob")
    say_as(ada, chat, "from ada")
    opened = window(stack, ada)
    opened.open("bob")
    opened.expect_texts("from bob", "from ada")
    return opened


def menu(shown: Window) -> Locator:
    return shown.page.locator("#message-menu")


def choose(shown: Window, text: str, name: str) -> None:
    """Choose an entry of a message's menu, by right click."""
    shown.message(text).locator(".bubble").click(button="right")
    menu(shown).get_by_role("button", name=name).click()
    expect(menu(shown)).to_be_hidden()


def task(shown: Window) -> Locator:
    return shown.page.locator("#composer-task")


def listed(person: Person) -> list[str]:
    return [message["content"] for message in person.chats()[0]["messages"]]


def test_the_menu_offers_what_one_can_do(shown: Window) -> None:
    for text, names in (
        ("from bob", ["Reply", "Copy", "Select"]),
        ("from ada", ["Reply", "Edit", "Copy", "Select", "Delete for both"]),
    ):
        shown.message(text).locator(".bubble").click(button="right")
        expect(menu(shown).locator(".menu__entry span")).to_have_text(names)
        expect(menu(shown).locator(".menu__quick button")).to_have_count(7)
        shown.check_both_themes()
        shown.page.keyboard.press("Escape")
        expect(menu(shown)).to_be_hidden()
    shown.message("from bob").hover()
    shown.page.get_by_role("button", name="Message options").click()
    expect(menu(shown)).to_be_visible()
    shown.page.mouse.click(5, 5)
    expect(menu(shown)).to_be_hidden()


def test_what_is_being_answered_is_shown_and_kept_as_it_is_now(shown: Window, bob: Person, chat: int) -> None:
    choose(shown, "from bob", "Reply")
    device = bob.connect(features=["changes"])
    seq = next(each["seq"] for each in bob.chats()[0]["messages"] if each["content"] == "from bob")
    device.send("edit_message", chat_id=chat, seq=seq, message="another text", client_id="edited")
    expect(task(shown)).to_contain_text("Reply to \u2068bob\u2069another text")
    device.send("delete_message", chat_id=chat, seq=seq, client_id="gone")
    expect(task(shown)).to_contain_text("Reply to \u2068bob\u2069This message was deleted")
    shown.allow_network_errors()
    shown.page.context.set_offline(True)
    shown.say("an answer")
    expect(shown.message("an answer").locator(".quote__line")).to_have_text("This message was deleted")


def test_reacting_answering_editing_and_deleting_reach_the_other(
    shown: Window, stack: Stack, window: Opener, bob: Person
) -> None:
    other = window(stack, bob)
    other.open("ada")
    choose(shown, "from bob", "Party")
    expect(other.message("from bob").locator(".reaction")).to_have_attribute("aria-label", "🎉 from \u2068ada\u2069")
    choose(shown, "from bob", "Reply")
    expect(task(shown)).to_contain_text("Reply to \u2068bob\u2069from bob")
    expect(shown.field).to_be_focused()
    shown.check_both_themes()
    shown.say("an answer")
    expect(task(shown)).to_be_hidden()
    for side in (shown, other):
        expect(side.message("an answer").locator(".quote__line")).to_have_text("from bob")
    choose(shown, "from ada", "Edit")
    expect(shown.field).to_have_value("from ada")
    shown.say("from ada, edited")
    other.expect_texts("from bob", "from ada, edited", "an answer")
    choose(shown, "from ada", "Delete for both")
    shown.check_both_themes()
    shown.page.locator("#confirm-dialog [value=yes]").click()
    other.expect_texts("from bob", "This message was deleted", "an answer")
    shown.expect_texts("from bob", "You deleted this message", "an answer")
    assert listed(bob) == ["from bob", "", "an answer"]


def test_everything_is_done_with_the_keyboard_alone(shown: Window) -> None:
    page = shown.page
    page.locator(".scroller").focus()
    page.keyboard.press("ArrowUp")
    expect(shown.message("from ada")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(shown.message("from bob")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu(shown).get_by_role("button", name="Reply")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu(shown).get_by_role("button", name="More reactions")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(shown.message("from bob").locator(".reaction")).to_have_text("🎉")
    expect(page.locator("#status")).to_have_text("You reacted with 🎉")
    expect(shown.message("from bob")).to_be_focused()
    page.keyboard.press("r")
    expect(shown.field).to_be_focused()
    expect(task(shown)).to_be_visible()
    page.keyboard.press("Escape")
    expect(task(shown)).to_be_hidden()
    expect(shown.field).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(shown.field).to_have_value("from ada")
    page.keyboard.press("End")
    page.keyboard.type(", too")
    page.keyboard.press("Enter")
    shown.expect_texts("from bob", "from ada, too")
    expect(page.locator("#status")).to_have_text("Message edited")
    expect(shown.field).to_have_value("")
    page.locator(".scroller").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown.expect_texts("from bob", "You deleted this message")


def test_a_draft_stands_back_while_a_message_is_edited(shown: Window) -> None:
    shown.field.fill("half a sen")
    choose(shown, "from ada", "Edit")
    expect(shown.field).to_have_value("from ada")
    shown.page.keyboard.press("Escape")
    expect(shown.field).to_have_value("half a sen")
    choose(shown, "from ada", "Edit")
    shown.say("from ada, edited")
    shown.expect_texts("from bob", "from ada, edited")
    expect(shown.field).to_have_value("half a sen")
    choose(shown, "from ada", "Edit")
    shown.page.reload()
    expect(shown.field).to_have_value("half a sen")


def test_a_long_press_opens_the_menu_and_a_swipe_answers(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "from bob")
    shown = window(stack, ada, **PHONE)
    shown.row("bob").tap()
    box = shown.message("from bob").locator(".bubble").bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + 10
    touch = shown.page.context.new_cdp_session(shown.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    send("touchStart", (x, y))
    expect(menu(shown)).to_be_visible()
    send("touchEnd")
    expect(menu(shown).locator(".lifted")).to_be_visible()
    expect(shown.page.locator(".messages .message .bubble")).to_be_hidden()
    assert not shown.overflows()
    shown.check_both_themes()
    menu(shown).get_by_role("button", name="Thumbs up").tap()
    expect(shown.message("from bob").locator(".reaction")).to_have_text("👍")
    send("touchStart", (x, y))
    for by in (12, 30, 50, 70):
        send("touchMove", (x + by, y))
    send("touchEnd")
    expect(task(shown)).to_be_visible()
    shown.check_both_themes()


def test_what_is_changed_offline_waits_in_order_and_is_made_once(shown: Window, bob: Person, chat: int) -> None:
    watching = bob.connect(features=["changes"])
    shown.allow_network_errors()
    shown.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    shown.page.context.set_offline(True)
    choose(shown, "from ada", "Edit")
    shown.say("edited offline")
    choose(shown, "from bob", "Heart")
    shown.say("written offline")
    shown.expect_texts("from bob", "edited offline", "written offline")
    act = shown.message("from bob").locator(".message__act")
    expect(act).to_contain_text("Waiting to be sent")
    shown.check_both_themes()
    act.get_by_role("button", name="Cancel").click()
    expect(shown.message("from bob").locator(".reaction")).to_have_count(0)
    expect(shown.page.locator("#status")).to_have_text("Taken back")
    choose(shown, "from bob", "Party")
    second = shown.page.context.new_page()
    second.close()
    shown.page.context.set_offline(False)
    shown.expect_tick("written offline", "sent")
    expect(shown.message("from bob").locator(".reaction")).to_have_text("🎉")
    changes = [watching.wait_for("message_changed")["message"] for _ in range(2)]
    assert [message["change_seq"] for message in changes] == [1, 2]
    assert changes[0]["content"] == "edited offline"
    assert changes[1]["reactions"][0]["emoji"] == "🎉"
    assert listed(bob) == ["from bob", "edited offline", "written offline"]


def test_an_edit_that_comes_too_late_is_told_and_its_text_is_kept(shown: Window, ada: Person, chat: int) -> None:
    elsewhere = ada.connect(features=["changes"])
    shown.allow_network_errors()
    shown.page.context.set_offline(True)
    choose(shown, "from ada", "Edit")
    shown.say("mine")
    elsewhere.send("edit_message", chat_id=chat, seq=2, message="elsewhere", client_id="elsewhere")
    elsewhere.wait_for("changed")
    shown.page.context.set_offline(False)
    shown.expect_texts("from bob", "elsewhere")
    act = shown.message("elsewhere").locator(".message__act")
    expect(act).to_contain_text("You have edited this message elsewhere meanwhile.")
    shown.check_both_themes()
    act.get_by_role("button", name="Edit again").click()
    expect(shown.field).to_have_value("mine")
    shown.field.press("Enter")
    shown.expect_texts("from bob", "mine")
    expect(shown.page.locator(".message__act")).to_have_count(0)


def test_a_change_of_a_message_that_is_gone_meanwhile_is_taken_back(shown: Window, bob: Person, chat: int) -> None:
    elsewhere = bob.connect(features=["changes"])
    shown.allow_network_errors()
    shown.page.context.set_offline(True)
    choose(shown, "from bob", "Party")
    elsewhere.send("delete_message", chat_id=chat, seq=1, client_id="gone")
    elsewhere.wait_for("changed")
    shown.page.context.set_offline(False)
    shown.expect_texts("This message was deleted", "from ada")
    expect(shown.page.locator("#status")).to_have_text("Nobody can react to this message any more.")
    expect(shown.page.locator(".reaction")).to_have_count(0)


def test_two_tabs_make_a_change_once(shown: Window, stack: Stack, window: Opener, ada: Person, bob: Person) -> None:
    watching = bob.connect(features=["changes"])
    second = window(stack, ada, of=shown)
    for tab in (shown, second):
        tab.allow_network_errors()
        tab.open("bob")
    shown.page.context.set_offline(True)
    shown.page.bring_to_front()
    choose(shown, "from ada", "Edit")
    shown.say("edited")
    expect(second.message("edited")).to_be_visible()
    second.page.bring_to_front()
    choose(second, "from bob", "Party")
    expect(shown.message("from bob").locator(".reaction")).to_have_text("🎉")
    shown.page.context.set_offline(False)
    changes = [watching.wait_for("message_changed")["message"] for _ in range(2)]
    assert [(message["seq"], message["change_seq"]) for message in changes] == [(2, 1), (1, 2)]
    for tab in (shown, second):
        expect(tab.page.locator(".message__act")).to_have_count(0)
        tab.expect_texts("from bob", "edited")
    assert "message_changed" not in [frame["type"] for frame in watching.until_pong()]


def test_what_is_begun_in_a_chat_is_there_when_one_comes_back(shown: Window, eve: Person) -> None:
    choose(shown, "from bob", "Reply")
    shown.field.fill("half an answer")
    shown.start_chat("eve")
    expect(task(shown)).to_be_hidden()
    expect(shown.field).to_have_value("")
    shown.open("bob")
    expect(task(shown)).to_contain_text("Reply to \u2068bob\u2069from bob")
    expect(shown.page.locator("#status")).to_have_text("Reply to \u2068bob\u2069")
    expect(shown.field).to_have_value("half an answer")
    choose(shown, "from ada", "Edit")
    shown.field.fill("from ada, half edited")
    shown.open("eve")
    expect(shown.field).to_have_value("")
    shown.open("bob")
    expect(task(shown)).to_contain_text("Edit messagefrom ada")
    expect(shown.field).to_have_value("from ada, half edited")
    shown.field.press("Enter")
    shown.expect_texts("from bob", "from ada, half edited")
    expect(shown.field).to_have_value("half an answer")


def test_what_was_begun_ends_where_its_message_is_deleted_meanwhile(
    shown: Window, bob: Person, eve: Person, chat: int
) -> None:
    choose(shown, "from bob", "Reply")
    shown.field.fill("half an answer")
    shown.start_chat("eve")
    elsewhere = bob.connect(features=["changes"])
    elsewhere.send("delete_message", chat_id=chat, seq=1, client_id="gone")
    elsewhere.wait_for("changed")
    shown.open("bob")
    shown.expect_texts("This message was deleted", "from ada")
    expect(shown.field).to_have_value("half an answer")
    expect(task(shown)).to_be_hidden()


def test_the_edge_of_the_field_is_a_ring_for_the_keyboard_only(shown: Window) -> None:
    ring = "getComputedStyle(document.querySelector('.composer__box')).outlineStyle"
    shown.field.click()
    expect(shown.field).to_be_focused()
    assert shown.page.evaluate(ring) == "none"
    shown.page.keyboard.press("Shift+Tab")
    shown.page.keyboard.press("Tab")
    expect(shown.field).to_be_focused()
    assert shown.page.evaluate(ring) == "solid"
    shown.field.click()
    assert shown.page.evaluate(ring) == "none"
