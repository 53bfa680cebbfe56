"""What nobody wants any more goes from the disk by itself, and what one of the two lacks, rows or disk, is said."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path

import pytest

from chat_db import Database
from chat_db.file_records import COMPLETE, DYING, OPEN
from chat_db.file_sweep import LOCK
from chat_web.file_store import FileStore
from chat_web.file_sweep import compare, sweep
from stack import Stack
from tests.support.files import path_of
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.tus import TUS, begun, file_of, send_piece, states, upload

HOURS = 3600


@pytest.fixture
def pool(stack: Stack) -> Database:
    return Database(settings_of(stack.database))


@pytest.fixture
def store(stack: Stack) -> FileStore:
    return FileStore(stack.web.folder / "files")


def on_disk(store: FileStore) -> set[str]:
    return {path.name for path in store.folder.glob("??/*")}


@pytest.fixture(autouse=True)
def only_ours(store: FileStore) -> None:
    """Rows of earlier tests are gone without their bytes."""
    for path in store.folder.glob("??/*"):
        path.unlink()


def test_what_is_given_up_goes_from_the_disk_and_counts_no_more(
    stack: Stack, pool: Database, store: FileStore, ada: Person, chat: int
) -> None:
    half = begun(ada, chat, 200_000)
    send_piece(ada, half, 0, b"x" * 100_000)
    kept, whole = upload(ada, chat, b"kept"), upload(ada, chat, b"whole")
    for path in (half, whole):
        assert ada.http.request("DELETE", path, None, TUS).status == 204
    assert len(on_disk(store)) == 3
    pool.run(sweep, store)
    assert states(stack) == [COMPLETE]
    assert on_disk(store) == {file_of(stack, ada, kept).stored_name}
    assert stack.database.query("SELECT bytes, uploads FROM user_files") == [{"bytes": 65_536, "uploads": 0}]


def test_what_nobody_sent_goes_after_a_day(
    stack: Stack, pool: Database, store: FileStore, ada: Person, chat: int
) -> None:
    for age in (23, 25):
        upload(ada, chat, b"hello")
        begun(ada, chat, 10)
        stack.database.query(
            "UPDATE files SET changed_at = NOW(3) - INTERVAL %s HOUR WHERE changed_at > NOW(3) - INTERVAL 1 HOUR", age
        )
    pool.run(sweep, store)
    assert states(stack) == [COMPLETE, OPEN]
    assert len(on_disk(store)) == 1


def test_a_row_stays_until_the_disk_lets_go(
    stack: Stack, pool: Database, store: FileStore, ada: Person, chat: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = upload(ada, chat, b"hello")
    place = path_of(stack, file_of(stack, ada, path))
    place.unlink()
    place.mkdir()  # nobody can unlink a folder
    ada.http.request("DELETE", path, None, TUS)
    with caplog.at_level(logging.WARNING, "chatapp.web"):
        pool.run(sweep, store)
    assert states(stack) == [DYING]
    assert "event=file_not_removed" in caplog.text
    place.rmdir()
    pool.run(sweep, store)
    assert states(stack) == []


def test_one_sweep_at_a_time(stack: Stack, pool: Database, store: FileStore, ada: Person, chat: int) -> None:
    ada.http.request("DELETE", upload(ada, chat, b"hello"), None, TUS)
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT GET_LOCK({LOCK}, 10)")
        pool.run(sweep, store)
        assert states(stack) == [DYING]
    pool.run(sweep, store)
    assert states(stack) == []


def orphan(store: FileStore, name: str, hours: int) -> Path:
    path = store.path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"whose is this")
    os.utime(path, (time.time() - hours * HOURS,) * 2)
    return path


def test_what_has_no_row_goes_after_a_day_and_what_is_lost_is_named(
    stack: Stack, pool: Database, store: FileStore, ada: Person, chat: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept, lost = (file_of(stack, ada, upload(ada, chat, data)) for data in (b"kept", b"lost"))
    path_of(stack, lost).unlink()
    old, young = orphan(store, "ab" * 16, 25), orphan(store, "cd" * 16, 23)
    with caplog.at_level(logging.WARNING, "chatapp.web"):
        pool.run(compare, store)
    assert on_disk(store) == {kept.stored_name, young.name}
    assert not old.exists()
    assert f"event=file_lost id={lost.id}" in caplog.text
    assert "event=files_without_rows files=1 removed=1" in caplog.text
    assert states(stack) == [COMPLETE, COMPLETE]


def test_a_database_that_knows_of_no_file_removes_none(
    pool: Database, store: FileStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is more likely the wrong database."""
    old = orphan(store, "ab" * 16, 25)
    with caplog.at_level(logging.WARNING, "chatapp.web"):
        pool.run(compare, store)
    assert old.exists()
    assert "event=files_without_rows files=1 removed=0" in caplog.text
