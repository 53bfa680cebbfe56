"""What would it cost to only pass messages on? A relay without a database that checks nothing: `… relay PORT`.

It has ws-server's loop and `serve()` settings, and uses websockets the way its documentation does. For each frame
of a pair's sender it sends the frame to the receiver and a fixed answer to the sender: one in, two out, as ws-server.
"""

from __future__ import annotations

import asyncio
import gc
import http
import sys
from collections.abc import Awaitable, Callable

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from chat_ws.__main__ import GC_THRESHOLDS
from chat_ws.protocol import MAX_FRAME

ANSWER = '{"type":"message_sent"}'

receivers: dict[str, ServerConnection] = {}


async def relay(socket: ServerConnection) -> None:
    """Serve `/PAIR/sender` or `/PAIR/receiver`."""
    pair = await pair_of_sender(socket)
    if pair is None:
        return
    async for text in socket:
        await receivers[pair].send(text)
        await socket.send(ANSWER)


async def pair_of_sender(socket: ServerConnection) -> str | None:
    """Return the pair that a sender belongs to. Serve a receiver, which sends nothing, and return None at its end."""
    assert socket.request is not None
    pair, _, role = socket.request.path.rpartition("/")
    if role == "receiver":
        receivers[pair] = socket
        await socket.wait_closed()
        return None
    return pair


def answer_health(socket: ServerConnection, request: Request) -> Response | None:
    return socket.respond(http.HTTPStatus.OK, "") if request.path == "/healthz" else None


async def serve_relay(handler: Callable[[ServerConnection], Awaitable[None]], port: int) -> None:
    """Listen with ws-server's settings, for ever."""
    async with serve(
        handler,
        "127.0.0.1",
        port,
        process_request=answer_health,
        compression=None,
        server_header=None,
        open_timeout=5,
        close_timeout=3,
        max_size=MAX_FRAME,
        max_queue=8,
        backlog=1024,
    ):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    gc.set_threshold(*GC_THRESHOLDS)
    uvloop.run(serve_relay(relay, int(sys.argv[1])))
