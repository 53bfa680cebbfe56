"""What takes several statements is done wholly, or not at all: here the last one fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest

import chat_db
from chat_db.blocks import add_block, remove_block
from chat_db.connection import Connection, connect, execute
from chat_db.links import find_reset, make_reset, use_reset
from chat_db.users import Choices, change_password, delete_user, save_choices, set_disabled
from database import Database
from stack import Stack
from tests.conftest import TABLES
from tests.support.people import People, Person

Change = Callable[[Connection, Person, Person], object]

CHANGES: dict[str, Change] = {
    "password": lambda connection, ada, _: change_password(connection, ada.id, "x" * 20, None),
    "deletion": lambda connection, ada, _: delete_user(connection, ada.id),
    "locking out": lambda connection, ada, _: set_disabled(connection, ada.id, True),
    "choices": lambda connection, ada, _: save_choices(connection, ada.id, Choices(False, False)),
    "block": lambda connection, ada, bob: add_block(connection, ada.id, bob.id),
    "unblock": lambda connection, ada, bob: remove_block(connection, bob.id, ada.id),
    "reset": lambda connection, ada, _: use_reset(connection, RESETS[ada.id], "x" * 20),
}
RESETS: dict[int, str] = {}


@pytest.fixture
def settings(database: Database) -> chat_db.DatabaseSettings:
    return chat_db.DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )


@pytest.fixture
def notices_fail(stack: Stack) -> Iterator[Callable[[], None]]:
    """From this call on no change notice can be stored: the last statement of every change."""

    def fail() -> None:
        stack.database.query(
            "CREATE TRIGGER fail BEFORE INSERT ON user_changes FOR EACH ROW"
            " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this test fails it'"
        )

    yield fail
    stack.database.query("DROP TRIGGER IF EXISTS fail")


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {table: database.query(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_whose_last_statement_fails_leaves_everything_as_it_was(
    stack: Stack,
    settings: chat_db.DatabaseSettings,
    ada: Person,
    bob: Person,
    notices_fail: Callable[[], None],
    what: str,
) -> None:
    pool = chat_db.Database(settings)
    pool.run(add_block, bob.id, ada.id)
    RESETS[ada.id] = pool.run(make_reset, ada.id)
    before = rows(stack.database)
    notices_fail()
    with pytest.raises(chat_db.DatabaseUnavailable):
        pool.run(CHANGES[what], ada, bob)
    assert rows(stack.database) == before


def test_a_reset_link_is_good_as_long_as_it_has_set_no_password(
    stack: Stack, settings: chat_db.DatabaseSettings, people: People
) -> None:
    ada = people.register("ada")
    with contextlib.closing(connect(settings)) as connection, contextlib.closing(stack.database.connect()) as holder:
        link = make_reset(connection, ada.id)
        execute(connection, "SET innodb_lock_wait_timeout = 1")
        holder.begin()
        execute(holder, "SELECT id FROM users WHERE id = %s FOR UPDATE", ada.id)
        with pytest.raises(pymysql.err.OperationalError, match="timeout"):
            use_reset(connection, link, "x" * 20)
        holder.rollback()
        assert find_reset(connection, link) == ada.id
        assert use_reset(connection, link, "x" * 20)
        assert not use_reset(connection, link, "y" * 20)


def test_a_login_that_cannot_end_the_one_before_it_does_not_begin(stack: Stack, ada: Person) -> None:
    """It was there all the same, in the list of devices, and nobody had its token."""
    before = rows(stack.database)["tokens"]
    stack.database.query(
        "CREATE TRIGGER fail BEFORE DELETE ON tokens FOR EACH ROW"
        " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this test fails it'"
    )
    try:
        body = {"username": "ada", "password": ada.password}
        assert ada.http.post_json("/backend/e_login", body).status == 503
        assert rows(stack.database)["tokens"] == before
        assert ada.http.get("/backend/get_session").status == 200
    finally:
        stack.database.query("DROP TRIGGER fail")
    assert ada.http.post_json("/backend/e_login", body).status == 200
    assert len(rows(stack.database)["tokens"]) == 1
