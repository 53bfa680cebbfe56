"""What a person sees of ChatApp in one window of a browser, and what they can do there."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.support.people import Person

# What a browser itself says when the network is away: no fault of the page. Only tests that cut it allow it.
NETWORK = re.compile(
    r"WebSocket connection to .* failed|net::ERR_|WebSocket is closed before|when fetching the script|status of 503"
)


# Colours that are still on their way from one theme to the other have no contrast of their own.
SETTLED = """async () => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
  await Promise.all(ending.map((one) => one.finished.catch(() => {})));
}"""


def say_as(person: Person, chat_id: int, text: str) -> None:
    """Send a message from another device, whatever else that device hears meanwhile."""
    socket = person.connect()
    socket.send("send_message", chat_id=chat_id, message=text)
    socket.wait_for("message_sent")
    socket.close()


# The names of icons that are used and not drawn: they leave a hole where a button should be.
EMPTY_ICONS = """() => [...document.querySelectorAll("use")].map((use) => use.getAttribute("href"))
  .filter((name) => !document.querySelector(name))"""


class Window:
    """One page. Remembers every error on its console, breaches of the content security policy among them."""

    def __init__(self, page: Page, url: str, axe_source: str) -> None:
        self.page = page
        self.url = url
        self.axe_source = axe_source
        self.allowed: re.Pattern[str] | None = None
        self._said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(f"uncaught: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") or "Content Security Policy" in message.text:
            self._said.append(f"{message.type}: {message.text}")

    def complaints(self) -> list[str]:
        """The errors of the page that were not to be expected."""
        said = [line for line in self._said if "ERR_NETWORK_CHANGED" not in line]  # a container's network came or went
        return [line for line in said if not (self.allowed and self.allowed.search(line))]

    def allow_network_errors(self) -> None:
        self.allowed = NETWORK

    def allow_the_end_of_the_login(self) -> None:
        """A tab whose login has ended elsewhere is told so when it asks for something."""
        self.allowed = re.compile(f"{NETWORK.pattern}|status of 401")

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    # -- the list

    def row(self, name: str) -> Locator:
        return self.page.locator("a.chat").filter(has=self.page.locator(f'.chat__name bdi:text-is("{name}")'))

    def open(self, name: str) -> None:
        """Open the chat with `name` from the list."""
        self.row(name).click()
        expect(self.page.locator(".talk__name")).to_have_text(name)

    def start_chat(self, name: str) -> None:
        self.page.click("#new-chat")
        self.page.fill("#other-name", name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".talk__name")).to_have_text(name)

    # -- the conversation

    @property
    def field(self) -> Locator:
        return self.page.locator(".composer__field")

    @property
    def banner(self) -> Locator:
        return self.page.locator("#banner")

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def bubbles(self) -> Locator:
        return self.page.locator(".bubble__text")

    def texts(self) -> list[str]:
        return self.bubbles().all_text_contents()

    def expect_texts(self, *texts: str) -> None:
        """Wait until exactly these messages are to be seen, in this order."""
        expect(self.bubbles()).to_have_text(list(texts))

    def message(self, text: str) -> Locator:
        return self.page.locator(".message").filter(has=self.page.locator(".bubble__text", has_text=text))

    def expect_tick(self, text: str, words: str) -> None:
        expect(self.message(text).locator(".tick")).to_have_attribute("aria-label", words)

    def until(self, condition: str) -> None:
        """Wait until `condition` holds in the page (asked through the debugging protocol: the CSP forbids eval)."""
        for _ in range(150):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never: {condition}")

    # -- judges

    def axe(self) -> list[str]:
        """What axe-core finds. It runs in a world of its own, through the debugging protocol: the CSP stays on."""
        session = self.page.context.new_cdp_session(self.page)
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
        session.send("Runtime.evaluate", {"expression": self.axe_source, "contextId": world})
        run = "axe.run(document).then((found) => found.violations)"
        answer = session.send(
            "Runtime.evaluate",
            {"expression": run, "contextId": world, "awaitPromise": True, "returnByValue": True},
        )
        session.detach()
        found: list[dict[str, Any]] = answer["result"]["value"]
        return [
            f"{one['id']}: {one['help']}: {[(node['target'], node['failureSummary']) for node in one['nodes']]}"
            for one in found
        ]

    def check_both_themes(self) -> None:
        """axe finds nothing, in light and in dark, and no icon is empty."""
        assert self.page.evaluate(EMPTY_ICONS) == []
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)
            self.page.evaluate(SETTLED)
            found = self.axe()
            if found:  # a row of the list that is not painted yet has the colours of the other theme
                self.page.evaluate(SETTLED)
                found = self.axe()
            assert not found, f"{theme}: {found}"

    def overflows(self) -> bool:
        """Whether the page can be scrolled sideways, or something sticks out of the conversation."""
        return bool(
            self.page.evaluate(
                """() => {
                  const wide = (node) => node && node.scrollWidth > node.clientWidth + 1;
                  return wide(document.documentElement) || wide(document.querySelector(".scroller"));
                }"""
            )
        )
