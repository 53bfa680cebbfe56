"""How does a storm keep hundreds of WebSockets busy? Bytes that were made before, and answers that nobody reads."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.support.raw import HANDSHAKE, text

from .storm import Order

FRAMES_PER_SECOND = 50  # what WS_FRAME_RATE allows a connection
TICK = 0.1  # seconds between two bursts


class Misuser(asyncio.Protocol):
    """One connection; what comes in after `mark` counts for nothing. `transport.is_closing()`: it was cut."""

    def __init__(self, mark: bytes) -> None:
        self.transport: asyncio.Transport
        self.seen: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._mark = mark
        self._start = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.seen.done():
            self._start += data
            if self._mark in self._start:
                self.seen.set_result(self._start)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.seen.done():
            self.seen.set_result(b"")
        self.lost.set_result(None)


async def open_socket(order: Order, sent: bytes, mark: bytes = b'"status"', address: str = "127.0.0.1") -> Misuser:
    """Connect, send a handshake and these frames, and return when `mark` has come or the connection is lost."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Misuser(mark), "127.0.0.1", order.ws_port, local_addr=(address, 0))
    client.transport.write(HANDSHAKE + sent)
    await client.seen
    return client


def auth(person: dict[str, Any]) -> bytes:
    return text("auth", user_id=person["id"], token=person["token"])


async def chat_with(order: Order, person: dict[str, Any], other: dict[str, Any]) -> int:
    """Start a chat as its first user would; return its id."""
    frames = auth(person) + text("add_chat", other_user_id=other["id"])
    client = await open_socket(order, frames, b'"chat_added"')
    seen = await client.seen
    client.transport.close()
    chat = json.JSONDecoder().raw_decode(seen.partition(b'"chat":')[2].decode("utf-8", "replace"))[0]
    return int(chat["id"])


async def flood(order: Order, frames_of: list[list[bytes]], sockets: int) -> None:
    """Let each person send their frames, one after another, on so many sockets, as fast as one connection may.

    A socket that was cut is opened again.
    """
    clients: list[tuple[int, Misuser]] = []
    for number, person in enumerate(order.people):
        opened = await asyncio.gather(*(open_socket(order, auth(person)) for _ in range(sockets)))
        clients += [(number, client) for client in opened]
    order.is_ready()
    loop = asyncio.get_running_loop()
    due = loop.time()
    burst = int(FRAMES_PER_SECOND * TICK)
    payloads = [b"".join((frames * burst)[:burst]) for frames in frames_of]
    while True:
        for place, (number, client) in enumerate(clients):
            if client.transport.is_closing():
                again = await open_socket(order, auth(order.people[number]))
                clients[place] = (number, again)
            elif not client.transport.get_write_buffer_size():
                client.transport.write(payloads[number])
            if not place % 50:
                await asyncio.sleep(0)
        due = max(due + TICK, loop.time())
        await asyncio.sleep(due - loop.time())
