"""Anybody may begin a chat with anybody: however many do, the one they talk to can still log in."""

from __future__ import annotations

import contextlib

import pytest

from stack import Stack
from tests.support.people import Person
from tests.support.stored import add_members

STRANGERS = 12_000


@pytest.mark.timeout(180)
def test_somebody_with_very_many_chats_can_connect_and_sync(stack: Stack, ada: Person) -> None:
    """Beyond 4,000 chats the presence of all, beyond some 10,000 `sync_done` closed the connection with 4413."""
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO users (username, password) VALUES (%s, 'x')", [(f"s{n}",) for n in range(STRANGERS)]
        )
        cursor.execute("INSERT INTO chats (user1_id, user2_id) SELECT id, %s FROM users WHERE id <> %s", (ada.id,) * 2)
        connection.commit()
    add_members(stack.database)
    socket = ada.connect()
    seen = 0
    while seen < STRANGERS:
        assert socket.receive()["type"] == "presence"
        seen += 1
    socket.send("sync", chats={})
    done = socket.expect("sync_done", deadline=20)
    assert len(done["chats"]) == STRANGERS
    assert socket.until_pong() == []
