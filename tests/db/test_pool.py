"""The pool of database connections: kept while they are good, replaced when they are not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import chat_db
from chat_db.connection import Connection, fetch_one, ping
from database import Database


@pytest.fixture
def pool(database: Database) -> chat_db.Database:
    settings = chat_db.DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    return chat_db.Database(settings)


@pytest.fixture
def many_files() -> Iterator[None]:
    """As many open files as a server with many connections has: more than select(2) can name."""
    opened = [os.open(Path("/dev/null"), os.O_RDONLY) for _ in range(1_100)]
    yield
    for number in opened:
        os.close(number)


def connection_id(connection: Connection) -> int:
    row = fetch_one(connection, "SELECT CONNECTION_ID()")
    assert row is not None
    return int(row[0])


def test_a_connection_is_used_again(pool: chat_db.Database) -> None:
    assert len({pool.run(connection_id) for _ in range(5)}) == 1


@pytest.mark.usefixtures("many_files")
def test_a_connection_is_used_again_beside_a_thousand_open_files(pool: chat_db.Database) -> None:
    assert len({pool.run(connection_id) for _ in range(5)}) == 1


def test_a_connection_that_the_server_has_closed_is_replaced_unnoticed(
    pool: chat_db.Database, database: Database
) -> None:
    first = pool.run(connection_id)
    database.query(f"KILL {first}")
    assert pool.run(connection_id) != first
    pool.run(ping)


def test_who_finds_no_free_connection_waits_and_is_told_so(database: Database) -> None:
    settings = chat_db.DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    pool = chat_db.Database(settings, limit=1, patience=0.2)
    is_held, may_go = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        ping(connection)
        is_held.set()
        may_go.wait(5)

    holder = threading.Thread(target=pool.run, args=(hold,))
    holder.start()
    assert is_held.wait(5)
    with pytest.raises(chat_db.DatabaseUnavailable, match="free"):
        pool.run(ping)
    may_go.set()
    holder.join()
    pool.run(ping)


def test_a_query_that_fails_leaves_its_place_to_others(pool: chat_db.Database) -> None:
    for _ in range(30):
        with pytest.raises(chat_db.QueryFailed):
            pool.run(fetch_one, "SELECT * FROM nowhere")
    pool.run(ping)
