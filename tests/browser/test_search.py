"""Finding what was written: in the open chat, over all, and by date."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from chat_db.messages import NewMessage
from stack import Stack
from tests.browser.conftest import Opener
from tests.browser.test_reading import fill, read_up_to
from tests.support.people import People, Person
from tests.support.rows import FORGED, forge
from tests.support.stored import store_messages
from tests.support.window import NETWORK, Window, say_as

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SEARCH = "**/backend/search"
LONG_NAME = "Maximiliane_von_und_zu_Wolkenstein_Trostburg_Sonne"

# What is marked in the page: [all finds, those of the message that is looked at].
MARKED = """() => ["find", "find-now"].map((name) =>
  [...(CSS.highlights.get(name) ?? [])].map((range) => {
    const live = document.createRange();
    live.setStart(range.startContainer, range.startOffset);
    live.setEnd(range.endContainer, range.endOffset);
    return live.startContainer.isConnected ? live.toString() : "gone";
  }))"""


def bar(shown: Window) -> Locator:
    return shown.page.locator(".seek")


def field(shown: Window) -> Locator:
    return bar(shown).locator("input[type=search]")


def count(shown: Window) -> Locator:
    return shown.page.locator(".seek__count")


def note(shown: Window) -> Locator:
    return shown.page.locator(".seek__note")


def status(shown: Window) -> Locator:
    return shown.page.locator("#status")


def expect_marked(shown: Window, others: list[str], now: list[str]) -> None:
    shown.until(f"JSON.stringify(({MARKED})()) === JSON.stringify([{others!r}, {now!r}])")


def start(shown: Window, words: str) -> None:
    shown.page.keyboard.press("Control+f")
    expect(field(shown)).to_be_focused()
    field(shown).fill(words)


def expect_at(shown: Window, text: str, at: str) -> None:
    """The find that is looked at is in view, and the count says which one it is."""
    expect(count(shown)).to_have_text(at)
    expect(shown.message(text).locator(".bubble__text")).to_be_in_viewport()
    expect(field(shown)).to_be_focused()


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    """A long chat of Ada with Bob, in which three messages are about a lake."""
    texts = [f"message {number}" for number in range(1, 401)]
    texts[9] = "The Lake is *cold*, and the lake is deep."
    texts[199] = "https://example.org/trains/lake-line"
    texts[389] = "Un làke, due laghi"
    fill(stack, chat, bob, texts)
    read_up_to(stack, chat, ada, 400)
    opened = window(stack, ada)
    opened.open("bob")
    expect(opened.message("message 400")).to_be_visible()
    return opened


def test_finds_are_marked_and_walked_through(shown: Window) -> None:
    start(shown, "LAKE")
    expect_at(shown, "Un làke", "1 of 3")
    expect_marked(shown, [], ["làke"])
    shown.page.keyboard.press("Enter")
    expect_at(shown, "trains/lake-line", "2 of 3")
    expect_marked(shown, [], ["lake"])
    shown.page.keyboard.press("F3")
    expect_at(shown, "The Lake is cold", "3 of 3")
    # Across the elements of its formatting, and twice in one message.
    expect_marked(shown, [], ["Lake", "lake"])
    expect(status(shown)).to_contain_text("3 of 3: The Lake is cold,")
    shown.page.keyboard.press("Enter")
    expect_at(shown, "Un làke", "1 of 3")
    shown.page.keyboard.press("Shift+Enter")
    expect_at(shown, "The Lake is cold", "3 of 3")
    bar(shown).get_by_role("button", name="Newer find").click()
    expect(count(shown)).to_have_text("2 of 3")
    bar(shown).get_by_role("button", name="Older find").click()
    expect(count(shown)).to_have_text("3 of 3")


def test_a_find_across_elements_is_marked(shown: Window, bob: Person, chat: int) -> None:
    say_as(bob, chat, "look at https://example.org/trains/pond *now*")
    start(shown, "AT HTTPS://EX")
    expect(count(shown)).to_have_text("1 of 1")
    expect_marked(shown, [], ["at https://ex"])
    # What is stored has its marks, what is drawn has not.
    field(shown).fill("pond *now")
    expect_marked(shown, [], ["pond now"])


def test_the_marks_follow_what_changes_in_the_page(shown: Window, bob: Person, chat: int) -> None:
    start(shown, "lake")
    expect_at(shown, "Un làke", "1 of 3")
    say_as(bob, chat, "another lake")
    expect_marked(shown, ["lake"], ["làke"])
    socket = bob.connect()
    socket.send("edit_message", chat_id=chat, seq=401, message="a pond, no LAKE: lakes", client_id="e1")
    socket.wait_for("changed")
    expect_marked(shown, ["LAKE", "lake"], ["làke"])
    socket.send("delete_message", chat_id=chat, seq=401, client_id="d1")
    socket.wait_for("changed")
    expect_marked(shown, [], ["làke"])
    expect(count(shown)).to_have_text("1 of 3")
    # One that is far from what is in the page, and the one that is looked at.
    socket.send("delete_message", chat_id=chat, seq=10, client_id="d2")
    expect(count(shown)).to_have_text("1 of 2")
    shown.page.fill("#filter", "lake")
    expect(finds(shown)).to_have_count(2)
    finds(shown).first.focus()
    socket.send("delete_message", chat_id=chat, seq=390, client_id="d3")
    expect(finds(shown)).to_have_count(1)
    expect(finds(shown)).to_be_focused()
    expect(count(shown)).to_have_text("1")
    field(shown).focus()
    shown.page.keyboard.press("Escape")
    expect_marked(shown, [], [])


def test_escape_ends_the_search_and_gives_the_focus_back(shown: Window) -> None:
    shown.field.fill("half a sentence")
    header = shown.page.locator(".talk__top").bounding_box()
    start(shown, "lake")
    expect(count(shown)).to_have_text("1 of 3")
    assert bar(shown).bounding_box() == header  # nothing below it moves
    expect(shown.page.locator(".talk__top")).to_be_hidden()
    shown.page.keyboard.press("Escape")
    expect(bar(shown)).to_be_hidden()
    expect(shown.page.locator(".talk__top")).to_be_visible()
    expect(shown.field).to_be_focused()
    expect(shown.field).to_have_value("half a sentence")
    shown.page.get_by_role("button", name="Search in this chat").click()
    expect(field(shown)).to_be_focused()
    bar(shown).get_by_role("button", name="Close the search").click()
    expect(shown.page.get_by_role("button", name="Search in this chat")).to_be_focused()


def test_a_second_ctrl_f_is_the_browsers_own(shown: Window) -> None:
    shown.page.evaluate(
        "addEventListener('keydown', (event) => event.key === 'f' && (document.title = String(event.defaultPrevented)))"
    )
    start(shown, "lake")
    shown.until("document.title === 'true'")
    shown.page.keyboard.press("Control+f")
    shown.until("document.title === 'false'")
    shown.field.focus()
    shown.page.keyboard.press("Control+f")
    expect(field(shown)).to_be_focused()
    shown.until("document.title === 'true'")


def test_another_chat_ends_the_search(stack: Stack, shown: Window, people: People, ada: Person, chat: int) -> None:
    carl = people.register("carl")
    say_as(carl, people.chat_between(ada, carl), "hello from carl")
    start(shown, "lake")
    shown.open("carl")
    expect(bar(shown)).to_be_hidden()
    expect(shown.field).to_be_focused()
    shown.open("bob")
    start(shown, "")
    expect(count(shown)).to_have_text("")


def test_a_search_goes_back_piece_by_piece(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    fill(stack, chat, bob, [f"lake {number}" for number in range(1, 121)])
    read_up_to(stack, chat, ada, 120)
    shown = window(stack, ada)
    shown.open("bob")
    start(shown, "lake")
    expect(count(shown)).to_have_text("1 of 50")
    expect(note(shown)).to_contain_text("Searched back to ")
    note(shown).get_by_role("button", name="Search older").click()
    expect(count(shown)).to_have_text("1 of 100")
    field(shown).focus()
    shown.page.keyboard.press("Shift+Enter")
    expect_at(shown, "lake 21", "100 of 100")
    shown.page.keyboard.press("Enter")
    expect_at(shown, "lake 20", "101 of 120")
    expect(note(shown)).to_be_hidden()


def refusing(status: int, code: str) -> Callable[[Route], None]:
    body = f'{{"status": "error", "code": "{code}", "message": ""}}'
    return lambda route: route.fulfill(status=status, body=body)


def test_what_goes_wrong_has_a_sentence_and_can_be_tried_again(shown: Window) -> None:
    shown.allowed = re.compile(f"{NETWORK.pattern}|status of 429")
    start(shown, "no such words")
    expect(note(shown)).to_have_text("Nothing found")
    expect(status(shown)).to_have_text("Nothing found")
    answers = {
        429: ("rate_limited", "Too many searches in a short time. Try again in a moment."),
        503: ("unavailable", "The server cannot answer right now. Try again in a moment."),
    }
    for number, (code, words) in answers.items():
        shown.page.route(SEARCH, refusing(number, code))
        field(shown).fill(f"lake {number}")
        expect(note(shown).locator("span")).to_have_text(words)
        expect(status(shown)).to_have_text(words)
        shown.page.unroute(SEARCH)
    shown.page.context.set_offline(True)
    field(shown).fill("lake")
    expect(note(shown)).to_contain_text("You are offline. Searching works again when you are back.")
    shown.page.context.set_offline(False)
    note(shown).get_by_role("button", name="Try again").click()
    expect(count(shown)).to_have_text("1 of 3")


def test_an_answer_to_what_was_typed_over_is_not_shown(shown: Window) -> None:
    held: list[Route] = []
    shown.page.route(SEARCH, lambda route: held.append(route) if not held else route.continue_())
    start(shown, "message 12")
    shown.until("true")
    while not held:
        shown.page.wait_for_timeout(50)
    field(shown).fill("laghi")
    held[0].continue_()
    expect(count(shown)).to_have_text("1 of 1")
    expect_marked(shown, [], ["laghi"])


def test_search_that_cannot_be_loaded_says_so_and_is_loaded_the_next_time(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "the lake")
    shown = window(stack, ada, service_workers="block")
    shown.allowed = re.compile(f"{NETWORK.pattern}|blocked by Playwright")
    shown.open("bob")
    shown.page.route("**/js/search.js", lambda route: route.abort())
    shown.page.keyboard.press("Control+f")
    expect(status(shown)).to_have_text("Search cannot be loaded right now. Try again in a moment.")
    shown.page.unroute("**/js/search.js")
    # What is typed until it is loaded is meant for its field: nothing of it is written, let alone sent.
    shown.field.press_sequentially("draft")
    held: list[Route] = []
    shown.page.route("**/js/search.js", lambda route: held.append(route))
    shown.page.keyboard.press("Control+f")
    shown.page.keyboard.type("lam")
    shown.page.keyboard.press("Enter")
    shown.page.keyboard.press("Backspace")
    while not held:
        shown.page.wait_for_timeout(50)
    held[0].continue_()
    expect(field(shown)).to_be_focused()
    shown.page.keyboard.type("ke")
    expect(field(shown)).to_have_value("lake")
    expect(shown.field).to_have_value("draft")
    shown.expect_texts("the lake")
    expect(count(shown)).to_have_text("1 of 1")


def test_one_letter_is_not_searched_in_all_chats(shown: Window) -> None:
    asked: list[str] = []
    shown.page.on("request", lambda request: asked.append(request.post_data or "") if "search" in request.url else None)
    look_for(shown, "l")
    look_for(shown, "la")
    expect(finds(shown)).to_have_count(3)
    assert [body for body in asked if body] == ['{"q":"la"}']


# -- over all


@pytest.fixture
def others(stack: Stack, people: People, ada: Person) -> dict[str, int]:
    """Two more chats of Ada, one with a person of a long name."""
    chats = {}
    for name in ("carl", LONG_NAME):
        other = people.register(name)
        chats[name] = people.chat_between(ada, other)
        fill(stack, chats[name], other, [f"words of the lake, and of {name}"])
        read_up_to(stack, chats[name], ada, 1)
    return chats


def finds(shown: Window) -> Locator:
    return shown.page.locator(".find")


def look_for(shown: Window, words: str) -> None:
    expect(shown.page.locator("#list-loading")).to_be_hidden()
    shown.page.keyboard.press("Control+k")
    expect(shown.page.locator("#filter")).to_be_focused()
    shown.page.locator("#filter").fill(words)


def test_messages_of_all_chats_are_below_the_chats(others: dict[str, int], shown: Window) -> None:
    shown.page.reload()
    expect(shown.row("bob")).to_be_visible()
    look_for(shown, "lake")
    expect(finds(shown)).to_have_count(5)
    assert sorted(finds(shown).locator(".find__name").all_text_contents()) == sorted(["bob"] * 3 + ["carl", LONG_NAME])
    assert {mark.lower() for mark in finds(shown).locator("mark").all_text_contents()} <= {"lake", "làke"}
    expect(status(shown)).to_have_text("Found: 0 chats, 5 messages")
    look_for(shown, "carl")
    expect(finds(shown)).to_have_count(1)
    expect(shown.row("carl")).to_be_visible()
    expect(shown.row("bob")).to_be_hidden()
    expect(status(shown)).to_have_text("Found: 1 chat, 1 message")
    shown.page.keyboard.press("Escape")
    expect(finds(shown)).to_have_count(0)
    expect(shown.row("bob")).to_be_visible()


def test_a_find_that_is_not_verified_is_shown_as_nobodys_words(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "hello")
    forge(stack, chat, ada, 2)
    shown = window(stack, ada)
    expect(shown.row("bob")).to_be_visible()
    look_for(shown, FORGED)
    expect(finds(shown).locator(".find__text")).to_have_text("This message could not be verified")


def test_a_find_opens_its_chat_there_with_the_search(others: dict[str, int], shown: Window) -> None:
    shown.page.reload()
    expect(shown.row("bob")).to_be_visible()
    look_for(shown, "carl")
    expect(finds(shown)).to_have_count(1)
    for key in ("ArrowDown", "ArrowDown"):
        shown.page.keyboard.press(key)
    expect(finds(shown)).to_be_focused()
    shown.page.keyboard.press("ArrowUp")
    expect(shown.row("carl")).to_be_focused()
    shown.page.keyboard.press("End")
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator(".talk__name")).to_have_text("carl")
    expect(field(shown)).to_have_value("carl")
    expect_at(shown, "words of the lake", "1 of 1")
    expect_marked(shown, [], ["carl"])
    look_for(shown, "trains")
    expect(finds(shown)).to_have_count(1)
    # No chat has that name: Enter opens the first find.
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator(".talk__name")).to_have_text("bob")
    expect_at(shown, "trains/lake-line", "1 of 1")


def test_on_a_phone_back_leads_to_the_results(
    others: dict[str, int], stack: Stack, window: Opener, ada: Person, shown: Window
) -> None:
    phone = window(stack, ada, **PHONE)
    phone.page.locator("#filter").fill("lake")
    expect(finds(phone)).to_have_count(5)
    for leave in (lambda: bar(phone).get_by_role("button", name="Close the search").click(), phone.page.go_back):
        finds(phone).filter(has_text="trains").click()
        expect(phone.message("trains/lake-line").locator(".bubble__text")).to_be_in_viewport()
        expect(field(phone)).to_have_value("lake")
        expect(field(phone)).not_to_be_focused()
        leave()
        expect(finds(phone).first).to_be_visible()
        expect(bar(phone)).to_be_hidden()
    assert not phone.overflows()
    # The cross at the end of the words: a finger has no Escape.
    words = phone.page.locator("#filter")
    box = words.bounding_box()
    assert box
    words.tap(position={"x": box["width"] - 10, "y": box["height"] / 2})
    expect(words).to_have_value("")
    expect(finds(phone)).to_have_count(0)
    expect(phone.row("bob")).to_be_visible()


def test_on_a_phone_back_closes_what_is_open_before_it_leaves(
    others: dict[str, int], stack: Stack, window: Opener, ada: Person, shown: Window
) -> None:
    phone = window(stack, ada, **PHONE)
    words, page = phone.page.locator("#filter"), phone.page
    words.fill("lake")
    expect(finds(phone)).to_have_count(5)
    page.go_back()
    expect(words).to_have_value("")
    expect(finds(phone)).to_have_count(0)
    words.fill("bo")
    words.press("Enter")
    expect(phone.message("message 400")).to_be_visible()
    page.locator(".talk__top [data-action=search]").click()
    expect(field(phone)).to_be_focused()
    page.go_back()
    expect(bar(phone)).to_be_hidden()
    page.locator("#person").click()
    expect(page.locator("#person-dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("#person-dialog")).to_be_hidden()
    expect(phone.message("message 400")).to_be_visible()
    phone.until("location.hash !== ''")
    page.go_back()
    expect(phone.row("bob")).to_be_visible()
    expect(words).to_have_value("")
    phone.until("!history.state")


def test_more_finds_come_as_one_scrolls(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    fill(stack, chat, bob, [f"lake {number}" for number in range(1, 121)])
    read_up_to(stack, chat, ada, 120)
    shown = window(stack, ada)
    look_for(shown, "lake")
    expect(finds(shown)).to_have_count(50)
    expect(status(shown)).to_have_text("Found: 0 chats, 50 messages")
    shown.page.locator(".finds__note").scroll_into_view_if_needed()
    expect(finds(shown)).to_have_count(100)
    shown.page.locator(".finds__note").scroll_into_view_if_needed()
    expect(finds(shown)).to_have_count(120)
    expect(shown.page.locator(".finds__note")).to_be_hidden()
    # A busy server stops after a few, and they fill no list: more come unasked.
    answers: list[dict[str, Any]] = []

    def answer_few(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["found"] = body["found"] if answers else body["found"][:2]
        answers.append(body)
        route.fulfill(response=answer, json=body)

    shown.page.route(SEARCH, answer_few)
    look_for(shown, "lak")
    expect(finds(shown)).to_have_count(52)


# -- by date


@pytest.fixture
def dated(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    """A chat with 100 messages on each of three days, in Auckland."""
    days = ["2026-10-02 10:59", "2026-10-02 11:01", "2026-10-05 12:00"]  # Auckland: the 2nd, the 3rd, the 6th
    messages = [
        NewMessage(chat, bob.id, ada.id, f"d{day}-{at}", f"day {day}, {at}", f"{moment}:{at % 60:02d}", day * 100 + at)
        for day, moment in enumerate(days)
        for at in range(1, 101)
    ]
    store_messages(stack.database, messages)
    read_up_to(stack, chat, ada, 300)
    opened = window(stack, ada, timezone_id="Pacific/Auckland")
    opened.open("bob")
    return opened


def go_to(shown: Window, day: str) -> None:
    shown.page.locator(".seek__date input").fill(day)
    shown.page.keyboard.press("Enter")


def test_a_date_leads_to_its_first_message_in_the_readers_zone(dated: Window) -> None:
    dated.page.keyboard.press("Control+f")
    bar(dated).get_by_role("button", name="Go to a date").click()
    expect(dated.page.locator(".seek__date input")).to_be_focused()
    go_to(dated, "2026-10-03")
    expect(dated.page.locator(".message--flash, .message").filter(has_text="day 1, 1").first).to_be_in_viewport()
    expect(status(dated)).to_have_text("3 October")
    go_to(dated, "2026-10-04")
    expect(dated.page.locator(".seek__far")).to_have_text(
        "Nothing was written on that day. The next message is of 6 October."
    )
    expect(dated.message("day 2, 1").first).to_be_in_viewport()
    go_to(dated, (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d"))
    expect(dated.page.locator(".seek__far")).to_have_text(
        "Nothing was written since then. The last message is of 6 October."
    )
    expect(dated.message("day 2, 100")).to_be_in_viewport()
    go_to(dated, "")
    expect(dated.page.locator(".seek__far")).to_have_text("Choose a day first.")
    dated.page.keyboard.press("Escape")
    expect(field(dated)).to_be_focused()


def test_the_day_above_messages_leads_to_dates_too(dated: Window) -> None:
    dated.page.locator(".day button").last.click()
    expect(dated.page.locator(".seek__date input")).to_be_focused()
    go_to(dated, "2026-10-02")
    expect(dated.message("day 0, 1").first).to_be_in_viewport()


# -- how it looks


@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 1280, "height": 800}])
def test_nothing_is_cut_off_and_axe_finds_nothing(
    others: dict[str, int], stack: Stack, window: Opener, ada: Person, shown: Window, size: dict[str, int]
) -> None:
    page = window(stack, ada, viewport=size)
    for words, number in (("no such words", 0), ("trains", 1), ("lake", 5)):
        look_for(page, words)
        expect(finds(page)).to_have_count(number)
        expect(status(page)).to_have_text(f"Found: 0 chats, {number} message{'s' * (number != 1)}")
        assert not page.overflows()
        page.check_both_themes()
    finds(page).filter(has_text="trains").click()
    expect(count(page)).to_have_text("2 of 3")
    bar(page).get_by_role("button", name="Go to a date").click()
    go_to(page, "")
    for _ in range(2):
        assert not page.overflows()
        page.check_both_themes()
        field(page).fill("no such words")
        expect(note(page)).to_have_text("Nothing found")


def test_texts_from_right_to_left_are_found_and_marked(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    fill(stack, chat, bob, ["שָׁלוֹם לכולם", "שלום לך", "hello"])
    read_up_to(stack, chat, ada, 3)
    shown = window(stack, ada)
    shown.open("bob")
    start(shown, "שלום")
    expect(count(shown)).to_have_text("1 of 2")
    expect_marked(shown, ["שָׁלוֹם"], ["שלום"])
    look_for(shown, "שלום")
    expect(finds(shown).locator("mark")).to_have_text(["שלום", "שָׁלוֹם"])
    shown.page.evaluate("document.documentElement.dir = 'rtl'")
    assert not shown.overflows()
