"""No name, message, link or code widens a view or paints over its neighbours, on a phone as on a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from chromium import find_program, launch
from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import People
from tests.support.window import Window, say_as

WIDTHS = (320, 375, 768, 1280, 1920)
WIDE = "W" * 50
MARKED = "Z" + "\u0336\u0351\u0489" * 16 + "\u0351"
TEXTS = (
    "W" * 500,
    "Z" + "\u0336\u0351\u0489" * 300,
    "https://example.org/" + "w" * 700,
    "www." + "w" * 60 + ".example.org " + "a" * 60 + "@" + "b" * 60 + ".example.org",
    "0123456789abcdef" * 30,
    "\u0623" * 300,
)

CROSSING = """() => {
  const inside = (node) => {
    const box = node.getBoundingClientRect();
    return box.left >= 0 && box.right <= innerWidth + 0.5;
  };
  const root = document.documentElement;
  const found = [];
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} wide`);
  const parts = ".bubble, .message__foot, .talk__top, .chat, .closed, .banner, dialog[open], .card, .row";
  for (const node of document.querySelectorAll(`button, input, textarea, ${parts}`)) {
    if (node.closest(".skip") || !node.checkVisibility({ visibilityProperty: true })) continue;
    if (!inside(node)) found.push(node.id || node.className || node.outerHTML.slice(0, 80));
  }
  for (const node of document.querySelectorAll(".scroller, .chats__list, dialog[open], .sheet")) {
    if (!node.checkVisibility() || node.scrollWidth <= node.clientWidth) continue;
    found.push(`${node.className || node.id} scrolls`);
  }
  return found;
}"""


SMALL = """() => {
  const wanted = "button, a[href], input, textarea, select, summary, [role=button]";
  const isIn = (node, x, y) => node.contains(document.elementFromPoint(x, y));
  const name = (node) => node?.id || node?.className || node?.outerHTML.slice(0, 80);
  return [...document.querySelectorAll(wanted)].flatMap((node) => {
    // Links stand in the line of a text. What comes with a mouse over a message is for that mouse.
    if (node.closest(".bubble__text, .skip, .message__tools") || !node.checkVisibility()) return [];
    const pressed = node.closest("label") ?? node;
    pressed.scrollIntoView({ block: "center" });
    const box = pressed.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    if (!isIn(pressed, x, y)) return [];
    return [[-21, 0], [21, 0], [0, -21], [0, 21]]
      .filter(([right, down]) => !isIn(pressed, x + right, y + down))
      .map(([right, down]) => [name(node), right, down, y, name(document.elementFromPoint(x + right, y + down))]);
  });
}"""


def check(shown: Window, where: str) -> None:
    for _ in range(20):  # what slides in is outside for a moment
        if not (found := shown.page.evaluate(CROSSING)):
            return
        shown.page.wait_for_timeout(50)
    raise AssertionError(f"{where}: {found}")


def check_talk(shown: Window, where: str) -> None:
    check(shown, where)
    for name in (".send:visible, #record:visible", "#person"):
        expect(shown.page.locator(name)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_widens_the_chat_page(stack: Stack, window: Opener, people: People, width: int, language: str) -> None:
    ada, wide, marked = people.register("W" * 49 + "a"), people.register(WIDE), people.register(MARKED)
    chats = {other: people.chat_between(ada, other) for other in (wide, marked)}
    for other, chat in chats.items():
        socket, own = other.connect(), ada.connect()
        for text in TEXTS:
            socket.send("send_message", chat_id=chat, message=text)
            socket.wait_for("message_sent")
            own.send("send_message", chat_id=chat, message=text)
            own.wait_for("message_sent")
    shown = window(stack, ada, viewport={"width": width, "height": 720}, locale=language)
    page = shown.page
    expect(page.locator("a.chat")).to_have_count(2)
    check(shown, "the list")
    for other, chat in chats.items():
        shown.go(f"/#{chat}")
        expect(page.locator(".talk__name")).to_have_text(other.name)
        expect(shown.bubbles()).to_have_count(2 * len(TEXTS))
        check_talk(shown, "the conversation")
        page.locator("#person").click()
        expect(page.locator("dialog[open] bdi")).to_have_text(other.name)
        check(shown, "about a person")
        page.locator("#person-dialog .button").click()
        expect(page.locator("#confirm-dialog")).to_be_visible()
        check(shown, "are you sure")
        page.locator("#confirm-dialog [value=yes]").click()
        expect(page.locator(".closed")).to_be_visible()
        check(shown, "the bar of a blocked person")
        page.locator(".closed .button").click()
        expect(page.locator(".send:visible, #record:visible")).to_be_visible()
    shown.allow_network_errors()
    page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    shown.field.fill("W" * 300)
    check_talk(shown, "the banner")
    banner, words = (place.bounding_box() for place in (shown.banner, shown.banner.locator("span")))
    assert banner
    assert words
    assert words["y"] - banner["y"] >= 4
    assert banner["height"] - words["height"] >= 8
    page.context.set_offline(False)
    if width < 720:
        page.locator("#back").click()
    page.locator("#new-chat").click()
    page.fill("#other-name", "X" * 50)
    page.keyboard.press("Enter")
    expect(page.locator("#other-name-error")).not_to_be_empty()
    check(shown, "a new chat")


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_widens_the_pages_around_it(
    stack: Stack, window: Opener, people: People, width: int, language: str
) -> None:
    ada, marked = people.register(WIDE), people.register(MARKED)
    ada.http.post_json("/backend/e_block", {"user_id": marked.id})
    viewport = {"width": width, "height": 720}
    nobody = window(stack, viewport=viewport, locale=language)
    for path in ("/login", f"/login?error=wrong_login&username={WIDE}", "/register", "/register?error=username_taken"):
        nobody.go(path)
        check(nobody, path)
    shown = window(stack, ada, viewport=viewport, locale=language)
    for path in ("/settings", "/invite", "/logout"):
        shown.go(path)
        if path == "/settings":
            shown.page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
        check(shown, path)


def test_combining_marks_paint_over_nothing_around_them(stack: Stack, window: Opener, people: People) -> None:
    ada, marked = people.register("ada"), people.register(MARKED)
    chat = people.chat_between(ada, marked)
    say_as(marked, chat, TEXTS[1])
    shown = window(stack, ada)
    shown.go(f"/#{chat}")
    expect(shown.bubbles()).to_have_count(1)
    shown.page.locator("#person").click()
    expect(shown.page.locator("#person-dialog")).to_be_visible()
    clipped = shown.page.evaluate(
        """() => [".chat__name", ".chat__last", ".talk__name", ".bubble", ".beginning", "dialog[open] .sheet__who div"]
          .filter((name) => getComputedStyle(document.querySelector(name)).overflowY === "visible")"""
    )
    assert clipped == []


@pytest.mark.parametrize("width", WIDTHS)
def test_whatever_is_pressed_is_44_pixels_wide_and_high(
    stack: Stack, window: Opener, people: People, width: int
) -> None:
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    socket, own = bob.connect(), ada.connect()
    ada.say(chat, "first")
    for text in ("line\n" * 30, "hello", "first"):
        socket.send("send_message", chat_id=chat, message=text, reply_to_seq=1)
        socket.wait_for("message_sent")
    for seq in (2, 3, 4):
        socket.send("react", chat_id=chat, seq=seq, emoji="👍", client_id=f"b{seq}")
    socket.until_pong()
    own.send("react", chat_id=chat, seq=3, emoji="🎉", client_id="a3")
    own.until_pong()
    shown = window(stack, ada, viewport={"width": width, "height": 900})
    page = shown.page
    expect(page.locator("a.chat")).to_have_count(1)
    assert page.evaluate(SMALL) == []
    shown.go(f"/#{chat}")
    expect(page.locator(".more")).to_have_count(1)
    expect(page.locator(".reaction")).to_have_count(4)
    assert page.evaluate(SMALL) == []
    shown.allow_network_errors()
    page.context.set_offline(True)
    expect(shown.banner).to_be_visible()
    shown.say("later")
    expect(page.locator(".message__act")).to_be_visible()
    assert page.evaluate(SMALL) == []
    shown.message("hello").locator(".bubble").hover()
    size = page.locator(".message__more").bounding_box()
    assert size
    assert (size["width"], size["height"]) == (36, 36)


@pytest.fixture(scope="module")
def with_scrollbars(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose scrollbars take room, as on Windows and most of Linux; headless ones hide them by default."""
    browser = launch(playwright, program=find_program(), ignore_default_args=["--hide-scrollbars"])
    yield browser
    browser.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_chat_page_has_no_scrollbar_of_its_own(
    stack: Stack, window: Opener, people: People, with_scrollbars: Browser, width: int
) -> None:
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    for number in range(30):
        bob.say(chat, f"message {number}")
    shown = window(stack, ada, browser=with_scrollbars, viewport={"width": width, "height": 657})
    room = "[document.documentElement, document.body].map((node) => [node.scrollHeight, node.clientWidth])"
    assert shown.page.evaluate("innerWidth - document.documentElement.clientWidth") == 0
    for path in ("/", f"/#{chat}"):
        shown.go(path)
        shown.until("!document.querySelector('#list').hidden")
        assert shown.page.evaluate(room) == [[657, width], [657, width]], path
    check_talk(shown, "with scrollbars")
    say_as(bob, chat, "one more")
    expect(shown.bubbles().last).to_have_text("one more")
    assert shown.page.evaluate(room) == [[657, width], [657, width]]
