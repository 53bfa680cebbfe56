"""Pictures, films, sounds and files of messages, as one sees, hears and opens them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.file_samples import jpeg, png, wav, webm
from tests.support.files import path_of
from tests.support.people import Person
from tests.support.shared_files import share, upload
from tests.support.window import Window

HASH = "H/gJPZqAh4eAiHh4iHiHeIBwCPh4"
PEAKS = [at % 32 for at in range(64)]
MISSING = re.compile(r"status of 404")
LOADED = "[...document.querySelectorAll('.picture img')].every((one) => one.complete && one.naturalWidth)"


def send_all(stack: Stack, chat: int, bob: Person) -> None:
    """One message of each kind."""
    photo = upload(stack, chat, bob, jpeg(600, 400), name="lake.jpg", width=600, height=400, thumbhash=HASH)
    upload(stack, chat, bob, png(300, 200), thumbnail_of=photo.id)
    share(chat, bob, photo, text="The lake house")
    album = [upload(stack, chat, bob, png(40, 30), name=f"{number}.png") for number in range(5)]
    share(chat, bob, *album, text="")
    share(chat, bob, upload(stack, chat, bob, b"%PDF-1.4", name=f"{'Rental agreement ' * 5}.pdf"), text="")
    for _ in range(2):
        share(chat, bob, upload(stack, chat, bob, wav(2), name="song.wav", duration=2, peaks=PEAKS), text="")


def boxes(locator: Locator) -> list[dict[str, float]]:
    found: list[dict[str, float]] = locator.evaluate_all(
        "(nodes) => nodes.map((one) => one.getBoundingClientRect().toJSON())"
    )
    return found


@pytest.fixture
def shown(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> Window:
    send_all(stack, chat, bob)
    shown = window(stack, ada)
    shown.open("bob")
    shown.until(LOADED)
    return shown


def test_each_kind_of_file_has_its_look_at_every_width(shown: Window) -> None:
    page = shown.page
    photo = page.get_by_role("button", name="Open the photo", exact=True)
    expect(page.get_by_role("button", name=re.compile("^Open photo . of 5$"))).to_have_count(5)
    for width in (320, 768, 1920):
        page.set_viewport_size({"width": width, "height": 720})
        [box] = boxes(photo)
        assert box["width"] / box["height"] == pytest.approx(1.5, abs=0.02)
        tiles = boxes(page.locator(".album .picture"))
        assert tiles[1]["left"] - tiles[2]["left"] == pytest.approx(-tiles[1]["width"] - 2, abs=0.1)
        assert not shown.overflows()
        [ending] = boxes(page.locator(".file .file__name > :last-child"))
        [bubble] = boxes(page.locator(".bubble").filter(has=page.locator(".file__kind")))
        assert ending["right"] < bubble["right"]
        shown.check_both_themes()


def test_a_sound_plays_moves_and_is_followed_by_the_next_one(shown: Window) -> None:
    page = shown.page
    first, second = (page.locator(".sound").nth(at) for at in range(2))
    slider = first.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "0:00 of 0:02")
    first.get_by_role("button", name="Speed: 1×").click()
    expect(second.get_by_role("button", name="Speed: 1.5×")).to_be_visible()
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "0:00 of 0:02")
    first.get_by_role("button", name="Play the sound, 2 seconds").click()
    expect(second.get_by_role("button", name="Pause")).to_be_visible()
    expect(first.get_by_role("button", name="Play the sound, 2 seconds")).to_be_visible()


def test_pictures_are_seen_large_one_after_the_other_and_the_focus_comes_back(shown: Window) -> None:
    page = shown.page
    box = page.locator("#lightbox")
    tile = page.get_by_role("button", name="Open photo 2 of 5")
    tile.focus()
    page.keyboard.press("Enter")
    expect(box).to_be_visible()
    shown.check_both_themes()
    for width in (320, 1920):
        page.set_viewport_size({"width": width, "height": 720})
        assert not shown.overflows()
    image = box.locator("img")
    source = str(tile.locator("img").get_attribute("src"))
    expect(image).to_have_attribute("src", source)
    page.keyboard.press("+")
    expect(image).to_have_css("transform", re.compile(r"matrix\(1\.5"))
    page.keyboard.press("0")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(image).to_have_attribute("alt", "Photo")
    expect(box.get_by_role("button", name="Previous")).to_be_hidden()
    box.get_by_role("button", name="Next").click()
    box.get_by_role("button", name="Next").click()
    expect(image).to_have_attribute("src", source)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(tile).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_be_visible()
    page.go_back()
    expect(box).to_be_hidden()
    expect(page.locator(".talk__name")).to_have_text("bob")
    expect(tile).to_be_focused()
    tile.click()
    box.get_by_role("button", name="Show in the chat").click()
    expect(page.locator(".message:focus .album")).to_be_visible()


def test_all_files_of_a_chat_are_in_one_panel(shown: Window) -> None:
    page = shown.page
    page.locator("#chat-options").click()
    page.get_by_role("button", name="Media and files").click()
    panel = page.locator("#media-panel")
    fits = "((node) => node.scrollWidth <= node.clientWidth && node.clientWidth <= innerWidth)"
    expect(panel.locator(".picture")).to_have_count(6)
    for width in (320, 1920):
        page.set_viewport_size({"width": width, "height": 720})
        shown.until(f"innerWidth === {width} && {fits}(document.querySelector('#media-panel'))")
        shown.check_both_themes()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="Files")).to_be_focused()
    expect(panel.locator(".file")).to_have_count(1)
    with page.expect_download() as download:
        panel.get_by_role("link", name=re.compile("Download .*Rental")).click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")


def test_what_is_not_there_says_so(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    lost = [upload(stack, chat, bob, content, name="a.pdf") for content in (png(), b"%PDF-1.4", wav(1))]
    for file in lost:
        share(chat, bob, file, text="")
        path_of(stack, file).unlink()
    shown = window(stack, ada)
    shown.allowed = MISSING
    shown.open("bob")
    words = "This file is not there any more."
    expect(shown.page.locator(".picture__gone")).to_have_text(words)
    shown.page.locator(".file .icon-button").click()
    expect(shown.page.locator(".toast")).to_contain_text(words)
    shown.page.locator(".sound__play").click()
    expect(shown.page.locator(".sound__time")).to_have_text(words)
    shown.check_both_themes()


def test_a_line_says_what_was_sent(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    shown = window(stack, ada)
    last = shown.row("bob").locator(".chat__last")
    expect(last).to_have_text("No messages yet")
    photo = upload(stack, chat, bob, png(), name="a.png")
    upload(stack, chat, bob, png(), thumbnail_of=photo.id)
    share(chat, bob, photo, text="The lake")
    expect(last).to_have_text("Photo: The lake")
    expect(last.locator("svg")).to_be_visible()
    shown.open("bob")
    shown.message("The lake").focus()
    shown.page.keyboard.press("r")
    expect(shown.page.locator("#composer-task bdi")).to_have_text("Photo: The lake")
    shown.say("lovely")
    quote = shown.message("lovely").locator(".quote")
    expect(quote.locator(".quote__line")).to_have_text("Photo: The lake")
    expect(quote.locator("img")).to_be_visible()
    shown.page.locator("#filter").fill("lake")
    expect(shown.page.locator(".find__text")).to_have_text("Photo: The lake")
    expect(shown.page.locator(".find__text svg")).to_be_visible()
    shown.check_both_themes()


def test_a_film_plays_where_it_stands_and_tiles_of_films_say_how_long_they_are(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    films = [upload(stack, chat, bob, webm(), name="a.webm", width=640, height=360, duration=65) for _ in range(3)]
    share(chat, bob, films[0], text="")
    share(chat, bob, *films[1:], text="")
    shown = window(stack, ada)
    shown.open("bob")
    film = shown.page.locator(".picture video")
    expect(film).to_have_attribute("preload", "none")
    expect(film).to_have_attribute("aria-label", "Film, 1 minute, 5 seconds")
    [box] = boxes(film)
    assert box["width"] / box["height"] == pytest.approx(640 / 360, abs=0.02)
    expect(shown.page.locator(".picture__length")).to_have_text(["1:05", "1:05"])
    expect(shown.row("bob").locator(".chat__last")).to_have_text("2 films")
    shown.check_both_themes()
