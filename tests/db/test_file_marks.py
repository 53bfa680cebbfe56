"""Which files go with messages, chats and accounts, and which stay?"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pymysql
import pytest
from pymysql.constants import CR

from chat_db.change_writer import ChangeWriter
from chat_db.changes import Changed, Delete
from chat_db.connection import Connection, Database, connect, execute, fetch_one
from chat_db.expiry import PIECE, purge_piece
from chat_db.file_records import COMPLETE, DYING, MAX_FILES
from chat_db.message_pages import list_messages
from chat_db.messages import NewMessage, insert_sql
from chat_db.purges import purge_chats
from chat_db.users import delete_user
from chat_db.writer import Batch, Outcome, Refused, Stored, Writer
from stack import Stack
from tests.support.files import states, upload
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.stored import ring_of
from tests.support.waiting import wait_until

OLD = "2026-01-01 09:31:00"


class Talk:
    """Ada's chat with Bob, written past ws-server."""

    def __init__(self, stack: Stack, ada: Person, bob: Person, chat: int) -> None:
        self.stack, self.ada, self.bob, self.chat = stack, ada, bob, chat
        self.settings, self.ring = settings_of(stack.database), ring_of(stack.database)
        self.writer = Writer(self.settings, self.ring)

    def write(self, *chosen: tuple[int, ...], writer: Writer | None = None) -> list[Outcome]:
        """Write a message of Ada's with each of these lots of files, in one batch."""
        messages = [
            NewMessage(self.chat, self.ada.id, self.bob.id, secrets.token_hex(8), "x", files=files) for files in chosen
        ]
        return (writer or self.writer).write(Batch(messages), time.monotonic() + 30)

    def upload(self) -> tuple[int, int]:
        """Upload a file and its small version."""
        whole = upload(self.stack, self.ada, self.chat)
        return whole, upload(self.stack, self.ada, self.chat, thumbnail_of=whole)

    def make_old(self, up_to: int) -> None:
        self.stack.database.query("UPDATE messages SET sent_at = %s WHERE seq <= %s", OLD, up_to)
        self.stack.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = '2026-01-02'")


@pytest.fixture
def talk(stack: Stack, ada: Person, bob: Person, chat: int) -> Talk:
    return Talk(stack, ada, bob, chat)


@pytest.fixture
def connection(talk: Talk) -> Iterator[Connection]:
    with contextlib.closing(connect(talk.settings)) as connection:
        yield connection


def test_what_is_purged_takes_its_files(talk: Talk, connection: Connection) -> None:
    (gone, small), (kept, _), unsent = talk.upload(), talk.upload(), talk.upload()
    talk.write((gone,), (), (kept,))
    talk.make_old(2)
    purged = purge_piece(connection, talk.chat, datetime.now(UTC))
    assert purged is not None
    assert purged.up_to == 2
    assert {file for file, state in states(talk.stack).items() if state == DYING} == {gone, small}
    assert set(states(talk.stack)) >= {kept, *unsent}


def test_a_deleted_account_leaves_what_it_has_sent(talk: Talk, connection: Connection) -> None:
    (sent, small), unsent = talk.upload(), talk.upload()
    open_one, bobs = upload(talk.stack, talk.ada, talk.chat, is_whole=False), upload(talk.stack, talk.bob, talk.chat)
    talk.write((sent,))
    delete_user(connection, talk.ada.id)
    assert states(talk.stack) == {
        **dict.fromkeys((sent, small, bobs), COMPLETE),
        **dict.fromkeys((*unsent, open_one), DYING),
    }


def test_the_chat_of_two_deleted_accounts_takes_all_of_its_files(
    talk: Talk, connection: Connection, people: People, eve: Person
) -> None:
    (sent, small), elsewhere = talk.upload(), upload(talk.stack, eve, people.chat_between(eve, talk.bob))
    talk.write((sent,))
    for person in (talk.ada, talk.bob):
        delete_user(connection, person.id)
    purge_chats(Database(talk.settings), lambda: None)
    assert talk.stack.database.query("SELECT id FROM messages") == []
    assert states(talk.stack) == {sent: DYING, small: DYING, elsewhere: COMPLETE}


