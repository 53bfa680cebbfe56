"""Does a client of 1.0.0 go on working beside clients that change messages? terminal_chat.py as it was then."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.examples import terminal_chat_1_0_0 as release
from tests.support.people import People, Person
from tests.support.rows import write
from tests.support.socket import Socket

DEADLINE = 15  # seconds


class OldClient(release.TerminalChat):
    """The client in a thread of its own; `sent` counts its frames by type."""

    def __init__(self, stack: Stack, person: Person) -> None:
        super().__init__({"user_id": person.id, "token": person.token, "ws_url": stack.ws_server.url})
        self.sent: Counter[str] = Counter()
        self.lines: queue.Queue[str] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._running: asyncio.Task[None]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        async def until_cancelled() -> None:
            self._running = asyncio.current_task()  # type: ignore[assignment]  # there is one
            await self.run()

        with pytest.raises(asyncio.CancelledError):
            self._loop.run_until_complete(until_cancelled())
        self._loop.close()

    async def send(self, frame: release.Frame) -> None:
        self.sent[frame["type"]] += 1
        await super().send(frame)

    def type(self, line: str) -> None:
        asyncio.run_coroutine_threadsafe(self.obey(line), self._loop).result(DEADLINE)

    def shown(self, count: int) -> list[str]:
        """Return the next lines, without the program's own remarks."""
        lines: list[str] = []
        while len(lines) < count:
            line = self.lines.get(timeout=DEADLINE)
            lines += [] if line.startswith("(") else [line]
        return lines

    def until(self, remark: str) -> None:
        while self.lines.get(timeout=DEADLINE) != remark:
            pass

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._running.cancel)
        self._thread.join()


OldClientMaker = Callable[[Stack, Person], OldClient]


@pytest.fixture
def old_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[OldClientMaker]:
    opened: list[OldClient] = []
    monkeypatch.setattr(release, "show", lambda line: opened[-1].lines.put(line))

    def make(stack: Stack, person: Person) -> OldClient:
        opened.append(client := OldClient.__new__(OldClient))
        client.__init__(stack, person)  # type: ignore[misc]  # known before its thread shows anything
        return client

    yield make
    for client in opened:
        client.stop()


def say(socket: Socket, chat: int, text: str, **fields: object) -> int:
    socket.send("send_message", chat_id=chat, message=text, **fields)
    seq: int = socket.wait_for("message_sent")["seq"]
    return seq


def change(socket: Socket, kind: str, chat: int, seq: int, **fields: object) -> None:
    socket.send(kind, chat_id=chat, seq=seq, client_id=f"{kind}-{seq}", **fields)
    socket.wait_for("changed")


def test_an_old_client_talks_beside_one_that_changes_messages(
    own_stack: StackMaker, old_client: OldClientMaker
) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    new = ada.connect(features=["changes"])
    old = old_client(stack, bob)
    old.until("(connected)")
    old.type("/open ada")
    say(new, chat, "one")
    say(new, chat, "two")
    assert old.shown(2) == ["ada: one", "ada: two"]
    change(new, "edit_message", chat, 1, message="first")
    change(new, "react", chat, 1, emoji="👍")
    change(new, "delete_message", chat, 2)
    say(new, chat, "three", reply_to_seq=1)
    assert old.shown(1) == ["ada: three"]
    old.type("four")
    assert old.shown(1) == ["you: four"]
    assert new.wait_for("message")["message"] == "four"
    stack.ws_server.restart()
    old.until("(connected)")
    new = ada.connect(features=["changes"])
    change(new, "react", chat, 4, emoji="🎉")
    say(new, chat, "five")
    assert old.shown(1) == ["ada: five"]
    later = old_client(stack, bob)
    assert later.shown(5) == [
        f"[ada] {who}: {text}"
        for who, text in zip(("ada", "ada", "ada", "you", "ada"), ("first", "", "three", "four", "five"), strict=True)
    ]
    people.leave()


