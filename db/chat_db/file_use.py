"""How much of the disk does each person use? Counted in `user_files`, whose row is locked before any of `files`.

So two uploads of one person never both get what is left for one. Bytes, and the place of an open upload, are given back
when the row of the file goes, which is after its bytes have gone.
"""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection, execute, fetch_all, fetch_one
from .file_records import COMPLETE, DYING, OPEN

LEAST_BYTES = 65_536  # that each file counts


class Use(NamedTuple):
    """How much one person has on the disk, as it counts, and how many uploads are open."""

    bytes: int
    uploads: int


class FileCount(NamedTuple):
    """How many files there are of one state, and their bytes without encryption."""

    state: int
    files: int
    bytes: int


def counted(size: int) -> int:
    """Return how many bytes a file of `size` bytes counts."""
    return max(size, LEAST_BYTES)


def find_use(connection: Connection, user_id: int) -> Use:
    row = fetch_one(connection, "SELECT bytes, uploads FROM user_files WHERE user_id = %s", user_id)
    return Use(*row) if row else Use(0, 0)


def lock_use(connection: Connection, user_id: int) -> None:
    """Make whatever changes this person's files wait until the caller's transaction ends."""
    sql = "INSERT INTO user_files (user_id) VALUES (%s) ON DUPLICATE KEY UPDATE user_id = user_id"
    execute(connection, sql, user_id)


def take(connection: Connection, user_id: int, size: int, most_bytes: int, most_uploads: int) -> bool:
    """Count an upload of `size` bytes, unless that would pass a limit; False, and nothing is done, where it would."""
    sql = (
        "UPDATE user_files SET bytes = bytes + %s, uploads = uploads + 1"
        " WHERE user_id = %s AND bytes + %s <= %s AND uploads < %s"
    )
    return bool(execute(connection, sql, counted(size), user_id, counted(size), most_bytes, most_uploads))


def end_upload(connection: Connection, user_id: int) -> None:
    """Count an upload as open no longer."""
    execute(connection, "UPDATE user_files SET uploads = uploads - LEAST(uploads, 1) WHERE user_id = %s", user_id)


def give_back(connection: Connection, user_id: int, size: int) -> None:
    """Count a file of `size` bytes no longer."""
    sql = "UPDATE user_files SET bytes = bytes - LEAST(bytes, %s) WHERE user_id = %s"
    execute(connection, sql, counted(size), user_id)


def count_files(connection: Connection) -> list[FileCount]:
    """Return how many files there are of each state, none included."""
    sql = "SELECT state, COUNT(*), SUM(size) FROM files GROUP BY state"
    found = {state: FileCount(state, files, int(size)) for state, files, size in fetch_all(connection, sql)}
    return [found.get(state, FileCount(state, 0, 0)) for state in (OPEN, COMPLETE, DYING)]
