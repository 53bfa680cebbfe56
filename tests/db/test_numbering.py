"""Does no message land below what is purged, whatever somebody remembers of its chat?"""

from __future__ import annotations

import contextlib
import time

import pymysql
import pytest
from pymysql.constants import ER

from chat_db import chats, given_seqs
from chat_db.chats import find_chat_state
from chat_db.connection import connect
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Batch, Stored, Writer
from stack import Database, Stack
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.stored import ring_of


class Purged:
    """A chat of which a writer has stored message 1; another has stored 2 to 5, and all of them are purged since."""

    def __init__(self, database: Database, ring: KeyRing, ada: Person, bob: Person, chat: int) -> None:
        self.database, self.chat = database, chat
        self._members = ada.id, bob.id
        self._count = 0
        self.writer = Writer(settings_of(database), ring)
        elsewhere = Writer(settings_of(database), ring)
        self.write(self.writer)
        for _ in range(4):
            self.write(elsewhere)
        database.query("UPDATE chats SET purged_seq = 5 WHERE id = %s", chat)
        database.query("DELETE FROM messages WHERE chat_id = %s", chat)

    def message(self, last_seq: int | None = None) -> NewMessage:
        self._count += 1
        return NewMessage(self.chat, *self._members, f"c{self._count}", "hello", last_seq=last_seq)

    def write(self, writer: Writer, error: Exception | None = None) -> int:
        """Return the number under which a message is stored; `error` ended a first try."""
        batch = Batch([self.message()])
        batch.error = error
        [outcome] = writer.write(batch, time.monotonic() + 10)
        assert isinstance(outcome, Stored)
        return outcome.seq


@pytest.fixture
def purged(stack: Stack, ada: Person, bob: Person, chat: int) -> Purged:
    return Purged(stack.database, ring_of(stack.database), ada, bob, chat)


def test_what_is_purged_counts_as_given_out(purged: Purged) -> None:
    assert purged.write(Writer(settings_of(purged.database), ring_of(purged.database))) == 6


def test_so_it_does_for_who_writes_under_the_lock_of_the_chat(purged: Purged) -> None:
    taken = pymysql.err.IntegrityError(ER.DUP_ENTRY, "Duplicate entry '1-1' for key 'messages_chat_seq'")
    assert purged.write(purged.writer, taken) == 6
    assert purged.write(purged.writer) == 7


def test_who_has_written_long_ago_asks_again(purged: Purged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_seqs, "REMEMBERED_SECONDS", 0)
    assert purged.writer.begin(Batch([purged.message()])) is None
    assert purged.write(purged.writer) == 6


def test_who_has_written_just_now_need_not_ask(purged: Purged) -> None:
    """Nothing that is younger than an hour is purged, so this cannot be: it shows what the time is for."""
    assert purged.write(purged.writer) == 2


def test_a_chat_in_memory_knows_what_is_purged_and_for_how_long_it_knows(
    purged: Purged, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(connect(settings_of(purged.database))) as connection:
        state = find_chat_state(connection, purged.chat, ada.id)
    assert state is not None
    assert (state.last_seq, state.remembered_seq()) == (5, 5)
    monkeypatch.setattr(chats, "REMEMBERED_SECONDS", 0)
    assert state.remembered_seq() is None


def test_who_counts_on_from_what_was_read_counts_from_there(purged: Purged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_seqs, "REMEMBERED_SECONDS", 0)
    batch = Batch([purged.message(last_seq=5)])
    assert purged.writer.begin(batch) is not None
    assert batch.rows[0].seq == 6
