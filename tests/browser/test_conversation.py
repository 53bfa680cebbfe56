"""Long conversations, hostile texts, where the reader left off, and being told of what is new."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from chat_db.messages import NewMessage
from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.rows import FORGED, forge
from tests.support.stored import store_messages
from tests.support.window import Window, say_as


def fill(stack: Stack, chat: int, senders: tuple[Person, Person], count: int) -> None:
    """Put `count` messages straight into the table: number 1 a day long past, the last one today."""
    now = datetime.now(UTC)
    rows = [
        NewMessage(
            *(chat, senders[seq % 2].id, senders[(seq + 1) % 2].id, f"c-{seq}"),
            f"message {seq} " + "and more words " * (seq % 5),
            (now - timedelta(minutes=count - seq)).strftime("%Y-%m-%d %H:%M:%S.000"),
            seq,
        )
        for seq in range(1, count + 1)
    ]
    store_messages(stack.database, rows)


def test_ten_thousand_messages_are_scrolled_to_their_beginning_without_a_jump(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    fill(stack, chat, (ada, bob), 10_000)
    stack.database.query("UPDATE members SET read_seq = 10000")
    shown = window(stack, ada)
    page = shown.page
    shown.open("bob")
    expect(shown.bubbles().last).to_contain_text("message 10000 ")
    # Upwards in steps, as a finger does it. In each step what was in view must move by the step and by nothing else.
    result = page.evaluate(
        """async () => {
          const scroller = document.querySelector(".scroller");
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          const seqs = () => [...document.querySelectorAll("[data-seq]")].map((node) => Number(node.dataset.seq));
          let most = 0;
          let jumps = 0;
          const end = performance.now() + 70_000;
          while (performance.now() < end) {
            const top = scroller.getBoundingClientRect().top;
            const all = [...document.querySelectorAll("[data-seq]")];
            const seen = all.find((node) => node.getBoundingClientRect().bottom > top);
            const before = seen.getBoundingClientRect().top;
            const from = scroller.scrollTop;
            scroller.scrollTop = Math.max(0, from - 4000);
            const moved = from - scroller.scrollTop;
            await frame();
            await frame();
            if (seen.isConnected && Math.abs(seen.getBoundingClientRect().top - before - moved) > 2) jumps += 1;
            most = Math.max(most, document.querySelectorAll(".messages > *").length);
            if (document.querySelector(".beginning") && scroller.scrollTop === 0) break;
          }
          const all = seqs();
          return { most, jumps, first: all[0], unbroken: all.every((seq, at) => !at || seq === all[at - 1] + 1) };
        }"""
    )
    assert result == {"most": result["most"], "jumps": 0, "first": 1, "unbroken": True}
    assert result["most"] < 400
    assert not shown.overflows()
    jump = page.get_by_role("button", name="Jump to the newest message")
    expect(jump).to_be_visible()
    shown.check_both_themes()
    say_as(bob, chat, "while reading old ones")
    expect(jump).to_contain_text("1")
    jump.click()
    expect(shown.bubbles().last).to_have_text("while reading old ones")
    expect(jump).to_be_hidden()
    expect(page).to_have_title("bob · ChatApp")


def test_the_reader_goes_on_where_they_left_off(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    fill(stack, chat, (ada, bob), 300)
    stack.database.query("UPDATE members SET read_seq = 220")
    shown = window(stack, ada)
    expect(shown.row("bob").locator(".badge")).to_have_text("40")
    shown.open("bob")
    line = shown.page.locator(".unread-line")
    expect(line).to_be_in_viewport()
    after = shown.page.locator(".unread-line + .message .bubble__text")
    expect(after).to_contain_text("message 221 ")
    expect(shown.page.locator("#jump .badge")).to_have_text("40")
    expect(shown.row("bob").locator(".badge")).to_have_text("40")
    shown.page.locator("#jump").click()
    expect(shown.row("bob").locator(".badge")).to_be_hidden()


HOSTILE = {
    "markup": "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>&amp;",
    "bidi": "\u202egnp.exe\u2066 turned \u2067around https://example.org/\u202efdp.exe",
    "zero width": "a\u200bb\u200dc\ufeff\u2060d" + "\u200b" * 200,
    "combining": "Z" + "\u0351\u0336\u0489" * 200 + "algo",
    "long": "W" * 8000,
    "lines": "top" + "\n" * 300 + "bottom",
    "arabic": "مرحبا كيف حالك اليوم",
    "template": "%(name)s {{ 7*7 }} ${7*7} \\u0041",
    "link": "javascript:alert(1) https://user@evil.example/ https://ok.example/a_(b).",
}
DRAWN_SHORTER = {"combining": "Z" + "\u0351\u0336\u0489" * 10 + "algo"}


@pytest.mark.parametrize("viewport", [{"width": 1120, "height": 720}, {"width": 390, "height": 760}])
def test_no_text_breaks_or_spoofs_the_page(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, viewport: dict[str, int]
) -> None:
    shown = window(stack, ada, viewport=viewport)
    shown.page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    socket = bob.connect()
    for text in HOSTILE.values():
        socket.send("send_message", chat_id=chat, message=text)
        socket.wait_for("message_sent")
    shown.open("bob")
    expect(shown.bubbles()).to_have_count(len(HOSTILE))
    assert shown.texts() == list({**HOSTILE, **DRAWN_SHORTER}.values())
    assert not shown.overflows()
    assert shown.page.locator(".bubble img, .bubble script, .bubble b").count() == 0
    links = shown.page.locator(".bubble a")
    expect(links).to_have_count(2)
    assert [link.get_attribute("href") for link in links.all()] == ["https://example.org/", "https://ok.example/a_(b)"]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer nofollow"}
    assert {link.get_attribute("target") for link in links.all()} == {"_blank"}
    outside = shown.page.evaluate(
        """() => {
          const box = document.querySelector(".messages").getBoundingClientRect();
          return [...document.querySelectorAll(".bubble")].filter((node) => {
            const one = node.getBoundingClientRect();
            return one.left < box.left || one.right > box.right || one.width > box.width;
          }).length;
        }"""
    )
    assert outside == 0
    shown.check_both_themes()


def test_somebody_is_blocked_and_unblocked(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    shown = window(stack, ada)
    other = window(stack, bob)
    shown.open("bob")
    other.open("ada")
    about = shown.page.get_by_role("button", name="About this person")
    dialog = shown.page.locator("dialog[open]")
    about.click()
    expect(dialog).to_contain_text("bob")
    shown.check_both_themes()
    dialog.get_by_role("button", name="Block").click()
    expect(dialog).to_contain_text("Block \u2068bob\u2069?")
    shown.check_both_themes()
    dialog.get_by_role("button", name="Block").click()
    expect(shown.page.locator(".talk__state")).to_have_text("You have blocked this person.")
    shown.until("fetch('/backend/get_chats').then((answer) => answer.json()).then((chats) => chats[0].blocked)")
    about.click()
    dialog.get_by_role("button", name="Unblock").click()
    expect(shown.page.locator(".talk__state")).not_to_have_text("You have blocked this person.")
    other.say("still friends")
    again = other.message("still friends").get_by_role("button", name="Try again")
    for _ in range(60):  # ws-server hears of it within some seconds
        if again.is_visible():
            again.click()
        if shown.texts():
            break
        other.page.wait_for_timeout(200)
    shown.expect_texts("still friends")


def test_a_deleted_account_leaves_the_conversation(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "goodbye")
    answer = bob.http.post_json("/backend/e_delete_account", {"password": bob.password})
    assert answer.status == 200, answer.text
    shown = window(stack, ada)
    shown.open("Deleted account")
    shown.expect_texts("goodbye")
    expect(shown.page.locator(".talk__state")).to_contain_text("This account was deleted")


def hide(window: Window) -> None:
    """Make the page believe that it is in the background: headless tabs never are."""
    window.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => window.away, configurable: true });
          document.hasFocus = () => !window.away;
          window.away = true;
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def come_back(window: Window) -> None:
    window.page.evaluate(
        """() => {
          window.away = false;
          document.dispatchEvent(new Event("visibilitychange"));
          window.dispatchEvent(new Event("focus"));
        }"""
    )


def test_a_message_in_a_hidden_tab_is_told_but_not_read(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada, service_workers="block")
    shown.allowed = re.compile("blocked by Playwright")
    page = shown.page
    page.evaluate(
        """() => {
          window.told = [];
          window.Notification = class {
            static permission = "default";
            static requestPermission = async () => (Notification.permission = "granted");
            constructor(title, options) { window.told.push([title, options.body]); window.last = this; }
            close() {}
          };
        }"""
    )
    shown.open("bob")
    expect(page.locator("#ask")).to_be_hidden()
    hide(shown)
    say_as(bob, chat, "first")
    expect(page).to_have_title("(1) bob · ChatApp")
    come_back(shown)
    expect(page).to_have_title("bob · ChatApp")
    shown.check_both_themes()
    page.locator("#ask").get_by_role("button", name="Turn on").click()
    expect(page.locator("#ask")).to_be_hidden()
    hide(shown)
    say_as(bob, chat, "with text")
    shown.until("window.told.length === 1")
    come_back(shown)
    expect(page.locator(".unread-line + .message .bubble__text").last).to_have_text(re.compile("first|with text"))
    settings = window(stack, ada, of=shown)
    settings.page.add_init_script("window.Notification = class { static permission = 'granted'; };")
    settings.go("/settings")
    settings.page.get_by_role("switch", name="Show the message text").uncheck()
    expect(settings.page.get_by_role("status")).to_have_text("Saved")
    settings.page.close()
    hide(shown)
    say_as(bob, chat, "secret")
    shown.until("window.told.length === 2")
    assert page.evaluate("window.told") == [["bob", "with text"], ["bob", "New message"]]
    page.evaluate("location.hash = ''; window.last.onclick()")
    expect(page.locator(".talk__name")).to_have_text("bob")


def test_a_damaged_and_a_forged_message_are_nobodys_words(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "hello")
    say_as(bob, chat, "https://example.org/ is fine")
    stack.database.query("UPDATE messages SET content = REVERSE(content) WHERE seq = 1")
    forge(stack, chat, bob, 3)
    shown = window(stack, ada)
    expect(shown.row("bob")).to_contain_text("This message could not be verified")
    expect(shown.row("bob")).not_to_contain_text(FORGED)
    shown.open("bob")
    damaged, whole, forged = (shown.bubbles().nth(place) for place in range(3))
    expect(damaged.locator("em")).to_have_text("This message is damaged")
    expect(whole.locator("em")).to_have_count(0)
    expect(forged.locator("em")).to_have_text("This message could not be verified")
    expect(forged.locator("bdi")).to_have_text(FORGED)
    expect(shown.page.locator(".message--doubtful").locator("a, button, .tick, .visually-hidden")).to_have_count(0)
    bob.connect().send("send_message", chat_id=chat, message="still here", reply_to_seq=3)
    expect(shown.bubbles().nth(3)).to_contain_text("still here")
    expect(shown.page.locator(".quote__line em")).to_have_text("This message could not be verified")
