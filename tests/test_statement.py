"""Does a statement that nobody waits for say what became of it, whatever the socket takes and gives at a time?"""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator

import pymysql
import pytest

from chat_db import DatabaseSettings, connect
from chat_db.connection import Connection, fetch_one
from chat_db.statement import Statement
from stack import Stack
from tests.support.people import Person

SECONDS = 10_000  # ms


@pytest.fixture
def connection(stack: Stack) -> Iterator[Connection]:
    database = stack.database
    settings = DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    with contextlib.closing(connect(settings)) as connection:
        yield connection


def run(statement: Statement) -> tuple[int, int]:
    """Carry it out as an event loop would; return the id that it gave out, and how often it waited to send."""
    waits = 0
    poll = select.poll()
    while not statement.send():
        waits += 1
        poll.register(statement.fileno, select.POLLOUT)
        assert poll.poll(SECONDS)
    poll.register(statement.fileno, select.POLLIN)
    while True:
        assert poll.poll(SECONDS)
        result = statement.receive()
        if result is not None:
            return result, waits


def test_a_statement_larger_than_the_socket_takes_at_once_is_sent_in_parts(connection: Connection) -> None:
    result, waits = run(Statement(connection, f"DO LENGTH('{'x' * 4_000_000}')"))
    assert result == 0
    assert waits > 0


def test_what_the_server_objects_to_is_raised_and_the_connection_is_good_for_more(connection: Connection) -> None:
    with pytest.raises(pymysql.err.OperationalError):
        run(Statement(connection, "DO no_such_function()"))
    assert run(Statement(connection, "DO 1")) == (0, 0)
    assert fetch_one(connection, "SELECT 7") == (7,)


@pytest.mark.parametrize("number", [1, 250, 251, 65_535, 65_536, 2**24 - 1, 2**24, 2**63 - 2])
def test_the_id_is_read_however_long_it_is(connection: Connection, ada: Person, number: int) -> None:
    change = f"UPDATE users SET username = username WHERE id = {ada.id} AND LAST_INSERT_ID({number}) > 0"
    assert run(Statement(connection, change)) == (number, 0)


def test_an_answer_that_has_not_come_is_no_answer(connection: Connection) -> None:
    statement = Statement(connection, "DO 1")
    assert statement.receive() is None
    assert run(statement) == (0, 0)


def test_a_connection_that_the_server_has_closed_is_an_outage(stack: Stack, connection: Connection) -> None:
    [identity] = fetch_one(connection, "SELECT CONNECTION_ID()") or ()
    statement = Statement(connection, "DO SLEEP(20)")
    assert statement.send()
    stack.database.query(f"KILL CONNECTION {identity:d}")
    with pytest.raises(pymysql.err.OperationalError):
        run(statement)
