"""20 addresses with 390 slow bodies each."""

from __future__ import annotations

from tests.misuse.dripping import drip_from_many_addresses
from tests.misuse.storm import Order, Storm, run

STORM = Storm("20 addresses with 390 slow bodies each", probe="pages", figure="p99", limit_ms=1000)
HEAD = "POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HALF_A_POST = f"{HEAD}Content-Length: 60000\r\n\r\n".encode()


async def attack(order: Order) -> None:
    await drip_from_many_addresses(order, HALF_A_POST)


if __name__ == "__main__":
    run(attack)
