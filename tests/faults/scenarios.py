"""What can break while people talk? Each scenario breaks it, brings it back, and lets Talk check every promise."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence

from chat_db.key_files import read_keys
from chat_ws.queries import ANSWER_SECONDS
from stack import Stack
from tests.support.command_line import rotate_key_soon
from tests.support.stored import keys_of, versions_of

from .client import Device
from .database_proxy import Break, DatabaseProxy
from .proxy import DOWN, UP, Cut, Proxy
from .remains import check_deleted
from .talk import Talk, now

UNLIMITED = {"WS_MESSAGE_RATE": "0", "WS_FRAME_RATE": "0", "WS_SYNC_RATE": "0", "WS_PURGE_SECONDS": "0.2"}

SEND = b"send_message"
ANSWER = b'"message_sent"'
MESSAGE = b'"type":"message"'
REACT, DELETE = b'"react"', b"delete_message"
CHANGED = b'"type":"changed"'
KEEP, CLEAR = b"set_keep", b"clear_chat"
CHAT_CHANGED, PURGED = b'"type":"chat_changed"', b'"type":"purged"'
MESSAGE_CHANGED = b'"message_changed"'
SYNCED = b'"sync_chat"'

# Every point of a send and of a change: before the frame, in it, after it, after the commit (nothing of the answer, a
# part, all).
POINTS = (
    (UP, SEND, 0.0),
    (UP, SEND, 0.5),
    (UP, SEND, 1.0),
    (DOWN, ANSWER, 0.0),
    (DOWN, ANSWER, 0.5),
    (DOWN, ANSWER, 1.0),
    (DOWN, MESSAGE, 0.0),
    (DOWN, MESSAGE, 0.5),
    (UP, REACT, 0.5),
    (UP, b"edit_message", 1.0),
    (UP, DELETE, 1.0),
    (DOWN, CHANGED, 0.0),
    (DOWN, CHANGED, 0.5),
    (DOWN, CHANGED, 1.0),
    (DOWN, MESSAGE_CHANGED, 0.0),
    (DOWN, MESSAGE_CHANGED, 1.0),
    (DOWN, SYNCED, 1.0),
    (UP, KEEP, 1.0),
    (UP, CLEAR, 1.0),
    (DOWN, CHAT_CHANGED, 0.5),
    (DOWN, PURGED, 0.5),
)
RARE = (b"edit_message", DELETE, SYNCED, KEEP, CLEAR, CHAT_CHANGED, PURGED)  # frames that a connection has few of
FRAME_BYTES = 110  # of such a send_message at least, mask and head included
ANSWER_BYTES = 120  # of a message_sent
CHANGE_BYTES = 80  # of a react
CHANGED_BYTES = 200  # of its answer
KEEP_BYTES = 80  # of a set_keep
CHAT_CHANGED_BYTES = 200  # of its answer
CLEAR_BYTES = 46  # of a clear_chat


def any_cut(chance: random.Random, silence: float = 0.05) -> Cut:
    direction, kind, part = chance.choice(POINTS)
    how = "silence" if chance.random() < silence else chance.choice(("reset", "close"))
    return Cut(
        direction,
        kind,
        part,
        how,
        nth=chance.choice((1,) if kind in RARE[3:] else (1, 2) if kind in RARE else (1, 2, 3, 5, 8, 13)),
    )


@contextlib.asynccontextmanager
async def doing(work: asyncio.Future[None]) -> AsyncIterator[None]:
    """Cancel a task at the end of the block; raise what it raised."""
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def cut_connections(stack: Stack, seed: int, seconds: float) -> int:
    """Every connection goes through the proxy and is cut at some point of a send. Return how many were."""
    chance = random.Random(seed)
    is_calm = False

    def plan(_: int) -> Cut | None:
        return None if is_calm else any_cut(chance)

    async with Proxy(stack.ws_server.host, stack.ws_server.port, plan).running() as proxy:
        talk = Talk.between_three(stack, seed, [proxy.url])
        async with talk.going_on():
            await asyncio.sleep(seconds)
            is_calm = True
        return proxy.cuts


async def cut_byte_by_byte(stack: Stack, seed: int, step: int = 1) -> int:
    """Cut one send after another, each one byte (or `step`) later: through the frame, then through its answer; then one
    reaction after another, one choice, one clearing.

    Return how many were not cut. Each time the client reconnects, syncs and sends it again.
    """
    cuts = [
        Cut(way, kind, part)
        for way, kind, size in (
            (UP, SEND, FRAME_BYTES),
            (DOWN, ANSWER, ANSWER_BYTES),
            (UP, REACT, CHANGE_BYTES),
            (DOWN, CHANGED, CHANGED_BYTES),
            (UP, KEEP, KEEP_BYTES),
            (DOWN, CHAT_CHANGED, CHAT_CHANGED_BYTES),
            (UP, CLEAR, CLEAR_BYTES),
        )
        for part in range(seed % step, size, step)
    ]
    planned: list[Cut] = []

    def plan(_: int) -> Cut | None:
        return planned.pop() if planned else None

    async with Proxy(stack.ws_server.host, stack.ws_server.port, plan).running() as proxy:
        talk = Talk.between_three(stack, seed, purges=False)
        device = talk.devices[0]
        device.url = proxy.url
        async with talk.going_on(is_talking=False):
            await device.wait_until_synced()
            for number, cut in enumerate(cuts):
                planned.append(cut)
                device.drop_connection(talk.chance)
                await device.wait_until_synced(connections=device.log.connections + 1)
                do_what_is_cut(device, talk.chats[device.name][0], cut.kind, number)
                await device.wait_until_said()
        return len(cuts) - proxy.cuts


def do_what_is_cut(device: Device, chat_id: int, kind: bytes, number: int) -> None:
    """Have a device send what a cut of this kind waits for."""
    if kind in (SEND, ANSWER):
        device.say(chat_id, f"message {number}")
    elif kind in (REACT, CHANGED):
        device.change("react", chat_id, 1, emoji=("👍", None)[number % 2])
    elif kind in (KEEP, CHAT_CHANGED):
        device.keep(chat_id, (3_600, None)[number % 2])
    else:
        device.clear(chat_id, device.view(chat_id).floor + 1)


async def kill_ws_server(stack: Stack, seed: int, times: int) -> None:
    """Kill ws-server again and again. Nothing of what was deleted is in any file then."""
    talk = Talk.between_three(stack, seed)
    async with talk.going_on():
        for _ in range(times):
            await talk.until_answered(20)
            await talk.pause(0.0, 0.3)
            await now(stack.ws_server.kill)
            await now(stack.ws_server.start)
        await talk.until_answered(20)
    await now(lambda: check_deleted(stack, talk.devices))


async def break_database(stack: Stack, seed: int, ways: Sequence[str | float]) -> None:
    """Break the database in each of the ways: "stop", "kill", or frozen for so many seconds."""
    talk = Talk.between_three(stack, seed)
    async with talk.going_on():
        for way in ways:
            await talk.until_answered(50)
            await talk.pause(0.0, 0.2)
            async with talk.while_database_is_there:
                await take_away(talk, way)
        await talk.until_answered(50)


async def take_away(talk: Talk, way: str | float) -> None:
    """Break the database in this way, and bring it back."""
    database = talk.database
    if isinstance(way, str):
        await now(database.stop if way == "stop" else database.kill)
        await talk.pause(0.0, 0.5)
        await now(database.start_server)
        return
    database.pause()
    try:
        await asyncio.sleep(way)
    finally:
        database.resume()


async def break_writes(stack: Stack, seed: int, seconds: float) -> list[Break]:
    """The INSERTs and COMMITs of one ws-server break at any byte on their way to the database and back. Return how.

    Whether such a message is stored or such a change made, nobody can say then; it is there once, and who sent it
    hears of it.
    """
    chance = random.Random(seed)
    proxy = DatabaseProxy(stack.folder / "database-proxy.sock", stack.database.socket, chance)
    server = stack.another_ws_server({**UNLIMITED, "DB_SOCKET": str(proxy.path)})
    async with proxy.running():
        await now(server.start)
        try:
            talk = Talk.between_three(stack, seed, [server.url])
            async with talk.going_on():
                await asyncio.sleep(seconds)
                proxy.planned.append(Break("answer", how="silence"))
                while proxy.planned:
                    await talk.until_answered(10)
                await talk.until_answered(50)
                proxy.is_calm = True
        finally:
            await now(server.stop)
    return proxy.broken


async def reconnect_all_the_time(stack: Stack, seed: int, seconds: float) -> None:
    """Each person has two devices, and the laptops lose their connection all the time.

    The phones keep theirs, so each message and change must reach them by itself: `sync` must never have to fill a hole.
    But for a notice, which may come after the message that follows it, and for a change of what they have cleared.
    """
    talk = Talk.between_three(stack, seed)
    async with talk.going_on(), doing(asyncio.ensure_future(talk.lose_connections("laptop"))):
        await asyncio.sleep(seconds)
    notices = set().union(*(device.log.notices for device in talk.devices))
    for phone in talk.devices_of("phone"):
        assert phone.log.connections == 1, f"{phone.name} lost its connection"
        gaps = set(phone.log.gaps) - notices
        assert not gaps, f"{phone.name} had to ask for messages that were not delivered: {gaps}"
        missed = set(phone.log.missed) - talk.changes_of_cleared(phone)
        assert not missed, f"{phone.name} had to ask for changes that were not delivered: {missed}"


async def write_from_two_servers(stack: Stack, seed: int, seconds: float) -> None:
    """Two ws-server processes write to the same chats; one of them is killed in the middle.

    They collide all the time, and no client may hear of it. What a server had no time for is no collision.
    """
    second = stack.another_ws_server(UNLIMITED)
    with second:
        talk = Talk.between_three(stack, seed, [stack.ws_server.url, second.url])
        async with talk.going_on(), doing(asyncio.ensure_future(sync_now_and_then(talk))):
            await asyncio.sleep(seconds / 2)
            await now(second.kill)
            await now(second.start)
            await asyncio.sleep(seconds / 2)
    for device in talk.devices:
        collisions = [each for each in device.log.put_off if each.waited < ANSWER_SECONDS]
        assert not collisions, f"{device.name} heard of collisions: {collisions}"


async def sync_now_and_then(talk: Talk) -> None:
    """Between two processes live delivery needs the bus of a later release; `sync` finds all."""
    while True:
        await talk.pause(0.05, 0.3)
        await talk.chance.choice(talk.devices).sync()


async def rotate_keys(stack: Stack, seed: int, times: int) -> None:
    """The message keys are exchanged again and again while everybody writes and changes, and connections are lost."""
    talk = Talk.between_three(stack, seed)
    async with talk.going_on(), doing(asyncio.ensure_future(talk.lose_connections("laptop"))):
        for _ in range(times):
            await talk.until_answered(50)
            rotation = await asyncio.to_thread(rotate_key_soon, stack)
            assert rotation.returncode == 0, rotation.stderr
    # Of the deleted messages' rows, there is nothing to encrypt.
    assert versions_of(stack) <= {0, max(read_keys(keys_of(stack)))}
