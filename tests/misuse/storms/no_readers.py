"""350 connections of one user that ask for the largest page of a chat and never read it."""

from __future__ import annotations

import asyncio
import contextlib
import json

from websockets.asyncio.client import ClientConnection, connect

from tests.misuse.storm import Order, Storm, run

STORM = Storm(
    "350 connections that ask for a page of messages and never read",
    probe="pages",
    figure="p99",
    limit_ms=1000,
    settings={"WS_MESSAGE_RATE": "0"},
    people=2,
)
MESSAGE = "€" * 8_000
PAGE = 200
PAUSE = 1.0  # seconds before a connection is opened again


async def write_a_page(order: Order) -> int:
    """Let the two people of the storm have a chat with one full page; return its id."""
    one, other = order.people
    async with connect(f"ws://127.0.0.1:{order.ws_port}/") as socket:
        await send(socket, "auth", user_id=one["id"], token=one["token"])
        await send(socket, "add_chat", other_user_id=other["id"])
        while (frame := json.loads(await socket.recv()))["type"] != "chat_added":
            pass
        chat_id = int(frame["chat"]["id"])
        for _ in range(PAGE):
            await send(socket, "send_message", chat_id=chat_id, message=MESSAGE)
            while json.loads(await socket.recv())["type"] != "message_sent":
                pass
    return chat_id


async def send(socket: ClientConnection, kind: str, **fields: object) -> None:
    await socket.send(json.dumps({"type": kind, **fields}))


async def ask_and_never_read(order: Order, chat_id: int) -> None:
    """Ask, wait until the server has had enough, and ask again."""
    query = f"GET /backend/get_messages?chat_id={chat_id}&limit={PAGE} HTTP/1.1\r\n"
    request = f"{query}Host: localhost\r\nCookie: session={order.people[0]['session']}\r\n\r\n".encode()
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", order.web_port, limit=1)
            with contextlib.closing(writer):
                writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket has it
                writer.write(request)
                await asyncio.sleep(30)
        await asyncio.sleep(PAUSE)


async def attack(order: Order) -> None:
    chat_id = await write_a_page(order)
    async with asyncio.TaskGroup() as group:
        for _ in range(order.fields.get("connections", 350)):
            group.create_task(ask_and_never_read(order, chat_id))
        await asyncio.sleep(1)
        order.is_ready()


if __name__ == "__main__":
    run(attack)
