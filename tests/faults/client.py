"""How does a client keep ChatApp's promises over any connection? The reference client, which trusts nothing.

It uses only what the contract gives to every client: it sends what is not acknowledged again with the same
`client_id`, asks with `sync` after each `auth` and whenever a `seq` jumps, and shows a chat's messages by `seq`.
It writes down every attempt, every answer and everything shown, and complains of each frame that should not be.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

OPEN_SECONDS = 3.0
SILENCE_SECONDS = 2.0  # without an answer to a ping: the connection is a dead one that nobody closed
PING_EVERY = 0.5

Frame = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A message as a client shows it."""

    message_id: int
    seq: int
    sender_id: int
    text: str
    sent_at: str


@dataclass
class Attempt:
    """A message that this client wants to be stored."""

    chat_id: int
    text: str
    sent: int = 0  # how often
    answer: Shown | None = None


@dataclass
class Log:
    """What a client did and saw; verify.py compares it with the table."""

    attempts: dict[str, Attempt] = field(default_factory=dict)  # by client_id, in the order of saying
    shown: dict[int, list[Shown]] = field(default_factory=dict)  # by chat
    own: dict[str, tuple[int, int]] = field(default_factory=dict)  # client_id -> (chat, seq), from any frame
    complaints: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    connections: int = 0


