"""Ten connections that send bodies in chunks of one byte."""

from __future__ import annotations

from tests.misuse.sending import send_without_end
from tests.misuse.storm import Order, Storm, run

STORM = Storm("10 connections that send bodies in chunks of one byte", probe="pages", figure="p99", limit_ms=1000)
HEAD = b"POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
BODY = b"1\r\nz\r\n" * 20_000


async def attack(order: Order) -> None:
    await send_without_end(order, HEAD + BODY, connections=10)


if __name__ == "__main__":
    run(attack)
