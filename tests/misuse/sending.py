"""Connections that send the same again and again, as fast as the server takes it, and read what comes back."""

from __future__ import annotations

import asyncio
import contextlib

from .storm import Order

PAUSE = 0.1  # seconds before a connection is opened again


async def send_without_end(order: Order, data: bytes, connections: int) -> None:
    """Keep so many connections open, each of which sends `data` over and over."""

    async def go_on() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", order.web_port)
                reading = asyncio.create_task(read_all(reader))
                with contextlib.closing(writer):
                    while not reading.done():
                        writer.write(data)
                        await writer.drain()
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(go_on())
        order.is_ready()


async def read_all(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65_536):
            pass
