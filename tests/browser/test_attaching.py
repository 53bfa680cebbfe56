"""Attaching files to what one writes, and sending them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.file_samples import png
from tests.support.people import Person
from tests.support.waiting import wait_until
from tests.support.window import Window

PICTURE: FilePayload = {"name": "boat.png", "mimeType": "image/png", "buffer": png(400, 300)}
NOTES: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some notes"}


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    opened = window(stack, ada)
    opened.open("bob")
    expect(opened.page.locator("#attach")).to_be_enabled()
    return opened


def choose(shown: Window, *files: FilePayload) -> None:
    shown.page.set_input_files("input[type=file]", list(files))


def files_of(bob: Person, chat: int) -> list[dict[str, Any]]:
    """The files of the newest message, as Bob is told of them."""
    messages = json.loads(bob.http.get("/backend/get_messages", {"chat_id": chat, "limit": 1}).body)["messages"]
    files: list[dict[str, Any]] = messages[-1].get("files", []) if messages else []
    return files


def test_files_are_seen_before_they_are_sent_and_arrive_with_their_caption(
    shown: Window, bob: Person, chat: int
) -> None:
    page = shown.page
    page.get_by_role("button", name="Attach").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="File", exact=True).click()
    chooser.value.set_files([PICTURE, NOTES])
    items = page.locator(".tray__item")
    expect(items).to_have_count(2)
    expect(items.first.locator("img")).to_be_visible()
    expect(shown.field).to_have_attribute("placeholder", "Add a caption")
    shown.check_both_themes()
    page.locator(".tray__thumb").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tray__thumb").last).to_be_focused()
    expect(items.last.locator("img")).to_be_visible()
    shown.say("look")
    expect(page.locator(".tray")).to_be_hidden()
    wait_until(lambda: len(files_of(bob, chat)) == 2)
    notes, picture = files_of(bob, chat)
    assert (notes["name"], notes["size"]) == ("notes.txt", 10)
    assert (picture["name"], picture["type"]) == ("boat.webp", "image/webp")
    assert (picture["width"], picture["height"]) == (400, 300)
    assert picture["thumbhash"]
    shown.expect_tick("look", "sent")


def test_what_does_not_fit_says_so_and_what_fits_stays(shown: Window) -> None:
    choose(shown, *[FilePayload(name=f"{number}.txt", mimeType="text/plain", buffer=b"a note") for number in range(12)])
    expect(shown.page.locator(".tray__item")).to_have_count(10)
    expect(shown.page.locator(".tray__note")).to_have_text("Only 10 files fit into one message.")
    shown.page.get_by_role("button", name="Remove").first.click()
    expect(shown.page.locator(".tray__item")).to_have_count(9)


def test_pasted_and_dropped_files_go_into_the_tray(shown: Window) -> None:
    shown.page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["pasted"], "pasted.txt", { type: "text/plain" }));
      const field = document.querySelector(".composer__field");
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      const dropped = new DataTransfer();
      dropped.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
      const messages = document.querySelector(".scroller");
      for (const kind of ["dragover", "drop"])
        messages.dispatchEvent(new DragEvent(kind, { dataTransfer: dropped, bubbles: true, cancelable: true }));
    }""")
    expect(shown.page.locator(".tray__item")).to_have_count(2)
    expect(shown.page.locator(".drop")).to_be_hidden()


def test_files_wait_offline_and_go_on_after_a_reload(shown: Window, bob: Person, chat: int) -> None:
    page = shown.page
    shown.allow_network_errors()
    page.context.set_offline(True)
    choose(shown, PICTURE)
    expect(page.locator(".tray__item img")).to_be_visible()
    shown.field.press("Enter")
    expect(page.locator(".sending")).to_contain_text("boat.webp")
    expect(page.get_by_role("button", name="Stop sending")).to_be_visible()
    page.context.set_offline(False)
    page.route("**/backend/uploads/*", lambda route: route.abort())
    page.reload()
    expect(page.locator(".sending")).to_contain_text("boat.webp")
    assert files_of(bob, chat) == []
    page.unroute("**/backend/uploads/*")
    wait_until(lambda: [one["name"] for one in files_of(bob, chat)] == ["boat.webp"])
    expect(page.locator(".sending")).to_have_count(0)


def test_what_is_stopped_is_not_sent(shown: Window, bob: Person, chat: int) -> None:
    page = shown.page
    shown.allow_network_errors()
    page.route("**/backend/uploads/*", lambda route: route.abort())
    choose(shown, NOTES)
    shown.field.fill("with notes")
    expect(page.locator(".tray__item--busy")).to_have_count(0)
    shown.field.press("Enter")
    page.get_by_role("button", name="Stop sending").click()
    shown.expect_texts()
    page.unroute("**/backend/uploads/*")
    shown.say("behind")
    shown.expect_tick("behind", "sent")
    assert files_of(bob, chat) == []


# A microphone that hums: machines of tests have none.
HUM = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const [tone, end] = [context.createOscillator(), context.createMediaStreamDestination()];
  tone.connect(end);
  tone.start();
  await context.resume();
  return end.stream;
}"""


def test_a_voice_message_is_recorded_and_sent_and_can_be_cancelled(shown: Window, bob: Person, chat: int) -> None:
    page = shown.page
    page.evaluate(HUM)
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.locator(".record")).to_be_visible()
    shown.check_both_themes()
    page.keyboard.press("Escape")
    expect(page.locator(".record")).to_be_hidden()
    expect(shown.field).to_be_visible()
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.locator(".record")).to_contain_text("0:01")
    page.get_by_role("button", name="Send the recording").click()
    wait_until(lambda: len(files_of(bob, chat)) == 1)
    (voice,) = files_of(bob, chat)
    assert (voice["name"], voice["type"]) == ("voice.webm", "audio/webm")
    assert voice["duration"] >= 1
    assert len(voice["peaks"]) == 64
    assert max(voice["peaks"]) == 31
    shown.field.fill("x")
    expect(page.get_by_role("button", name="Record a voice message")).to_be_hidden()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
