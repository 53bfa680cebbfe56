"""Which files are to go from the disk, and which rows go then?

Rows decide: a file dies by its row, its bytes are deleted, and then the row. Whoever is stopped in between, or does it
beside another one, does no harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import pymysql

from .connection import Connection, as_stored, execute, fetch_all, fetch_one, transaction
from .file_marking import mark_files
from .file_records import COMPLETE, DYING, OPEN
from .file_use import end_upload, give_back, lock_use
from .unions import table_of

PIECE = 500  # rows in one transaction
NAMES = 1_000  # in one answer
# Its name counts in the whole server, and has 64 characters at most. (MD5 is gone from MySQL 9.)
LOCK = "CONCAT('files:', LEFT(SHA2(DATABASE(), 256), 32))"


class StoredName(NamedTuple):
    """A row's file on the disk. Of an open one (`state`) there may be nothing yet."""

    id: int
    stored_name: str
    state: int


@contextmanager
def only_sweep(connection: Connection) -> Iterator[bool]:
    """Say whether nobody else sweeps this database, and keep others out until the end.

    It ends with the connection too: then another one may begin while this one goes on.
    """
    is_only = (fetch_one(connection, f"SELECT GET_LOCK({LOCK}, 0)") or (0,))[0] == 1
    try:
        yield is_only
    finally:
        if is_only:
            with contextlib.suppress(pymysql.err.Error, OSError):  # of a connection that broke: it is free already
                fetch_one(connection, f"SELECT RELEASE_LOCK({LOCK})")


def list_dying(connection: Connection, limit: int) -> list[StoredName]:
    """Return files that are to go, up to `limit`, in the order in which they were marked."""
    sql = (
        "SELECT id, stored_name, state FROM files FORCE INDEX (files_state)"
        f" WHERE state = {DYING} ORDER BY changed_at, id LIMIT %s"
    )
    return [StoredName(*row) for row in fetch_all(connection, sql, limit)]


def end_file(connection: Connection, file_id: int) -> bool:
    """Delete the row of a dying file whose bytes have gone, and give back what it counted; say whether it was there."""
    row = fetch_one(connection, f"SELECT owner_id, size, type FROM files WHERE id = %s AND state = {DYING}", file_id)
    if row is None:
        return False
    owner_id, size, served_type = row
    with transaction(connection):
        lock_use(connection, owner_id)
        was_there = bool(execute(connection, f"DELETE FROM files WHERE id = %s AND state = {DYING}", file_id))
        if was_there:
            give_back(connection, owner_id, size)
            if not served_type:  # it never was complete
                end_upload(connection, owner_id)
    return was_there


# What was never sent. A thumbnail is sent, and dies, with its original, but for one that did not become complete.
UNSENT = (
    "SELECT id FROM files FORCE INDEX (files_message) WHERE message_id IS NULL AND thumbnail_of IS NULL"
    f" AND changed_at < %s AND state IN ({OPEN}, {COMPLETE}) ORDER BY changed_at LIMIT {PIECE}"
)
NEVER_WHOLE = (
    "SELECT id FROM files FORCE INDEX (files_state)"
    f" WHERE state = {OPEN} AND changed_at < %s ORDER BY changed_at LIMIT {PIECE}"
)


def mark_unsent(connection: Connection, older_than: datetime) -> int:
    """Let uploads die that have neither become complete nor been sent since then; return how many, PIECE or so at most.

    They are found without locks first: an UPDATE locks every row that it sees.
    """
    moment = as_stored(older_than)
    ids = {row[0] for sql in (UNSENT, NEVER_WHOLE) for row in fetch_all(connection, sql, moment)}
    if not ids:
        return 0
    # What was sent meanwhile stays.
    sql = (
        f"SELECT f.id FROM {table_of(ids)} w STRAIGHT_JOIN files f FORCE INDEX (PRIMARY) ON f.id = w.id"
        f" WHERE f.message_id IS NULL AND f.state IN ({OPEN}, {COMPLETE}) AND f.changed_at < %s FOR UPDATE"
    )
    with transaction(connection):
        still = [row[0] for row in fetch_all(connection, sql, moment)]
        mark_files(connection, still)
    return len(still)


def list_names(connection: Connection, after: str, before: str = "g") -> list[StoredName]:
    """Return the files that have rows, by their names on the disk (hexadecimal), those between `after` and `before`;
    NAMES at most."""
    sql = (
        "SELECT id, stored_name, state FROM files FORCE INDEX (files_stored_name)"
        f" WHERE stored_name > %s AND stored_name < %s ORDER BY stored_name LIMIT {NAMES}"
    )
    return [StoredName(*row) for row in fetch_all(connection, sql, after, before)]
