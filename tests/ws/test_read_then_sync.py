"""What a client has just said that it read, the next `sync` knows."""

from __future__ import annotations

import contextlib
import time

from stack import Stack
from tests.support.people import Person


def test_sync_while_receipts_are_being_written_waits_for_them(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """It waited for those that were noted and not for those under way, and showed as unread what had been read."""
    bob.say(chat, "hello")
    adas = ada.connect()
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        connection.begin()
        cursor.execute("SELECT id FROM chats WHERE id = %s FOR UPDATE", (chat,))  # a slow disk, as it were
        adas.send("read", chat_id=chat, seq=1)
        time.sleep(0.5)
        adas.send("sync", chats={str(chat): 1})
        time.sleep(0.5)
        connection.rollback()
    found = adas.wait_for("sync_done")["chats"][0]
    assert (found["read_seq"], found["unread"]) == (1, 0)
