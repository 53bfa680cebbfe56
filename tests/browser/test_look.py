"""What a conversation looks like: times, reactions, long texts, states, and the way down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.waiting import wait_until
from tests.support.window import SETTLED, Window, say_as

PHONE = {"width": 375, "height": 667}
DESKTOP = {"width": 1280, "height": 800}
AT_END = """(() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector(".scroller");
  return scrollHeight - scrollTop - clientHeight < 1;
})()"""
LONG = "\n".join(f"line {number}" for number in range(1, 30))


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found
    left, top, width, height = found["x"], found["y"], found["width"], found["height"]
    return {"x": left, "y": top, "width": width, "height": height, "right": left + width, "bottom": top + height}


def style(locator: Locator, name: str) -> str:
    return str(locator.evaluate(f"(node) => getComputedStyle(node)['{name}']"))


def read_all(person: Person, chat: int, seq: int) -> None:
    socket = person.connect()
    socket.send("read", chat_id=chat, seq=seq)
    socket.until_pong()
    socket.close()
    wait_until(lambda: any(one["id"] == chat and one["read_seq"] == seq for one in person.chats()))


def colour(shown: Window, name: str) -> str:
    """The value of a colour, as the browser writes it."""
    value: Any = shown.page.evaluate(
        """(name) => {
          const node = document.body.appendChild(document.createElement("i"));
          node.style.color = `var(--${name})`;
          const { color } = getComputedStyle(node);
          node.remove();
          return color;
        }""",
        name,
    )
    return str(value)


def test_a_group_has_one_time_below_it_and_each_message_its_own_beside_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    for text in ("one", "two"):
        bob.say(chat, text)
    shown = window(stack, ada, locale="en-US", viewport=DESKTOP)
    shown.open("bob")
    one, two = (shown.message(text) for text in ("one", "two"))
    expect(two.locator("time")).to_have_text(re.compile(r"^[1-9]\d?:\d\d.(A|P)M$"))
    assert box(one.locator(".message__when"))["width"] <= 1
    assert box(two.locator("time"))["y"] >= box(two.locator(".bubble"))["bottom"]
    assert box(two)["y"] - box(one)["bottom"] == 4
    one.locator(".bubble").hover()
    beside = one.locator(".message__tools time")
    expect(beside).to_have_text(re.compile(r"^[1-9]\d?:\d\d:\d\d.(A|P)M$"))
    expect(beside).to_be_visible()
    assert box(beside)["x"] > box(one.locator(".bubble"))["right"]
    shown.say("mine")
    mine = shown.message("mine")
    mine.locator(".bubble").hover()
    expect(mine.locator(".message__tools time")).to_be_visible()
    assert box(mine.locator(".message__tools time"))["right"] < box(mine.locator(".bubble"))["x"]
    assert box(mine.locator(".tick"))["x"] > box(mine.locator(".message__when time"))["x"]
    shown.check_both_themes()


def test_reactions_overlap_the_bubble_and_have_the_time_beside_them(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, "Shall we?")
    socket = bob.connect()
    socket.send("react", chat_id=chat, seq=1, emoji="🎉", client_id="r1")
    socket.wait_for("changed")
    shown = window(stack, ada)
    shown.open("bob")
    message = shown.message("Shall we?")
    bubble, reaction, time = (box(message.locator(part)) for part in (".bubble", ".reaction", ".message__when time"))
    assert reaction["y"] == pytest.approx(bubble["bottom"] - 10, abs=1)
    assert time["x"] > reaction["right"]
    assert time["y"] >= bubble["bottom"]
    shown.check_both_themes()


def test_what_waits_is_paler_and_what_was_not_sent_is_outlined(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, "hello")
    shown = window(stack, ada)
    shown.open("bob")
    shown.allow_network_errors()
    shown.page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    shown.say("later")
    waiting = shown.message("later").locator(".bubble")
    shown.expect_tick("later", "waiting")
    expect(waiting).to_have_css("opacity", "0.75")
    bob.http.post_json("/backend/e_block", {"user_id": ada.id})
    shown.page.context.set_offline(False)
    act = shown.message("later").locator(".message__act")
    expect(act.get_by_role("button")).to_have_text(["Try again", "Delete"])
    expect(waiting).to_have_css("opacity", "1")
    shown.until(AT_END)
    assert colour(shown, "danger") in style(waiting, "boxShadow")
    assert box(shown.message("later").locator(".message__when"))["width"] <= 1
    shown.check_both_themes()
    act.get_by_role("button", name="Delete").click()
    expect(shown.message("later")).to_have_count(0)


def test_an_edited_text_has_a_word_that_is_no_part_of_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, "one word")
    socket = bob.connect()
    socket.send("edit_message", chat_id=chat, seq=1, message="first", client_id="e1")
    socket.wait_for("changed")
    shown = window(stack, ada)
    shown.open("bob")
    shown.expect_texts("first")
    word = shown.bubbles().first.evaluate("(node) => getComputedStyle(node, '::after').content")
    assert word.startswith('"edited"')
    expect(shown.message("first").locator(".bubble__edited")).to_have_text("edited")


def test_selected_text_can_be_seen_on_both_bubbles(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, "theirs")
    ada.say(chat, "mine")
    shown = window(stack, ada)
    shown.open("bob")
    for scheme in ("light", "dark"):
        shown.page.emulate_media(color_scheme=scheme)
        shown.page.evaluate(SETTLED)
        for text in shown.bubbles().all():
            colours = text.evaluate(
                "(node) => [getComputedStyle(node, '::selection'), getComputedStyle(node.parentNode)]"
                ".map((one) => one.backgroundColor)"
            )
            assert colours[0] == colour(shown, "select")
            assert colours[1] in (colour(shown, "mine"), colour(shown, "theirs"))


def test_a_long_text_shows_its_beginning_until_somebody_reads_more(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    for number in range(15):
        ada.say(chat, f"message {number}")
    bob.say(chat, "\n".join(["these are twelve lines"] * 12))
    bob.say(chat, LONG)
    shown = window(stack, ada, viewport=PHONE)
    shown.open("bob")
    expect(shown.page.locator(".more")).to_have_count(1)
    long = shown.message("line 29")
    more = long.get_by_role("button", name="Read more")
    assert box(long.locator(".bubble__text"))["height"] == 8 * 22
    expect(more).to_have_attribute("aria-expanded", "false")
    shown.check_both_themes()
    more.focus()
    top = box(long)["y"]
    shown.page.keyboard.press("Enter")
    less = long.get_by_role("button", name="Show less")
    expect(less).to_have_attribute("aria-expanded", "true")
    expect(less).to_be_focused()
    assert box(long)["y"] == top
    assert box(long.locator(".bubble__text"))["height"] == 29 * 22
    say_as(bob, chat, "what comes afterwards does not move it")
    expect(shown.bubbles()).to_have_count(18)
    assert box(long)["y"] == top
    less.scroll_into_view_if_needed()
    place = box(less)["y"]
    shown.page.keyboard.press("Enter")
    expect(more).to_be_focused()
    assert box(more)["y"] == pytest.approx(place, abs=1)


def test_what_is_long_depends_on_the_width(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    bob.say(chat, "some words that go on " * 20)
    shown = window(stack, ada, viewport=DESKTOP)
    shown.open("bob")
    expect(shown.page.locator(".more")).to_have_count(0)
    shown.page.set_viewport_size({"width": 320, "height": 640})
    expect(shown.page.get_by_role("button", name="Read more")).to_be_visible()
    shown.page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    expect(shown.page.locator(".more")).to_have_count(0)


def test_a_long_text_opens_for_a_link_in_its_end_and_stays_open_while_it_is_out_of_view(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, LONG + "\nhttps://example.org/end")
    for number in range(150):
        bob.say(chat, f"message {number}")
    read_all(ada, chat, 151)
    shown = window(stack, ada)
    shown.go(f"/#{chat}")
    scroller = shown.page.locator(".scroller")
    long = shown.message("line 29")
    expect(shown.message("message 149")).to_be_visible()
    shown.until("(document.querySelector('.scroller').scrollTop = 0, document.querySelector('.more') !== null)")
    scroller.focus()
    shown.page.keyboard.press("Tab")
    expect(long.locator("a")).to_be_focused()
    expect(long.get_by_role("button", name="Show less")).to_be_visible()
    assert long.locator(".bubble__text").evaluate("(node) => node.scrollTop") == 0
    shown.page.locator("#jump").click()
    expect(shown.message("message 149")).to_be_in_viewport()
    shown.until("(document.querySelector('.scroller').scrollTop = 0, document.querySelector('.more') !== null)")
    expect(long.get_by_role("button", name="Show less")).to_be_attached()


def test_a_field_has_a_ring_for_the_keyboard_only(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    bob.say(chat, "hello")
    shown = window(stack, ada)
    shown.open("bob")
    fields = {".composer__box": ".composer__field", ".search": ".search input"}
    for ring, field in fields.items():
        shown.page.locator(field).click()
        shown.page.keyboard.press("ArrowLeft")
        assert style(shown.page.locator(ring), "outlineStyle") == "none"
        shown.page.keyboard.press("Shift+Tab")
        shown.page.keyboard.press("Tab")
        expect(shown.page.locator(field)).to_be_focused()
        assert style(shown.page.locator(ring), "outlineStyle") == "solid"
        shown.page.mouse.click(5, 5)


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1000, "height": 700}, DESKTOP, {"width": 1920, "height": 900}])
def test_the_way_down_covers_no_time_and_says_how_many_are_new(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, viewport: dict[str, int]
) -> None:
    for number in range(30):
        (ada if number % 2 else bob).say(chat, f"message {number}, which is about as long as a line")
    read_all(ada, chat, 30)
    shown = window(stack, ada, viewport=viewport)
    shown.open("bob")
    jump = shown.page.locator("#jump")
    expect(jump).to_be_hidden()
    for top in range(300, 340, 4):
        # Again and again: a page that is at its end stays there while it is being laid out.
        place = f"document.querySelector('.scroller').scrollTop = {top}"
        shown.until(f"({place}, !document.querySelector('#jump').hidden)")
        covered = jump.evaluate(
            """(button) => {
              const a = button.getBoundingClientRect();
              return [...document.querySelectorAll(".message--last .message__when")].filter((node) => {
                const b = node.getBoundingClientRect();
                return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
              }).length;
            }"""
        )
        assert covered == 0
    column, talk, button = (box(shown.page.locator(name)) for name in (".messages", ".talk", "#jump"))
    if talk["width"] >= 900:
        assert button["x"] >= column["right"]
    else:
        assert (button["x"] + button["right"]) / 2 == pytest.approx((talk["x"] + talk["right"]) / 2, abs=1)
    say_as(bob, chat, "a new one")
    expect(jump.locator(".badge")).to_have_text("1")
    expect(jump).to_be_in_viewport(ratio=1)
    assert box(jump)["right"] <= viewport["width"]
    jump.click()
    expect(jump).to_be_hidden()
