"""Ten connections that send requests without waiting for an answer."""

from __future__ import annotations

from tests.misuse.sending import send_without_end
from tests.misuse.storm import Order, Storm, run

STORM = Storm("10 connections that pipeline requests", probe="pages", figure="p99", limit_ms=1000)
REQUESTS = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500


async def attack(order: Order) -> None:
    await send_without_end(order, REQUESTS, connections=10)


if __name__ == "__main__":
    run(attack)
