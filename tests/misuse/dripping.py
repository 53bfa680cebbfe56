"""Connections of many addresses that begin something and never finish it, opened again when the server ends them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import resource

from .storm import Order

ADDRESSES = tuple(f"127.0.0.{number}" for number in range(2, 22))
EACH = 390  # connections of one address
MOST = 40_000  # connections in all, however often they are opened again
PAUSE = 1.0  # seconds between two bytes of a connection, and before it is opened again
BATCH = 200  # connections that are being opened at a time


async def drip_from_many_addresses(order: Order, opening: bytes, drip: bytes = b"x") -> None:
    """Hold EACH connections of each address open: `opening`, then `drip` now and then. Ready when all were tried."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(ADDRESSES) * EACH + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    opened = itertools.count()
    opening_now = asyncio.Semaphore(BATCH)
    tried: set[tuple[str, int]] = set()
    all_tried = asyncio.Event()

    async def hold(address: str, number: int) -> None:
        while next(opened) < MOST:
            with contextlib.suppress(OSError, TimeoutError):
                async with opening_now:
                    connecting = asyncio.open_connection("127.0.0.1", order.web_port, local_addr=(address, 0))
                    reader, writer = await asyncio.wait_for(connecting, 5)
                tried.add((address, number))
                writer.write(opening)
                with contextlib.closing(writer):
                    while not reader.at_eof():
                        writer.write(drip)
                        await writer.drain()
                        await asyncio.sleep(PAUSE)
            tried.add((address, number))
            if len(tried) == len(ADDRESSES) * EACH:
                all_tried.set()
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for number in range(EACH):
            for address in ADDRESSES:
                group.create_task(hold(address, number))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(all_tried.wait(), 15)
        order.is_ready()
