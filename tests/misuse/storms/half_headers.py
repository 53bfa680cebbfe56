"""20 addresses with 390 half-sent headers each."""

from __future__ import annotations

from tests.misuse.dripping import drip_from_many_addresses
from tests.misuse.storm import Order, Storm, run

STORM = Storm("20 addresses with 390 half-sent headers each", probe="health", figure="p99", limit_ms=1000)
HALF_A_HEADER = b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


async def attack(order: Order) -> None:
    await drip_from_many_addresses(order, HALF_A_HEADER)


if __name__ == "__main__":
    run(attack)
