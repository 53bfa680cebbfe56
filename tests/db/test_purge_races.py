"""Are messages written, in their order, while older ones are purged, without a deadlock?"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from chat_db import expiry
from chat_db.connection import Connection, connect
from chat_db.expiry import find_due, purge_piece
from chat_db.messages import NewMessage
from chat_db.writer import Batch, Stored, Writer
from stack import Stack
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.rows import write
from tests.support.stored import ring_of

OLD, BATCHES = 400, 60


def purge_all(connection: Connection) -> int:
    """Purge what is due; return how many pieces that took."""
    pieces, now = 0, datetime.now(UTC)
    while due := find_due(connection, now):
        for chat in due:
            pieces += purge_piece(connection, chat, now) is not None
    return pieces


def test_messages_are_written_while_others_are_purged(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers, each with messages for both chats in one INSERT, and two who purge: no deadlock, which would be
    raised here, no number twice, none below what is purged."""
    monkeypatch.setattr(expiry, "PIECE", 20)
    settings, ring = settings_of(stack.database), ring_of(stack.database)
    chats = {people.chat_between(ada, other): other.id for other in (bob, eve)}
    for chat in chats:
        write(stack, chat, ada, OLD, at="2026-01-01 00:00:00")
    stack.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = '2026-01-02'")

    def talk(name: str) -> dict[tuple[int, int], str]:
        writer, said = Writer(settings, ring), {}
        for number in range(BATCHES):
            messages = [
                NewMessage(chat, ada.id, other, f"{name}-{number}-{chat}", "x") for chat, other in chats.items()
            ]
            outcomes = writer.write(Batch(messages), time.monotonic() + 30)
            for message, outcome in zip(messages, outcomes, strict=True):
                assert isinstance(outcome, Stored)
                said[message.chat_id, outcome.seq] = message.client_id
        return said

    def purge(_: int) -> int:
        with contextlib.closing(connect(settings)) as connection:
            return purge_all(connection)

    with ThreadPoolExecutor(4) as threads:
        purging = [threads.submit(purge, number) for number in range(2)]
        talking = [threads.submit(talk, name) for name in ("one", "two")]
        said = {key: client_id for each in talking for key, client_id in each.result().items()}
        assert sum(each.result() for each in purging) == 2 * OLD // 20
    rows = stack.database.query("SELECT chat_id, seq, client_id FROM messages")
    assert {(row["chat_id"], row["seq"]): row["client_id"] for row in rows} == said
    assert sorted(said) == [(chat, OLD + number) for chat in sorted(chats) for number in range(1, 2 * BATCHES + 1)]
    purged = stack.database.query("SELECT purged_seq FROM chats")
    assert [row["purged_seq"] for row in purged] == [OLD, OLD]