def test_an_old_client_keeps_quiet_in_a_chat_of_which_it_cannot_have_all(
    own_stack: StackMaker, old_client: OldClientMaker
) -> None:
    """It asked for what lies below the floor as fast as it was answered."""
    stack = own_stack()
    people = People(stack)
    ada, bob, eve = people.register("ada"), people.register("bob"), people.register("eve")
    purged, whole = people.chat_between(ada, bob), people.chat_between(eve, bob)
    write(stack, purged, ada, 5)
    stack.database.query("UPDATE chats SET purged_seq = 3 WHERE id = %s", purged)
    old = old_client(stack, bob)
    old.until("(connected)")
    adas, eves = ada.connect(features=["changes"]), eve.connect()
    for text in ("one", "two"):
        say(adas, purged, text)
        say(eves, whole, text)
        assert old.shown(1) == [f"[eve] eve: {text}"]
    old.type("/open ada")
    old.type("mine")
    assert adas.wait_for("message")["message"] == "mine"
    say(eves, whole, "three")
    assert old.shown(1) == ["[eve] eve: three"]
    assert old.sent["sync"] <= 4  # after its login, and for each message of the chat that it cannot have
    assert old.sent["delivered"] == 3
    people.leave()


def test_an_old_client_goes_on_while_messages_go_that_it_holds(
    own_stack: StackMaker, old_client: OldClientMaker
) -> None:
    """By themselves, and since its user has cleared them elsewhere."""
    stack = own_stack(WS_PURGE_SECONDS="0.05")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    new, other = ada.connect(features=["changes"]), bob.connect(features=["changes"])
    old = old_client(stack, bob)
    old.until("(connected)")
    old.type("/open ada")
    say(new, chat, "one")
    new.send("set_keep", chat_id=chat, seconds=3_600, client_id="keep")
    say(new, chat, "two")
    assert old.shown(3) == ["ada: one", "ada: ada set messages to disappear after 1 hour.", "ada: two"]
    stack.database.query("UPDATE messages SET sent_at = sent_at - INTERVAL 1 DAY WHERE seq <= 2")
    stack.database.query("UPDATE chats SET keep_from = keep_from - INTERVAL 2 DAY")
    assert new.wait_for("purged")["up_to"] == 2
    other.send("clear_chat", chat_id=chat, seq=3)
    while other.wait_for("chat_changed")["chat"].get("floor") != 3:
        pass
    say(new, chat, "three")
    assert old.shown(1) == ["ada: three"]
    stack.ws_server.restart()
    old.until("(connected)")
    new = ada.connect(features=["changes"])
    for number in range(5):
        say(new, chat, f"again {number}")
    assert old.shown(5) == [f"ada: again {number}" for number in range(5)]
    assert old.sent["sync"] == 2  # after each login
    later = old_client(stack, bob)
    later.until("(connected)")
    say(new, chat, "last")
    old.type("mine")
    assert later.shown(2) == ["ada: last", "you: mine"]  # what both show comes here now; this one cannot have it
    assert later.sent["sync"] <= 3  # after its login, and for each message
    people.leave()


def test_a_client_with_the_frames_of_the_prototype_talks_in_any_chat(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """It holds nothing, and so does not ask."""
    write(stack, chat, ada, 5)
    stack.database.query("UPDATE chats SET purged_seq = 3 WHERE id = %s", chat)
    new, old = ada.connect(features=["changes"]), bob.connect()
    fields = {"chat_id": str(chat), "sender_id": str(bob.id), "receiver_id": str(ada.id)}
    old.send("send_message", message="hello", **fields)
    assert old.expect("message_sent")["seq"] == 6
    assert new.wait_for("message")["message"] == "hello"
    change(new, "react", chat, 6, emoji="👍")
    say(new, chat, "hi", reply_to_seq=6)
    assert old.expect("message")["message"] == "hi"
    assert old.until_pong() == []