def test_two_who_send_one_file_at_the_same_time_send_it_once(talk: Talk) -> None:
    """As two devices on two ws-servers do."""
    writers = [Writer(talk.settings, talk.ring) for _ in range(2)]
    for _ in range(10):
        files = (talk.upload()[0],)
        with ThreadPoolExecutor(2) as threads:
            found = [threads.submit(talk.write, files, (), writer=writer) for writer in writers]
        outcomes = [outcome for pair in found for outcome in pair.result()]
        assert sum(outcome == Refused("no_such_file") for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Stored) for outcome in outcomes) == 3


def test_a_file_that_is_given_up_in_this_moment_is_not_sent(talk: Talk, connection: Connection) -> None:
    file, _ = talk.upload()
    connection.begin()
    execute(connection, "UPDATE files SET state = %s WHERE id = %s", DYING, file)
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(talk.write, (file,))
        # Not INNODB_TRX: it is read from a copy that who asks often never sees renewed.
        waiting = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT f.id%FOR UPDATE'"
        wait_until(lambda: bool(talk.stack.database.query(waiting)))
        connection.commit()
        assert sent.result() == [Refused("no_such_file")]


class LosingWriter(Writer):
    """Loses its connection once, after a commit."""

    is_lost = False

    def _stored(self, *given: Any) -> list[Outcome]:
        if not self.is_lost:
            self.is_lost = True
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the answer was lost")
        return super()._stored(*given)


def test_a_message_whose_answer_was_lost_is_news_with_its_files(talk: Talk) -> None:
    file, small = talk.upload()
    [outcome] = talk.write((file,), writer=LosingWriter(talk.settings, talk.ring))
    assert isinstance(outcome, Stored)
    assert (outcome.is_news, outcome.is_duplicate, outcome.seq) == (True, False, 1)
    assert [(each.id, each.thumbnail) for each in outcome.files] == [(file, small)]


def test_as_many_files_as_a_batch_can_have_come_and_go(talk: Talk, connection: Connection) -> None:
    """1,000 come at once; so many messages as one transaction deletes, or purges, have ten times as many."""
    uploads = PIECE * MAX_FILES
    columns = "owner_id, chat_id, client_id, state, stored_name, size, metadata, wrapped_key"
    rows = ", ".join(
        f"({talk.ada.id}, {talk.chat}, 'c{number}', 1, LEFT(SHA2({number}, 256), 32), 1, '', '')"
        for number in range(2 * uploads)
    )
    talk.stack.database.query(f"INSERT INTO files ({columns}) VALUES {rows}")
    files = list(states(talk.stack))
    chosen = [tuple(files[at : at + MAX_FILES]) for at in range(0, len(files), MAX_FILES)]
    for at in range(0, len(chosen), 100):
        assert all(isinstance(outcome, Stored) for outcome in talk.write(*chosen[at : at + 100]))
    deletes = [Delete(chat_id=talk.chat, seq=seq, user_id=talk.ada.id, client_id=f"d{seq}") for seq in range(1, 501)]
    deleted = ChangeWriter(talk.settings, talk.ring).write(deletes, time.monotonic() + 30)
    assert all(isinstance(outcome, Changed) for outcome in deleted)
    assert list(states(talk.stack).values()) == [DYING] * uploads + [COMPLETE] * uploads
    talk.make_old(1_000)
    talk.stack.database.query("UPDATE chats SET purged_seq = 500")
    purge_piece(connection, talk.chat, datetime.now(UTC))
    assert set(states(talk.stack).values()) == {DYING}


def test_plain_messages_cost_nothing_more(talk: Talk, connection: Connection) -> None:
    """No column of their INSERT, and no question when they are read."""
    plain = NewMessage(talk.chat, talk.ada.id, talk.bob.id, "c1", "x")
    assert "kind" not in insert_sql(connection, talk.ring, [plain])
    talk.write((), ())
    asked = count_questions(talk, connection)
    talk.write((talk.upload()[0],))
    assert count_questions(talk, connection) == asked + 1


def count_questions(talk: Talk, connection: Connection) -> int:
    """Return how many statements a page of messages takes."""

    def count() -> int:
        row = fetch_one(connection, "SHOW SESSION STATUS LIKE 'Com_select'")
        assert row is not None
        return int(row[1])

    before = count()
    page = list_messages(connection, talk.ring, talk.chat, talk.bob.id, 50)
    assert page is not None
    assert page.messages
    return count() - before
