"""The page opens without a network, and nothing of a person is kept for that."""

from __future__ import annotations

from playwright.sync_api import expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.window import say_as


def test_the_service_worker_keeps_the_shell_and_nothing_private(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "a private word")
    shown = window(stack, ada)
    shown.allow_network_errors()
    page = shown.page
    shown.open("bob")
    shown.until("Boolean(navigator.serviceWorker.controller)")
    page.reload()
    shown.expect_texts("a private word")
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              found.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
            }
          }
          return found;
        }"""
    )
    paths = [path for path, _ in kept]
    assert "/" in paths
    assert all(path == "/" or path.startswith(("/assets/", "/words/", "/static/")) for path in paths)
    assert not any(word in text for _, text in kept for word in ("a private word", ">ada<", ">bob<", ada.token))
    page.context.set_offline(True)
    page.reload()
    expect(shown.banner).to_contain_text("You are offline")
    page.context.set_offline(False)
    shown.expect_texts("a private word")
    # Without a session the page is the login, whatever is kept.
    page.context.clear_cookies()
    page.goto(shown.url + "/")
    expect(page.locator(".card h1")).to_have_text("Log in")


def test_whoever_opened_the_page_once_can_open_it_offline(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack, ada, locale="it-IT")
    shown.allow_network_errors()
    page = shown.page
    shown.until("Boolean(navigator.serviceWorker.controller)")
    page.context.set_offline(True)
    page.reload()
    expect(shown.banner).to_contain_text("Sei offline")


def test_without_a_network_the_way_to_the_settings_ends_at_the_chats(stack: Stack, window: Opener, ada: Person) -> None:
    shown = window(stack, ada)
    shown.allow_network_errors()
    page = shown.page
    shown.until("Boolean(navigator.serviceWorker.controller)")
    page.reload()
    page.click("#account")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.click("#back")
    expect(page.locator("#account")).to_be_visible()
    page.context.set_offline(True)
    page.click("#account")
    expect(shown.banner).to_contain_text("You are offline")
    assert page.url == shown.url + "/"
