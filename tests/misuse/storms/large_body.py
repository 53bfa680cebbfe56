"""One POST without a session that announces 4 GiB, and goes on sending them."""

from __future__ import annotations

import asyncio

from tests.misuse.storm import Order, Storm, run

STORM = Storm("one POST that announces 4 GiB", probe="pages", figure="p99", limit_ms=50)
CHUNK = b"x" * 65_536


async def attack(order: Order) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", order.web_port)
    head = "POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {4 * 2**30}\r\n\r\n".encode())
    order.is_ready()
    try:
        while True:
            writer.write(CHUNK)
            await writer.drain()
    except OSError:
        await asyncio.Event().wait()  # the server has closed it: there is nothing more to send


if __name__ == "__main__":
    run(attack)
