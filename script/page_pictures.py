"""What do the main states of the pages look like? Writes docs/pictures/*.png; run by script/screenshots."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import chromium
from stack import ROOT, Stack

sys.path[:0] = [str(ROOT), str(ROOT / "db")]

import page_states  # noqa: E402 (found only now)
from chat_db.messages import NewMessage  # noqa: E402 (found only now)
from tests.support.http import HttpClient  # noqa: E402 (found only now)
from tests.support.people import People, Person  # noqa: E402 (found only now)
from tests.support.stored import store_messages  # noqa: E402 (found only now)

DESKTOP: dict[str, Any] = {"viewport": {"width": 1120, "height": 720}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}
DAY = 24 * 60

# Who wrote (True: Ada herself), how many minutes ago, what.
WITH_BOB = [
    (False, DAY + 210, "Did you get the keys from the agency?"),
    (False, DAY + 209, "They close at seven, I think"),
    (
        True,
        DAY + 203,
        "Yes! All three of them. I also asked about the bikes, they say the shed is ours to use as long as we lock it. "
        "I'll bring two locks.",
    ),
    (False, DAY + 202, "🎉🚲"),
    (False, 40, page_states.LONG),
    (True, 31, "Nobody will ever read this"),
    (False, 26, "Here is the place, third from the left: https://example.org/map/lake-house"),
    (True, 21, "Lovely. And so close to the water"),
    (False, 9, "What time do we leave?"),
    (True, 8, "Seven sharp 😄"),
]
OTHERS = {
    "nonna": [(False, 9 * DAY, "Come to lunch on Sunday?"), (True, 9 * DAY - 5, "With pleasure!")],
    "zoë": [(True, 3 * DAY, "https://example.org/recipes/focaccia")],
    "dr_who": [(False, DAY + 30, "It's bigger on the inside.")],
    "marco": [(True, 130, "Perfect, see you there 👍")],
    "giulia.rossi": [
        (True, 95, "Hai notizie del viaggio?"),
        (False, 15, "Ho trovato i biglietti!"),
        (False, 14, "Sono tre posti vicini"),
        (False, 13, "Partiamo venerdì alle 7, va bene?"),
    ],
}
OWN_DEVICE = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
# What her other devices say of themselves, and how many minutes ago they were used.
DEVICES = [
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1", 130),
    ("Mozilla/5.0 (Linux; Android 10; K) Chrome/141.0.0.0 Mobile Safari/537.36", DAY + 300),
]


class Pictures:
    """The scene: Ada's list of chats, with Bob and Marco online."""

    def __init__(self, stack: Stack, browser: Browser, folder: Path) -> None:
        self.stack = stack
        self.browser = browser
        self.folder = folder
        people = People(stack)
        self.ada = people.register("ada")
        self.alone = people.register("lena")
        self.bob = people.register("bob")
        self.chats = {}
        for name, messages in {**OTHERS, "bob": WITH_BOB}.items():
            other = self.bob if name == "bob" else people.register(name)
            self.chats[name] = people.chat_between(self.ada, other)
            self.write(self.chats[name], other, messages)
            socket = other.connect()
            socket.send("delivered", chat_id=self.chats[name], seq=len(messages))
            socket.send("read", chat_id=self.chats[name], seq=len(messages) - (name == "bob"))
            socket.until_pong()
            if name in ("bob", "marco"):
                self.socket = socket
            else:
                socket.close()
        self.read_all_but("giulia.rossi")
        answer = "UPDATE messages SET reply_to_seq = 7 WHERE chat_id = %s AND seq = 8"
        self.stack.database.query(answer, self.chats["bob"])
        page_states.change_messages(self.ada, self.bob, self.chats["bob"])
        page_states.set_chats(self.ada, self.chats)
        self.log_in_elsewhere()

    def write(self, chat: int, other: Person, messages: list[tuple[bool, int, str]]) -> None:
        """Put messages of the past into the table."""
        rows = [
            NewMessage(
                *(chat, self.ada.id if mine else other.id, other.id if mine else self.ada.id, f"{chat}-{seq}", text),
                (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.000"),
                seq,
            )
            for seq, (mine, minutes, text) in enumerate(messages, 1)
        ]
        store_messages(self.stack.database, rows)

    def read_all_but(self, name: str) -> None:
        """Ada has read everything, but of this one only the beginning."""
        socket = self.ada.connect()
        for one, chat in self.chats.items():
            socket.send("read", chat_id=chat, seq=1 if one == name else 99)
        socket.until_pong()
        socket.close()

    def log_in_elsewhere(self) -> None:
        """Ada has further devices, used some time ago."""
        self.stack.database.query("UPDATE tokens SET user_agent = %s WHERE user_id = %s", OWN_DEVICE, self.ada.id)
        for agent, minutes in DEVICES:
            self.ada.log_in(HttpClient(self.stack.web.url))
            change = "user_agent = %s, last_used_at = NOW(3) - INTERVAL %s MINUTE"
            self.stack.database.query(f"UPDATE tokens SET {change} ORDER BY id DESC LIMIT 1", agent, minutes)  # noqa: S608

    def context(self, kind: dict[str, Any], theme: Any, person: Person | None) -> BrowserContext:
        context = self.browser.new_context(
            **kind, color_scheme=theme, locale="en-GB", reduced_motion="reduce", timezone_id="Europe/Rome"
        )
        if person:
            session = person.http.cookies["session"]
            context.add_cookies([{"name": "session", "value": session, "url": self.stack.web.url}])
        return context

    def save(self, page: Page, name: str) -> None:
        page.wait_for_timeout(400)
        page.screenshot(path=self.folder / f"{name}.png")

    def take(self, theme: str) -> None:
        """All the pictures of one theme."""
        url, bob = self.stack.web.url, self.chats["bob"]
        for kind, size in (("desktop", DESKTOP), ("phone", PHONE)):
            context = self.context(size, theme, self.ada)
            page = context.new_page()
            page.goto(url)
            page.wait_for_selector("a.chat")
            if kind == "phone":
                self.save(page, f"phone-list-{theme}")
            page.goto(f"{url}/#{bob}")
            page.wait_for_selector(".bubble")
            page.wait_for_timeout(600)
            self.socket.send("typing", chat_id=bob, typing=True)
            self.save(page, f"{kind}-talk-{theme}")
            if (kind == "desktop") == (theme == "light"):
                page_states.take_conversation(page, kind, theme, self.save)
            self.take_dialogs(page, kind, theme)
            self.socket.send("typing", chat_id=bob, typing=False)
            context.set_offline(True)
            page.wait_for_selector("#banner:not([hidden])", timeout=60_000)
            page.fill(".composer__field", "I'll make coffee ☕")
            page.press(".composer__field", "Enter")
            page.wait_for_timeout(3500)
            self.save(page, f"{kind}-offline-{theme}")
            context.close()
        self.take_doors(theme)

    def take_dialogs(self, page: Page, kind: str, theme: str) -> None:
        if kind == "phone":
            page.click("#back")
        page.click("#account")
        page.wait_for_selector("[data-ready]")
        self.save(page, f"{kind}-settings-{theme}")
        page.get_by_role("switch", name="Sound").click()
        page.evaluate("document.querySelector('#appearance').scrollIntoView()")
        self.save(page, f"{kind}-settings-devices-{theme}")
        page.click("#back")
        page.wait_for_selector("a.chat", state="attached")
        page.click("#new-chat")
        page.fill("#other-name", "giullia")
        page.keyboard.press("Enter")
        page.wait_for_selector("#other-name-error:not(:empty)")
        self.save(page, f"{kind}-new-chat-{theme}")
        page.keyboard.press("Escape")
        if (kind == "desktop") == (theme == "light"):
            page_states.take_list(page, kind, theme, self.save)
        if kind == "phone":
            page.click("a.chat:has-text('bob')")

    def take_doors(self, theme: str) -> None:
        """Login, registration, and the first visit."""
        context = self.context(DESKTOP, theme, None)
        page = context.new_page()
        page.goto(self.stack.web.url + "/login?error=wrong_login&username=ada")
        self.save(page, f"desktop-login-{theme}")
        context.close()
        context = self.context(PHONE, theme, None)
        page = context.new_page()
        page.goto(self.stack.web.url + "/register")
        page.fill("#username", "ada")
        page.fill("#password", "three words together")
        self.save(page, f"phone-register-{theme}")
        context.close()
        context = self.context(DESKTOP, theme, self.alone)
        page = context.new_page()
        page.goto(self.stack.web.url)
        page.wait_for_selector("#nothing button:not([hidden])")
        self.save(page, f"desktop-first-visit-{theme}")
        context.close()


def main() -> None:
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    limits = {"RATE_LIMITS": "off", "WS_LOOKUP_RATE": "0"}
    with (
        tempfile.TemporaryDirectory() as place,
        Stack(Path(place), environment=limits) as stack,
        sync_playwright() as playwright,
    ):
        browser = chromium.launch(playwright, "--hide-scrollbars")
        pictures = Pictures(stack, browser, folder)
        time.sleep(6)  # those who have left are not online any more after a moment
        for theme in ("light", "dark"):
            pictures.take(theme)
        browser.close()


if __name__ == "__main__":
    main()
