"""How much does the first load of the chat page fetch, and how soon are the list and the first message to be seen?

Run by script/page-speed: a phone with a CPU four times slower than this machine, nothing in its cache. With
`--against COMMIT` the pages of both are loaded in turn, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

import chromium
from stack import ROOT

sys.path[:0] = [str(ROOT), str(ROOT / "db")]

from tests.bench.against import OTHER, OWN, ServedStack, check_out, serving  # noqa: E402 (found only now)
from tests.support.http import HttpClient  # noqa: E402
from tests.support.people import PASSWORD  # noqa: E402
from tests.support.socket import Socket  # noqa: E402

ROUNDS = 7
SLOWER = 4
FRIENDS = 20
MESSAGES = 30
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 760}, "is_mobile": True, "has_touch": True}
# The browser's own windows take a while to become still; their work is none of the page's.
SETTLE_MS = 700
# Noted in the page itself: when was something there for the first time, in ms since the navigation began? It says so
# on the console: a program that asks again and again would take the page's time.
WATCH = """
  window.seen = {};
  new MutationObserver(() => {
    const note = (name, selector) => {
      if (window.seen[name] || !document.querySelector(selector)) return;
      window.seen[name] = performance.now();
      console.debug(`seen: ${name}`);
    };
    note("list", "a.chat");
    note("message", ".bubble__text");
  }).observe(document, { childList: true, subtree: true });
"""
Loaded = tuple[dict[str, float], list[dict[str, float]]]
"""The moments of one load of the page, and what was fetched."""


@dataclass
class Side:
    """One checkout that runs: where it is, who looks at it, and what was measured."""

    url: str
    session: str
    chat: int
    conversations: list[Loaded] = field(default_factory=list)
    lists: list[Loaded] = field(default_factory=list)


def fill(stack: ServedStack) -> Side:
    """Make twenty chats with thirty messages each, in the ways that every release has."""
    url = stack.ws_server.web_url
    ada = enter(url, "ada")
    chat = 0
    for number in range(FRIENDS):
        login = enter(url, f"friend{number}")
        socket = Socket(stack.ws_server.url)
        socket.send("auth", user_id=login.answer["user_id"], token=login.answer["token"])
        socket.expect("auth")
        socket.send("add_chat", username="ada")
        chat = socket.wait_for("chat_added")["chat"]["id"]
        for seq in range(MESSAGES):
            socket.send("send_message", chat_id=chat, message=f"Message {seq}, some words and a few more")
            socket.wait_for("message_sent")
        socket.close()
    return Side(url, ada.session, chat)


@dataclass(frozen=True)
class Login:
    """What a login has brought."""

    answer: dict[str, Any]
    session: str


def enter(url: str, name: str) -> Login:
    """Register somebody and log in."""
    http = HttpClient(url)
    fields = {"username": name, "password": PASSWORD}
    http.post_json("/backend/e_register", fields)
    answer = http.post_json("/backend/e_login", fields)
    return Login(answer.json(), http.cookies["session"])


def load(browser: Browser, side: Side, path: str) -> Loaded:
    """Open the page once, with an empty cache; returns the moments and what was fetched."""
    context = browser.new_context(**PHONE)
    context.add_cookies([{"name": "session", "value": side.session, "url": side.url}])
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    fetched = watch_network(protocol)
    page.add_init_script(WATCH)
    page.wait_for_timeout(SETTLE_MS)
    awaited = "message" if "#" in path else "list"
    with page.expect_console_message(lambda said: said.text == f"seen: {awaited}"):
        page.goto(side.url + path, wait_until="commit")
    moments = measure(page)
    for one in fetched.values():
        one["early"] = True
    page.wait_for_timeout(1500)
    context.close()
    return moments, list(fetched.values())


def watch_network(protocol: CDPSession) -> dict[str, dict[str, float]]:
    """Count what each request brings: as it is, and as it travels."""
    fetched: dict[str, dict[str, float]] = {}
    addresses: dict[str, str] = {}

    def begin(event: dict[str, dict[str, str]]) -> None:
        addresses[str(event["requestId"])] = event["request"]["url"]

    def grow(event: dict[str, float]) -> None:
        one = fetched.setdefault(str(event["requestId"]), {"plain": 0, "travelled": 0})
        one["plain"] += event["dataLength"]

    def end(event: dict[str, float]) -> None:
        key = str(event["requestId"])
        fetched.setdefault(key, {"plain": 0, "travelled": 0})["travelled"] = event["encodedDataLength"]
        fetched[key]["mine"] = "/backend/" in addresses.get(key, "")

    protocol.on("Network.requestWillBeSent", begin)
    protocol.on("Network.dataReceived", grow)
    protocol.on("Network.loadingFinished", end)
    protocol.send("Network.enable")
    return fetched


def measure(page: Page) -> dict[str, float]:
    moments: dict[str, float] = page.evaluate("window.seen")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    return {**moments, "paint": painted}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", metavar="COMMIT", help="measure this checkout beside another commit")
    commit = parser.parse_args().against
    with contextlib.ExitStack() as running:
        sides = {OWN: fill(running.enter_context(serving(ROOT)))}
        if commit:
            sides[OTHER] = fill(running.enter_context(serving(check_out(commit))))
        playwright = running.enter_context(sync_playwright())
        browser = chromium.launch(playwright)
        for _ in range(ROUNDS):
            for side in sides.values():
                side.conversations.append(load(browser, side, f"/#{side.chat}"))
                side.lists.append(load(browser, side, "/"))
        browser.close()
    for name, side in sides.items():
        print(f"{name}: medians of {ROUNDS} loads, CPU {SLOWER} times slower")
        report(side)


def report(side: Side) -> None:
    _, fetched = side.conversations[0]
    page = [one for one in fetched if not one.get("mine")]
    print(f"  {len(fetched) - len(page)} requests for one's own data")
    for when, some in (
        ("until the conversation is there", [one for one in page if one.get("early")]),
        ("in all", page),
    ):
        plain, travelled = (sum(one[kind] for one in some) for kind in ("plain", "travelled"))
        print(
            f"  the page {when}: {len(some)} requests, {plain:,.0f} bytes, {travelled:,.0f} as they travel with heads"
        )
    for what, loads, moment in (
        ("first paint", side.lists, "paint"),
        ("the list", side.lists, "list"),
        ("the last conversation", side.conversations, "message"),
    ):
        print(f"  {what}: {statistics.median(moments[moment] for moments, _ in loads):.0f} ms")


if __name__ == "__main__":
    main()
