"""What a client has just said that it read, the next `sync` knows."""

from __future__ import annotations

import contextlib

from stack import Stack
from tests.support.people import Person
from tests.support.waiting import wait_until


def test_sync_while_receipts_are_being_written_waits_for_them(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """It waited for those that were noted and not for those under way, and showed as unread what had been read."""
    bob.say(chat, "hello")
    adas = ada.connect()
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        connection.begin()
        cursor.execute("SELECT user_id FROM members WHERE chat_id = %s FOR UPDATE", (chat,))  # a slow disk, as it were
        adas.send("read", chat_id=chat, seq=1)
        wait_until(lambda: is_waiting_for_a_lock(stack))
        adas.send("sync", chats={str(chat): 1})
        adas.send("ping")
        adas.wait_for("pong")  # the `sync` was read before it, and waits
        connection.rollback()
    found = adas.wait_for("sync_done")["chats"][0]
    assert (found["read_seq"], found["unread"]) == (1, 0)


def is_waiting_for_a_lock(stack: Stack) -> bool:
    (waits,) = stack.database.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
    return int(waits["Value"]) > 0
