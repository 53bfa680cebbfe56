"""How does a client keep ChatApp's promises over any connection? The reference client, which trusts nothing.

It uses only what the contract gives to every client: it sends what is not acknowledged again with the same
`client_id`, asks with `sync` after each `auth` and whenever a number jumps, and shows a chat's messages by `seq`, as
their last change left them, above the chat's floor. It writes down every attempt, every answer and everything shown,
and complains of each frame that should not be.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from .heard import Heard
from .outbox import AnyChange, Attempt, ChangeAttempt, ClearAttempt, Frame, KeepAttempt, Outbox
from .view import View, as_listed, as_sent

OPEN_SECONDS = 3.0
SILENCE_SECONDS = 2.0  # without an answer to a ping: the connection is a dead one that nobody closed
PING_EVERY = 0.5
SYNC = "sync"

REFUSALS = {  # of a change, where it may be refused: final
    "edit_message": ("edit_conflict", "no_such_message"),
    "delete_message": ("no_such_message",),
    "react": ("bad_reaction", "no_such_message"),
}


class PutOff(NamedTuple):
    """Something that was to be tried again later: of what, by which code, so many seconds after it was sent."""

    what: str
    code: str
    waited: float


@dataclass
class Log:
    """What a client did and saw; verify.py compares it with the table."""

    attempts: dict[str, Attempt] = field(default_factory=dict)  # by client_id, in the order of saying
    changes: dict[str, ChangeAttempt] = field(default_factory=dict)  # the same of changes
    keeps: dict[str, KeepAttempt] = field(default_factory=dict)  # the same of choices
    clears: dict[str, ClearAttempt] = field(default_factory=dict)  # under names that are never sent
    views: dict[int, View] = field(default_factory=dict)  # by chat
    quotes: dict[tuple[int, int], list[Frame]] = field(default_factory=dict)  # by chat and seq of who answers
    notices: set[tuple[int, int]] = field(default_factory=set)  # chat, seq
    gaps: list[tuple[int, int]] = field(default_factory=list)  # chat, and the `seq` that was lacking
    missed: list[tuple[int, int]] = field(default_factory=list)  # chat, and the `change_seq` that was lacking
    late: list[tuple[int, int]] = field(default_factory=list)  # chat and seq of texts that came after their change
    jumps: list[tuple[int, int]] = field(default_factory=list)  # chat, and up to where a `sync_chat` left messages out
    own: dict[str, tuple[int, int]] = field(default_factory=dict)  # client_id -> (chat, seq), from any frame
    complaints: list[str] = field(default_factory=list)
    put_off: list[PutOff] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    heard: Heard = field(default_factory=Heard)
    connections: int = 0


class Device:
    """One device of one person. `run` it as a task; `say` and it will be said, whatever happens."""

    def __init__(self, name: str, user_id: int, token: str, url: str) -> None:
        self.name = name
        self.user_id = user_id
        self.token = token
        self.url = url
        self.log = Log()
        self.outbox = Outbox()
        self.may_hear_late = False  # another process may have changed a message before its own tells of it
        self.was_refused = False  # some message's fate was unknown for a while: it may be stored after later ones
        self.is_synced = asyncio.Event()
        self._sync_is_due = False
        self._sync_is_under_way = False
        self._connection: ClientConnection | None = None
        self._changed = asyncio.Event()
        self._last_heard = 0.0
        self._later: set[asyncio.TimerHandle] = set()
        self._asked: dict[int, list[int]] = {}  # what was held when `sync` was asked last
        self._sent: dict[str, float] = {}  # when each thing was sent last

    # What a person does

    def say(self, chat_id: int, text: str, reply_to: int | None = None) -> str:
        """Put a message into the outbox and try to send it now; return its client_id."""
        client_id = f"{self.name}-{len(self.log.attempts)}"
        self.log.attempts[client_id] = Attempt(chat_id, text, reply_to)
        self.outbox.messages.append(client_id)
        if self._connection is not None and self.is_synced.is_set():
            self._spawn_send(client_id)
        return client_id

    def change(self, kind: str, chat_id: int, seq: int, **fields: object) -> None:
        """Put a change of a message into the outbox and try to send it, unless another one of it has no answer."""
        client_id = f"{self.name}-c{len(self.log.changes)}"
        attempt = self.log.changes[client_id] = ChangeAttempt(kind, chat_id, seq, fields)
        self._want(client_id, attempt)

    def keep(self, chat_id: int, seconds: int | None) -> None:
        """Choose for how long a chat's messages are kept."""
        client_id = f"{self.name}-k{len(self.log.keeps)}"
        attempt = self.log.keeps[client_id] = KeepAttempt(chat_id, seconds)
        self._want(client_id, attempt)

    def clear(self, chat_id: int, up_to: int) -> None:
        """Have messages go from this user."""
        name = f"{self.name}-x{len(self.log.clears)}"
        attempt = self.log.clears[name] = ClearAttempt(chat_id, up_to)
        self._want(name, attempt)

    def _want(self, client_id: str, attempt: AnyChange) -> None:
        if self.outbox.add_change(client_id, attempt) and self._connection is not None and self.is_synced.is_set():
            self._spawn_send(client_id)

    async def wait_until_said(self) -> None:
        """Return when every message and every change has its answer."""
        while len(self.outbox):
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

    def view(self, chat_id: int) -> View:
        return self.log.views.setdefault(chat_id, View())

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
            auth = {"type": "auth", "user_id": self.user_id, "token": self.token, "features": ["changes"]}
            await connection.send(json.dumps(auth))
            yield connection
        finally:
            self._connection = None
            self.is_synced.clear()
            self._sync_is_under_way = self._sync_is_due = False
            for view in self.log.views.values():
                view.forget_what_waits()
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
            self.log.heard.note("<", frame)
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
            self.log.heard.note(">", frame)
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
        answer = as_sent({**frame, "from": self.user_id, "message": attempt.text})
        if attempt.answer is not None and attempt.answer != answer:
            self._complain(f"two answers to one message: {attempt.answer} and {frame}")
        attempt.answer = answer
        with contextlib.suppress(ValueError):
            self.outbox.messages.remove(frame["client_id"])
        self._note_own(frame["client_id"], frame["chat_id"], frame["seq"])
        self._follow(attempt.chat_id, self.view(attempt.chat_id).take(answer))

    def _on_message(self, frame: Frame) -> None:
        is_own = frame["from"] == self.user_id
        if is_own != ("client_id" in frame):
            self._complain(f"client_id in a message of the other, or none in an own one: {frame}")
        elif is_own:
            self._note_own(frame["client_id"], frame["chat_id"], frame["seq"])
        if frame.get("kind") == "notice":
            self.log.notices.add((frame["chat_id"], frame["seq"]))
        self._note_quote(frame["chat_id"], frame)
        view, message = self.view(frame["chat_id"]), as_sent(frame)
        if not self.may_hear_late and view.has_another_text(message):
            self.log.late.append((frame["chat_id"], frame["seq"]))
        self._follow(frame["chat_id"], view.take(message))

    def _on_changed(self, frame: Frame) -> None:
        client_id, message = frame["client_id"], frame["message"]
        attempt = self.log.changes.get(client_id)
        if attempt is None or (message["chat_id"], message["seq"]) != (attempt.chat_id, attempt.seq):
            self._complain(f"an answer to nothing: {frame}")
            return
        attempt.answer = as_listed(message)
        self._finish_change(client_id, attempt)
        self._on_message_changed(frame)

    def _on_message_changed(self, frame: Frame) -> None:
        message = frame["message"]
        problem = self._take_listed(message)
        self.view(message["chat_id"]).note(message.get("change_seq", 0))
        self._follow(message["chat_id"], problem)

    def _on_purged(self, frame: Frame) -> None:
        self._raise_floor(frame["chat_id"], frame["up_to"])

    def _on_chat_changed(self, frame: Frame) -> None:
        self._take_summary(frame["chat"])
        client_id = frame.get("client_id")
        keep = self.log.keeps.get(client_id or "")
        if client_id is None:
            return
        if keep is None or keep.chat_id != frame["chat"]["id"]:
            self._complain(f"an answer to nothing: {frame}")
            return
        keep.is_settled = True
        self._finish_change(client_id, keep)
        self._changed.set()

    def _on_sync_chat(self, frame: Frame) -> None:
        chat_id = frame["chat"]["id"]
        self._take_summary(frame["chat"])
        view = self.view(chat_id)
        seq, change_seq = self._asked.get(chat_id, (0, 0))
        messages = frame["messages"]
        covered: int | None = seq + len(messages)
        if frame.get("reset"):
            self.log.seen["reset"] += 1
            if frame["chat"]["last_seq"] < seq or frame["change_seq"] < change_seq:
                self._complain(f"the server has less than it had: {frame['chat']}")
            view.begin_anew(map(as_listed, messages), frame["chat"]["last_seq"], frame["change_seq"])
        elif messages:
            first = messages[0]["seq"]
            if first > seq + 1:  # what is left out must be gone since the list of chats was read
                self.log.jumps.append((chat_id, first - 1))
                covered = None
            if first <= seq or [message["seq"] for message in messages] != list(range(first, first + len(messages))):
                self._complain(f"sync_chat of chat {chat_id} does not go on from {seq}: {messages}")
        problems = [self._take_listed(message) for message in [*frame.get("changes", ()), *messages]]
        if covered is not None:
            view.reach(covered, frame["change_seq"])
        for problem in problems:
            self._follow(chat_id, problem)
        if frame["more"]:
            self._sync_is_due = True

    def _on_sync_done(self, frame: Frame) -> None:
        self._sync_is_under_way = False
        for chat in frame["chats"]:
            self._take_summary(chat)
            view = self.view(chat["id"])
            if view.seq < chat["last_seq"] or view.change_seq < chat.get("change_seq", 0):
                self._sync_is_due = True
        if self._sync_is_due or any(view.has_gap for view in self.log.views.values()):
            self._sync_is_due = True
            return
        for chat_id, view in self.log.views.items():
            view.claim(self.log.heard.count(chat_id))
        if not self.is_synced.is_set():
            self.is_synced.set()
            for client_id in self.outbox:  # what has no answer is sent again, in the order of saying
                self._spawn_send(client_id)
        self._changed.set()

    def _on_error(self, frame: Frame) -> None:
        client_id = frame.get("client_id")
        change = self.log.changes.get(client_id or "")
        if client_id and change is not None and frame["code"] in REFUSALS[change.kind]:
            change.refusal = frame["code"]
            self._finish_change(client_id, change)
            self._changed.set()
            return
        attempt = self.log.attempts.get(client_id or "")
        if client_id and attempt is not None and attempt.reply_to is not None and frame["code"] == "no_such_message":
            attempt.was_gone = True  # so it is said without
            self._spawn_send(client_id)
            return
        if frame["code"] not in ("unavailable", "rate_limited"):
            self._complain(f"unexpected error: {frame}")
            return
        self._note_put_off(client_id, frame["code"])
        loop = asyncio.get_running_loop()
        if client_id is None and self.outbox.is_clearing and self._connection is not None:
            self._connection.transport.abort()  # is it a sync, or a clearing? Nobody can say
        elif client_id is None:  # a sync that could not be answered
            self._sync_is_under_way = False
            self._later.add(loop.call_later(0.3, self._ask_again))
        elif attempt is None and change is None and client_id not in self.log.keeps:
            self._complain(f"an error for nothing: {frame}")
        else:
            self.was_refused = self.was_refused or attempt is not None
            self._later.add(loop.call_later(min(0.5, frame.get("retry_after", 0.5)), self._spawn_send, client_id))

    def _on_something_else(self, frame: Frame) -> None:
        pass

    HANDLERS = {  # noqa: RUF012  # never changed
        "message_sent": _on_message_sent,
        "message": _on_message,
        "changed": _on_changed,
        "message_changed": _on_message_changed,
        "purged": _on_purged,
        "chat_changed": _on_chat_changed,
        "sync_chat": _on_sync_chat,
        "sync_done": _on_sync_done,
        "error": _on_error,
        "presence": _on_something_else,
        "receipt": _on_something_else,
        "pong": _on_something_else,
    }

    # What follows from them

    def _spawn_send(self, client_id: str) -> None:
        """Hand one message or change to the connection; its frames leave in the order of the calls."""
        attempt = self.attempt(client_id)
        connection = self._connection
        if attempt.is_settled or connection is None:
            return
        attempt.sent += 1
        self._sent[client_id] = asyncio.get_running_loop().time()
        frame = attempt.frame(client_id)
        self.log.heard.note(">", frame)
        with contextlib.suppress(WebSocketException, OSError):
            connection.protocol.send_text(json.dumps(frame).encode())
            connection.send_data()

    def attempt(self, client_id: str) -> Attempt | AnyChange:
        log = self.log
        return next(
            logged[client_id] for logged in (log.attempts, log.changes, log.keeps, log.clears) if client_id in logged
        )

    def _finish_change(self, client_id: str, attempt: AnyChange) -> None:
        """A change has its answer: the next one of its message may go."""
        following = self.outbox.remove_change(client_id, attempt)
        if following is not None and self.is_synced.is_set():
            self._spawn_send(following)

    def _ask_again(self) -> None:
        self._sync_is_due = True
        self._background = asyncio.create_task(self._sync_if_due())

    async def _sync_if_due(self) -> None:
        if not self._sync_is_due or self._sync_is_under_way or self._connection is None:
            return
        self._sync_is_due, self._sync_is_under_way = False, True
        self._sent[SYNC] = asyncio.get_running_loop().time()
        self._asked = {chat_id: [view.seq, view.change_seq] for chat_id, view in self.log.views.items()}
        await self._send({"type": "sync", "chats": {str(chat_id): held for chat_id, held in self._asked.items()}})

    def _note_put_off(self, client_id: str | None, code: str) -> None:
        """Note that something is to be tried again. Without a client_id it is a sync or a clearing: the older one."""
        unnamed = [name for name, clear in self.log.clears.items() if clear.sent and not clear.is_settled]
        unnamed += [SYNC] if self._sync_is_under_way else []
        what = client_id or min(unnamed, key=self._sent.__getitem__, default=SYNC)
        waited = asyncio.get_running_loop().time() - self._sent.get(what, 0.0)
        self.log.put_off.append(PutOff(what, code, round(waited, 3)))

    def _note_own(self, client_id: str, chat_id: int, seq: int) -> None:
        if self.log.own.setdefault(client_id, (chat_id, seq)) != (chat_id, seq):
            self._complain(f"{client_id} was at {self.log.own[client_id]} and is at {(chat_id, seq)}")

    def _note_quote(self, chat_id: int, message: Frame) -> None:
        if "reply_to" in message:
            self.log.quotes.setdefault((chat_id, message["seq"]), []).append(message["reply_to"])

    def _take_summary(self, chat: Frame) -> None:
        """Take what is told of a whole chat: how much of it is gone."""
        self._raise_floor(chat["id"], chat.get("floor", 0))

    def _raise_floor(self, chat_id: int, floor: int) -> None:
        view = self.view(chat_id)
        if view.raise_floor(floor):
            self._sync_is_due = True
        for name, clear in self.log.clears.items():
            if clear.chat_id == chat_id and not clear.is_settled and clear.sent and clear.up_to <= view.floor:
                clear.is_settled = True
                self._finish_change(name, clear)
        self._changed.set()

    def _take_listed(self, message: Frame) -> str | None:
        """Take a message as it is listed; return what is wrong with it."""
        self._note_quote(message["chat_id"], message)
        if message.get("kind") == "notice":
            self.log.notices.add((message["chat_id"], message["seq"]))
        is_own = message["sender_id"] == self.user_id
        if is_own:
            self._note_own(message["client_id"], message["chat_id"], message["seq"])
        return self.view(message["chat_id"]).take(as_listed(message))

    def _follow(self, chat_id: int, problem: str | None) -> None:
        """Something came for a chat: complain of what is wrong with it, and ask for what it shows to be missing."""
        if problem is not None:
            self._complain(problem)
        view = self.view(chat_id)
        if view.has_gap and not self._sync_is_under_way and not self._sync_is_due:
            if view.lacks_message:
                self.log.gaps.append((chat_id, view.seq + 1))
            else:
                self.log.missed.append((chat_id, view.change_seq + 1))
            self._sync_is_due = True
        self._changed.set()
