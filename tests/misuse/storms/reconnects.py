"""Somebody who comes and goes all the time, so that there is always a last-seen time to store."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.misuse.storm import Order, Storm, run

STORM = Storm(
    "40 devices of one person that come and go",
    probe="acks",
    figure="p50",
    limit_ratio=3,
    settings={"WS_MESSAGE_RATE": "0"},
    people=1,
)
DEVICES = 40
PAUSE = 0.1  # seconds: 400 arrivals in a second at most, of one address


async def attack(order: Order) -> None:
    devices = [asyncio.create_task(come_and_go(order)) for _ in range(DEVICES)]
    order.is_ready()
    await asyncio.gather(*devices)


async def come_and_go(order: Order) -> None:
    person = order.people[0]
    while True:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(f"ws://127.0.0.1:{order.ws_port}/", compression=None) as socket:
                await socket.send(f'{{"type":"auth","user_id":{person["id"]},"token":"{person["token"]}"}}')
                await socket.recv()
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    run(attack)
