"""What does the plain way cost? One blocking INSERT with its commit for each frame, then the frame is passed on.

So did the prototype. Nothing is checked, encrypted or written once only, and while the database works nobody else is
served. `… blocking PORT`; the database's place comes from the environment, as ws-server's.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection

from chat_db import DatabaseSettings, Settings, connect
from chat_db.connection import fetch_one
from chat_ws.__main__ import GC_THRESHOLDS

from .relay import ANSWER, pair_of_sender, receivers, serve_relay

INSERT = (
    "INSERT INTO messages (chat_id, sender_id, seq, client_id, content, sent_at)"
    " VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"
)


class Sent(msgspec.Struct):
    """What is used of a frame."""

    chat_id: int
    client_id: str
    message: str


connection = connect(DatabaseSettings.read(Settings(os.environ)))
decoder = msgspec.json.Decoder(Sent)


async def store_and_relay(socket: ServerConnection) -> None:
    """Serve `/PAIR/sender` or `/PAIR/receiver`. The first frame of a sender says in which chat it writes."""
    pair = await pair_of_sender(socket)
    if pair is None:
        return
    numbers, sender = itertools.count(), None
    with connection.cursor() as cursor:
        async for text in socket:
            frame = decoder.decode(text)
            if sender is None:
                sql = "SELECT user1_id, (SELECT MAX(seq) FROM messages WHERE chat_id = c.id) FROM chats c WHERE id = %s"
                found = fetch_one(connection, sql, frame.chat_id)
                assert found is not None
                sender, numbers = found[0], itertools.count((found[1] or 0) + 1)
            cursor.execute(INSERT, (frame.chat_id, sender, next(numbers), frame.client_id, frame.message))
            await receivers[pair].send(text)
            await socket.send(ANSWER)


if __name__ == "__main__":
    gc.set_threshold(*GC_THRESHOLDS)
    uvloop.run(serve_relay(store_and_relay, int(sys.argv[1])))
