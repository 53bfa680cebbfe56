"""How often is the list of chats asked for in one `sync`, and is it still true when it is sent?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec

from chat_db.changed_messages import Changes, list_changed
from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.message_pages import Page
from chat_db.messages import Message
from chat_db.users import User
from chat_ws.client import Client
from chat_ws.events import ChangedChat
from chat_ws.handlers.sync import SyncHandler
from chat_ws.limits import Buckets
from chat_ws.protocol import Sync

ADA, BOB, EVE = 1, 2, 3

Change = Callable[["World"], None]


def summary(chat_id: int, other: int, last_seq: int) -> ChatSummary:
    return ChatSummary(chat_id, User(other, f"user{other}"), last_seq, 0, 0, 0, 0, 0)


class World:
    """Stands for the database and for what the process knows; `meanwhile` happens while a page is read,
    `before_answer` while one of the first `busy_reads` lists is on its way."""

    def __init__(self, meanwhile: Change = lambda world: None, before_answer: Change = lambda world: None) -> None:
        self.rows = [summary(1, BOB, 2)]
        self.told = {1: ChangedChat(1, User(BOB, "user2"))}
        self.last_seqs = {1: 2}
        self.settlings = 0
        self.settled: dict[int, int] = {}  # the count after which each chat was set
        self.lists = 0
        self.read: list[list[int]] = []  # the chats of each list
        self.busy_reads = 1
        self.frames: list[dict[str, Any]] = []
        self._meanwhile = meanwhile
        self._before_answer = before_answer
        self.between_parts: Change = lambda world: None

    async def ask(self, asker: int, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if query is list_chats:
            self.lists += 1
            wanted = args[1] if len(args) > 1 else None
            rows = [row for row in self.rows if wanted is None or row.id in wanted]
            self.read.append([row.id for row in rows])
            if self.lists <= self.busy_reads:
                self._before_answer(self)
            return rows
        self._meanwhile(self)
        return Page([Message(1, 1, 2, BOB, "user2", "hello", "2026-11-22T12:00:00.000Z")], False, 0)

    def last_seq_of(self, chat_id: int) -> int:
        return self.last_seqs.get(chat_id, 0)

    def settled_after(self, user_id: int, settlings: int) -> set[int]:
        return {chat for chat, count in self.settled.items() if count > settlings}

    def chats_of(self, user_id: int) -> dict[int, ChangedChat]:
        return self.told

    async def flush(self) -> None: ...


class Listener:
    """Stands for a client: its tasks are run by the test, what is sent is kept."""

    def __init__(self, world: World) -> None:
        self.user_id = ADA
        self.socket = self.tasks = self
        self.is_full = False
        self.knows_changes = False
        self.works: list[Callable[[], Awaitable[None]]] = []
        self._world = world

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        self.works.append(work)

    def send_soon(self, payload: bytes) -> None:
        self._world.frames.append(json.loads(payload))

    async def drain(self) -> None:
        if self._world.frames[-1].get("more"):
            self._world.between_parts(self._world)


def sync(world: World, frame: Sync, knows_changes: bool = False) -> list[int]:
    """Return the ids of the chats in `sync_done`."""
    part = cast(Any, world)
    handler = SyncHandler(part, part, part, part, part, Buckets(10, 1))
    client = Listener(world)
    client.knows_changes = knows_changes

    async def run() -> None:
        await handler.sync(cast(Client, client), frame)
        await client.works[0]()

    asyncio.run(run())
    return [chat["id"] for frame in world.frames if frame["type"] == "sync_done" for chat in frame["chats"]]


def begin_chat(world: World) -> None:
    world.rows.insert(0, summary(2, EVE, 0))
    world.told[2] = ChangedChat(2, User(EVE, "user3"))


def store_message(world: World) -> None:
    world.rows[0] = summary(1, BOB, 3)
    world.last_seqs[1] = 3


def pin(world: World) -> None:
    world.rows[0] = msgspec.structs.replace(summary(1, BOB, 2), pinned_at="2026-11-22T12:00:00.000Z")
    world.settlings = world.settled[1] = 1


def test_the_list_is_asked_for_once() -> None:
    for seq in (2, 0):
        for only in (True, False):
            world = World()
            assert sync(world, Sync({"1": seq}, only)) == [1]
            assert world.lists == 1


def test_a_list_that_would_undo_what_the_client_was_told_meanwhile_is_asked_for_again() -> None:
    world = World(begin_chat)
    assert sync(world, Sync({"1": 0}, only=True)) == [2, 1]
    assert world.lists == 2
    world = World(store_message)
    sync(world, Sync({"1": 0}))
    assert world.frames[-1]["chats"][0]["last_seq"] == 3


def test_a_list_that_was_overtaken_on_its_way_is_asked_for_again() -> None:
    """A message or a chat that was stored after the list was read, and told before it arrived, was undone by it."""
    world = World(before_answer=begin_chat)
    assert sync(world, Sync({"1": 2})) == [2, 1]
    world = World(before_answer=store_message)
    sync(world, Sync({"1": 2}))
    assert world.frames[-1]["chats"][0]["last_seq"] == 3


def test_a_list_that_would_undo_what_was_set_meanwhile_is_asked_for_again() -> None:
    for world in (World(pin), World(before_answer=pin)):
        sync(world, Sync({"1": 0}))
        assert world.frames[-1]["chats"][0]["pinned_at"]
        assert world.lists == 2


def many(world: World) -> World:
    """Let there be 1,000 chats, newest first, with a person each."""
    world.rows = [summary(number, number + 1, 2) for number in range(1, 1001)]
    world.told = {row.id: ChangedChat(row.id, row.other_user) for row in world.rows}
    world.last_seqs = {row.id: 2 for row in world.rows}
    return world


def store_elsewhere(world: World) -> None:
    """Store a message in a chat of its own for each list that was read: 10, 20, …"""
    chat_id = 10 * world.lists
    world.rows = sorted(world.rows, key=lambda row: row.id != chat_id)
    world.rows[0] = summary(chat_id, chat_id + 1, 3)
    world.last_seqs[chat_id] = 3


def test_of_a_list_that_is_overtaken_again_and_again_only_what_was_overtaken_is_read_again() -> None:
    """A long list took so long to read that somebody who hears much was told what was no longer true."""
    world = many(World(before_answer=store_elsewhere))
    world.busy_reads = 4
    assert sync(world, Sync({}, only=True)) == [row.id for row in world.rows]
    found = {chat["id"]: chat["last_seq"] for frame in world.frames for chat in frame["chats"]}
    assert found == world.last_seqs
    assert world.read[1:] == [[10], [20], [30], [40]]


def test_a_chat_that_goes_while_the_list_is_on_its_way_is_not_in_it() -> None:
    def purge(world: World) -> None:
        del world.rows[4], world.told[5]

    world = many(World(before_answer=purge))
    assert sync(world, Sync({}, only=True)) == [row.id for row in world.rows]


def test_what_changes_between_two_parts_of_the_list_comes_in_the_last() -> None:
    """A slow reader takes its time for a part, and hears live of a block meanwhile: a later part must not undo it."""
    world = World()
    world.rows = [summary(number, BOB, 2) for number in range(1, 4001)]
    world.told = {row.id: ChangedChat(row.id, row.other_user) for row in world.rows}

    def block(world: World) -> None:
        blocked = msgspec.structs.replace(summary(1, BOB, 2), blocked=True)
        world.rows = [blocked, *world.rows[1:]]
        world.told[1] = ChangedChat(1, blocked.other_user, blocked=True)

    world.between_parts = block
    ids = sync(world, Sync({}, only=True))
    assert len(world.frames) > 1
    assert set(ids) == set(range(1, 4001))
    assert {chat["id"]: chat for frame in world.frames for chat in frame["chats"]}[1]["blocked"] is True


class Overtaken(World):
    """A chat that was listed with two messages and one change; meanwhile a third one was stored, and changed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = [msgspec.structs.replace(summary(1, BOB, 2), change_seq=1)]
        self.floor = 0

    async def ask(self, asker: int, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if query is list_chats:
            return await super().ask(asker, query, *args, **kwargs)
        third = Message(3, 1, 3, BOB, "user2", "changed", "2026-11-22T12:00:00.000Z", change_seq=2, text_seq=2)
        if query is list_changed:
            return Changes([], 2, more=False, last_seq=3, floor=self.floor)
        return Page([third], False, 2)


def test_a_message_that_came_while_changes_were_read_is_sent_with_them() -> None:
    """Its change has a number that the client holds from then on: it would never ask for it."""
    world = Overtaken()
    sync(world, Sync(chats={"1": (2, 0)}), knows_changes=True)
    changes, messages = [frame for frame in world.frames if frame["type"] == "sync_chat"]
    assert changes["change_seq"] == 2
    assert [message["content"] for message in messages["messages"]] == ["changed"]


def test_what_was_purged_while_changes_were_read_is_told_with_them() -> None:
    """No change of it comes, and its number is counted: who still showed the message would take it for up to date."""
    world = Overtaken()
    world.floor = 1
    sync(world, Sync(chats={"1": (2, 0)}), knows_changes=True)
    changes, _ = [frame for frame in world.frames if frame["type"] == "sync_chat"]
    assert (changes["change_seq"], changes["chat"]["floor"]) == (2, 1)


def test_a_client_that_knows_no_floors_is_sent_nothing_behind_what_was_purged_since_the_list() -> None:
    """It would take the jump for a hole that it can ask for."""
    for knows_changes, expected in ((False, []), (True, [2])):
        world = World()
        sync(world, Sync({"1": 0}), knows_changes)
        sent = [frame["messages"] for frame in world.frames if frame["type"] == "sync_chat"]
        assert [message["seq"] for messages in sent for message in messages] == expected
