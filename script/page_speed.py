"""How much does the first load of the chat page fetch, and how soon are the list and the first message to be seen?

Run by script/page-speed: a phone with a CPU four times slower than this machine, nothing in its cache.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from stack import ROOT, Stack

sys.path[:0] = [str(ROOT), str(ROOT / "db")]

from tests.support.people import People  # noqa: E402 (found only now)

ROUNDS = 5
SLOWER = 4
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 760}, "is_mobile": True, "has_touch": True}
# Asked in the page itself: when was something there for the first time, in ms since the navigation began?
WATCH = """
  window.seen = {};
  new MutationObserver(() => {
    const note = (name, selector) => {
      if (!window.seen[name] && document.querySelector(selector)) window.seen[name] = performance.now();
    };
    note("list", "a.chat");
    note("message", ".bubble__text");
  }).observe(document, { childList: true, subtree: true });
"""


def fill(stack: Stack) -> tuple[str, int]:
    """Twenty chats with thirty messages each; returns a session and the id of the newest chat."""
    people = People(stack)
    ada = people.register("ada")
    chat = 0
    for number in range(20):
        other = people.register(f"friend{number}")
        chat = people.chat_between(ada, other)
        socket = other.connect()
        for seq in range(30):
            socket.send("send_message", chat_id=chat, message=f"Message {seq}, some words and a few more")
            socket.expect("message_sent")
        socket.close()
    return ada.http.cookies["session"], chat


def load(browser: Browser, url: str, session: str, path: str) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Open the page once, with an empty cache; returns the moments and what was fetched."""
    context = browser.new_context(**PHONE)
    context.add_cookies([{"name": "session", "value": session, "url": url}])
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    fetched = watch_network(protocol)
    page.add_init_script(WATCH)
    page.goto(url + path)
    page.wait_for_selector(".bubble__text" if "#" in path else "a.chat")
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
    limits = {"RATE_LIMITS": "off", "WS_MESSAGE_RATE": "0", "WS_FRAME_RATE": "0"}
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), environment=limits) as stack:
        session, chat = fill(stack)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            loads = [load(browser, stack.web.url, session, f"/#{chat}") for _ in range(ROUNDS)]
            lists = [load(browser, stack.web.url, session, "/") for _ in range(ROUNDS)]
            browser.close()
    _, fetched = loads[0]
    page = [one for one in fetched if not one.get("mine")]
    print(f"{len(fetched) - len(page)} requests for one's own data")
    for when, some in (
        ("until the conversation is there", [one for one in page if one.get("early")]),
        ("in all", page),
    ):
        plain, travelled = (sum(one[kind] for one in some) for kind in ("plain", "travelled"))
        print(f"the page {when}: {len(some)} requests, {plain:,.0f} bytes, {travelled:,.0f} as they travel with heads")
    tell("first paint", [moments["paint"] for moments, _ in lists])
    tell("the list", [moments["list"] for moments, _ in lists])
    tell("the last conversation", [moments["message"] for moments, _ in loads])


def tell(what: str, values: list[float]) -> None:
    print(f"{what}: {statistics.median(values):.0f} ms (median of {ROUNDS}, CPU {SLOWER} times slower)")


if __name__ == "__main__":
    main()
