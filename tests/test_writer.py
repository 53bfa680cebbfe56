"""Does the writer tell the truth of a message, once, whatever became of the connection meanwhile?"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

import pymysql
import pytest
from pymysql.constants import CR, ER

from chat_db import DatabaseSettings
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.reconnecting import Failed
from chat_db.writer import Batch, Stored, Writer
from stack import Stack
from tests.support.people import People, Person
from tests.support.stored import ring_of


def make_writer(stack: Stack, ring: KeyRing) -> Writer:
    database = stack.database
    settings = DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    return Writer(settings, ring)


def write_one(writer: Writer, batch: Batch) -> Stored:
    [outcome] = writer.write(batch, time.monotonic() + 10)
    assert isinstance(outcome, Stored)
    return outcome


def test_a_message_whose_answer_was_lost_is_news_once(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    writer = make_writer(stack, ring_of(stack.database))

    def write(batch: Batch) -> Stored:
        return write_one(writer, batch)

    def message() -> NewMessage:
        return NewMessage(chat, ada.id, bob.id, "c1", "hello")

    first = Batch([message()])
    assert write(first).is_news
    first.error = pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the answer was lost")
    found = write(first)
    again = write(Batch([message()]))
    assert (found.is_news, found.is_duplicate) == (True, False)
    assert (again.is_news, again.is_duplicate) == (False, True)
    assert found.message_id == again.message_id


def test_a_message_told_before_the_connection_was_lost_is_no_news_after_it(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    writer = make_writer(stack, ring_of(stack.database))
    write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")]))
    batch = Batch([NewMessage(chat, ada.id, bob.id, "c2", "hello")])
    batch.error = pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the connection was lost")
    assert write_one(writer, batch).is_news
    again = write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")]))
    assert (again.is_news, again.is_duplicate) == (False, True)


class FailingRing(KeyRing):
    """A key ring that fails as often as it is told, as one whose file has lost its newest key just now."""

    failures = 0

    def encrypt(self, version: int, texts: Sequence[tuple[str, str]]) -> list[str]:
        if self.failures:
            self.failures -= 1
            raise KeyError(version)
        return super().encrypt(version, texts)


def test_a_message_stored_after_a_fault_inside_a_transaction_is_committed(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    ring = FailingRing(ring_of(stack.database).path)
    writer = make_writer(stack, ring)
    write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")]))
    ring.failures = 1
    batch = Batch([NewMessage(chat, ada.id, bob.id, "c2", "hello")])
    batch.error = pymysql.err.OperationalError(ER.LOCK_DEADLOCK, "what the event loop was told")
    with pytest.raises(KeyError):
        writer.write(batch, time.monotonic() + 10)
    write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c3", "hello")]))
    rows = stack.database.query("SELECT client_id FROM messages WHERE chat_id = %s ORDER BY seq", chat)
    assert [row["client_id"] for row in rows] == ["c1", "c3"]


def test_a_lock_that_outlasts_the_deadline_holds_up_no_later_batch(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """The server gives up waiting after 3 s each time; the writer asked again 20 times, whatever its deadline."""
    writer = make_writer(stack, ring_of(stack.database))
    with contextlib.closing(stack.database.connect()) as holder, holder.cursor() as cursor:
        holder.begin()
        cursor.execute("SELECT id FROM chats WHERE id = %s FOR UPDATE", (chat,))
        release = threading.Timer(5, holder.rollback)
        release.start()
        batch = Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")])
        batch.error = pymysql.err.OperationalError(ER.LOCK_WAIT_TIMEOUT, "what the event loop was told")
        assert writer.write(batch, time.monotonic() + 1) == [Failed()]
        release.join()
    assert write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c2", "hello")])).seq == 1


def tried(writer: Writer, batch: Batch) -> Batch:
    """Carry out what an event loop would try first; the error, if there is one, is in `batch.error`."""
    statement = writer.begin(batch)
    assert statement is not None
    try:
        assert statement.send()
        while statement.receive() is None:
            time.sleep(0.001)
    except pymysql.err.Error as error:
        batch.error = error
    return batch


def test_the_first_message_of_a_chat_needs_no_look_up_where_its_last_seq_was_read(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    writer = make_writer(stack, ring_of(stack.database))
    other = people.chat_between(ada, eve)
    write_one(writer, Batch([NewMessage(other, ada.id, eve.id, "c1", "hello")]))
    messages = [NewMessage(chat, ada.id, bob.id, f"c{number}", "hello", last_seq=0) for number in (2, 3)]
    batch = tried(writer, Batch(messages))
    assert batch.error is None
    assert [row.seq for row in batch.rows] == [1, 2]


def test_a_last_seq_that_is_out_of_date_is_found_out(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    writer, elsewhere = (make_writer(stack, ring_of(stack.database)) for _ in range(2))
    write_one(elsewhere, Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")]))
    write_one(writer, Batch([NewMessage(people.chat_between(ada, eve), ada.id, eve.id, "c2", "hello")]))
    batch = tried(writer, Batch([NewMessage(chat, ada.id, bob.id, "c3", "hello", last_seq=0)]))
    assert isinstance(batch.error, pymysql.err.IntegrityError)
    assert write_one(writer, batch).seq == 2


def test_a_chat_in_doubt_is_looked_up_whatever_was_read_before(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    writer = make_writer(stack, ring_of(stack.database))
    write_one(writer, Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")]))
    lost = Batch([NewMessage(chat, ada.id, bob.id, "c1", "hello")])
    lost.error = pymysql.err.IntegrityError(ER.DUP_ENTRY, "Duplicate entry '1-1' for key 'messages_chat_seq'")
    write_one(writer, lost)
    assert writer.begin(Batch([NewMessage(chat, ada.id, bob.id, "c2", "hello", last_seq=1)])) is None
