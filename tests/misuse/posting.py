"""How does a storm post the same thing again and again, over many connections that stay open?"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Sequence
from typing import Any

from .storm import Order

CONNECTIONS = 380  # of one address; web takes 400 of it


async def post_for_ever(order: Order, path: str, bodies: Sequence[Any]) -> None:
    """Post JSON bodies in turn with the first person's session, each connection one after the other.

    The order may say how many `connections` there are.
    """
    connections = order.fields.get("connections", CONNECTIONS)
    requests = [request(order, path, body) for body in bodies]
    posting = [
        asyncio.create_task(keep_posting(order.web_port, itertools.islice(itertools.cycle(requests), place, None)))
        for place in range(connections)
    ]
    order.is_ready()
    await asyncio.gather(*posting)


def request(order: Order, path: str, body: Any) -> bytes:
    content = json.dumps(body)
    head = (
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: session={order.people[0]['session']}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + content).encode()


async def keep_posting(port: int, requests: itertools.islice[bytes]) -> None:
    """Send one request after the other; where the server closes the connection, open another."""
    while True:
        with contextlib.suppress(OSError, EOFError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await converse(reader, writer, requests)
            finally:
                writer.close()
        await asyncio.sleep(0.1)


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: itertools.islice[bytes]
) -> None:
    for sent in requests:
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        if b"connection: close" in head:
            return