class Device:
    """One device of one person. `run` it as a task; `say` and it will be said, whatever happens."""

    def __init__(self, name: str, user_id: int, token: str, url: str) -> None:
        self.name = name
        self.user_id = user_id
        self.token = token
        self.url = url
        self.log = Log()
        self.outbox: deque[str] = deque()  # client_ids without an answer, in the order of saying
        self.was_refused = False  # some message's fate was unknown for a while: it may be stored after later ones
        self.is_synced = asyncio.Event()
        self._ahead: dict[int, dict[int, Shown]] = {}
        self._sync_is_due = False
        self._sync_is_under_way = False
        self._connection: ClientConnection | None = None
        self._changed = asyncio.Event()
        self._last_heard = 0.0
        self._later: set[asyncio.TimerHandle] = set()
        self._asked: dict[int, int] = {}  # what was held when `sync` was asked last

    # What a person does

    def say(self, chat_id: int, text: str) -> str:
        """Put a message into the outbox and try to send it now; return its client_id."""
        client_id = f"{self.name}-{len(self.log.attempts)}"
        self.log.attempts[client_id] = Attempt(chat_id, text)
        self.outbox.append(client_id)
        if self._connection is not None and self.is_synced.is_set():
            self._spawn_send(client_id)
        return client_id

    async def wait_until_said(self) -> None:
        """Return when every message has its answer."""
        while self.outbox:
            self._changed.clear()
            await self._changed.wait()

    async def wait_until_synced(self, connections: int = 0) -> None:
        """Return when the client is in sync, over its n-th connection or a later one."""
        while self.log.connections < connections or not self.is_synced.is_set():
            self._changed.clear()
            await self._changed.wait()

    async def sync(self) -> None:
        """Ask for everything that is missing and return when the answer is complete."""
        self.is_synced.clear()
        self._sync_is_due = True
        await self._sync_if_due()
        await self.is_synced.wait()

    def held(self, chat_id: int) -> int:
        return len(self.log.shown.get(chat_id, ()))

    def drop_connection(self, chance: random.Random) -> None:
        """Lose the connection as a phone does: without a word, or with a close frame on its way."""
        if self._connection is None:
            return
        if chance.random() < 0.5:
            self._connection.transport.abort()
        else:
            self._connection.transport.close()

    # The connection

    async def run(self) -> None:
        """Stay connected until cancelled: reconnect at once, a little later each time it fails."""
        chance = random.Random(self.name)
        failures = 0
        while True:
            with contextlib.suppress(OSError, WebSocketException, InvalidHandshake, TimeoutError, EOFError):
                async with self._connected() as connection:
                    failures = 0
                    await self._read(connection)
            failures += 1
            await asyncio.sleep(min(0.3, 0.01 * failures) * chance.uniform(0.5, 1.0))

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[ClientConnection]:
        connection = await connect(
            self.url, compression=None, open_timeout=OPEN_SECONDS, close_timeout=0.2, ping_interval=None, max_size=None
        )
        self.log.connections += 1
        watch = asyncio.create_task(self._watch(connection))
        try:
            await connection.send(json.dumps({"type": "auth", "user_id": self.user_id, "token": self.token}))
            yield connection
        finally:
            self._connection = None
            self.is_synced.clear()
            self._sync_is_under_way = self._sync_is_due = False
            self._ahead.clear()
            for timer in self._later:
                timer.cancel()
            self._later.clear()
            watch.cancel()
            connection.transport.abort()

    async def _watch(self, connection: ClientConnection) -> None:
        """Notice a connection over which nothing comes any more."""
        loop = asyncio.get_running_loop()
        self._last_heard = loop.time()
        while True:
            await asyncio.sleep(PING_EVERY)
            if loop.time() - self._last_heard > SILENCE_SECONDS:
                connection.transport.abort()
            with contextlib.suppress(WebSocketException):
                await connection.send('{"type":"ping"}')

    async def _read(self, connection: ClientConnection) -> None:
        async for text in connection:
            self._last_heard = asyncio.get_running_loop().time()
            frame: Frame = json.loads(text)
            self.log.seen[frame["type"]] += 1
            if frame["type"] == "auth":
                self._on_auth(frame, connection)
            elif handler := self.HANDLERS.get(frame["type"]):
                handler(self, frame)
            else:
                self._complain(f"unknown frame {frame}")
            await self._sync_if_due()

    async def _send(self, frame: Frame) -> None:
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(WebSocketException):
                await connection.send(json.dumps(frame))

    def _complain(self, what: str) -> None:
        self.log.complaints.append(f"{self.name}: {what}")

    # Frames

    def _on_auth(self, frame: Frame, connection: ClientConnection) -> None:
        if frame["status"] != "success":
            self._complain(f"auth was refused: {frame}")
            return
        self._connection = connection
        self._sync_is_due = True

    def _on_message_sent(self, frame: Frame) -> None:
        attempt = self.log.attempts.get(frame["client_id"])
        if attempt is None or frame["chat_id"] != attempt.chat_id:
            self._complain(f"an answer to nothing: {frame}")
            return
        answer = Shown(frame["message_id"], frame["seq"], self.user_id, attempt.text, frame["sent_at"])
        if attempt.answer is not None and attempt.answer != answer:
            self._complain(f"two answers to one message: {attempt.answer} and {frame}")
        attempt.answer = answer
        with contextlib.suppress(ValueError):
            self.outbox.remove(frame["client_id"])
        self._note_own(frame["client_id"], frame["chat_id"], frame["seq"])
        self._show(attempt.chat_id, answer)
        self._changed.set()

    def _on_message(self, frame: Frame) -> None:
        is_own = frame["from"] == self.user_id
        if is_own != ("client_id" in frame):
            self._complain(f"client_id in a message of the other, or none in an own one: {frame}")
        elif is_own:
            self._note_own(frame["client_id"], frame["chat_id"], frame["seq"])
        message = Shown(frame["message_id"], frame["seq"], frame["from"], frame["message"], frame["sent_at"])
        self._show(frame["chat_id"], message)

    def _on_sync_chat(self, frame: Frame) -> None:
        chat_id = frame["chat"]["id"]
        if frame.get("reset"):
            self._complain(f"the server has less than it had: {frame['chat']}")
        first = self._asked.get(chat_id, 0) + 1
        numbers = [message["seq"] for message in frame["messages"]]
        if numbers != list(range(first, first + len(numbers))):
            self._complain(f"sync_chat of chat {chat_id} has {numbers} where {first} is the next")
        for message in frame["messages"]:
            if message["sender_id"] == self.user_id:
                self._note_own(message["client_id"], chat_id, message["seq"])
            self._show(
                chat_id,
                Shown(message["id"], message["seq"], message["sender_id"], message["content"], message["sent_at"]),
            )
        if frame["more"]:
            self._sync_is_due = True

    def _on_sync_done(self, frame: Frame) -> None:
        self._sync_is_under_way = False
        if any(self.held(chat["id"]) < chat["last_seq"] for chat in frame["chats"]):
            self._sync_is_due = True
        if self._sync_is_due or self._has_gap():
            self._sync_is_due = True
            return
        if not self.is_synced.is_set():
            self.is_synced.set()
            for client_id in self.outbox:  # what has no answer is sent again, in the order of saying
                self._spawn_send(client_id)
        self._changed.set()

    def _on_error(self, frame: Frame) -> None:
        if frame["code"] not in ("unavailable", "rate_limited"):
            self._complain(f"unexpected error: {frame}")
            return
        loop = asyncio.get_running_loop()
        client_id = frame.get("client_id")
        if client_id is None:  # a sync that could not be answered
            self._sync_is_under_way = False
            self._later.add(loop.call_later(0.3, self._ask_again))
        elif client_id not in self.log.attempts:
            self._complain(f"an error for nothing: {frame}")
        else:
            self.was_refused = True
            self._later.add(loop.call_later(min(0.5, frame.get("retry_after", 0.5)), self._spawn_send, client_id))

    def _on_something_else(self, frame: Frame) -> None:
        pass

    HANDLERS = {  # noqa: RUF012  # never changed
        "message_sent": _on_message_sent,
        "message": _on_message,
        "sync_chat": _on_sync_chat,
        "sync_done": _on_sync_done,
        "error": _on_error,
        "presence": _on_something_else,
        "receipt": _on_something_else,
        "pong": _on_something_else,
    }

    # What follows from them

    def _spawn_send(self, client_id: str) -> None:
        """Hand one message to the connection; its frames leave in the order of the calls."""
        attempt = self.log.attempts[client_id]
        connection = self._connection
        if attempt.answer is not None or connection is None:
            return
        attempt.sent += 1
        frame = {
            "type": "send_message",
            "chat_id": attempt.chat_id,
            "client_id": client_id,
            "message": attempt.text,
        }
        with contextlib.suppress(WebSocketException, OSError):
            connection.protocol.send_text(json.dumps(frame).encode())
            connection.send_data()

    def _ask_again(self) -> None:
        self._sync_is_due = True
        self._background = asyncio.create_task(self._sync_if_due())

    async def _sync_if_due(self) -> None:
        if not self._sync_is_due or self._sync_is_under_way or self._connection is None:
            return
        self._sync_is_due, self._sync_is_under_way = False, True
        self._asked = {chat_id: len(shown) for chat_id, shown in self.log.shown.items()}
        await self._send({"type": "sync", "chats": {str(chat_id): seq for chat_id, seq in self._asked.items()}})

    def _note_own(self, client_id: str, chat_id: int, seq: int) -> None:
        if self.log.own.setdefault(client_id, (chat_id, seq)) != (chat_id, seq):
            self._complain(f"{client_id} was at {self.log.own[client_id]} and is at {(chat_id, seq)}")

    def _show(self, chat_id: int, message: Shown) -> None:
        """Show a message if it is the next one, keep it if it is further on, drop it if it is there already."""
        shown = self.log.shown.setdefault(chat_id, [])
        if message.seq <= len(shown):
            if shown[message.seq - 1] != message:
                self._complain(f"two messages at one place: {shown[message.seq - 1]} and {message}")
            return
        ahead = self._ahead.setdefault(chat_id, {})
        if ahead.setdefault(message.seq, message) != message:
            self._complain(f"two messages at one place: {ahead[message.seq]} and {message}")
        while (following := ahead.pop(len(shown) + 1, None)) is not None:
            shown.append(following)
        if ahead and not self._sync_is_under_way:
            self.log.seen["jump"] += 1
            self._sync_is_due = True
        self._changed.set()

    def _has_gap(self) -> bool:
        return any(self._ahead.values())
