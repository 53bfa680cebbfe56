"""How do files begin to die? They are marked in the transaction that decides it; the sweep deletes their bytes, then
their rows."""

from __future__ import annotations

from collections.abc import Collection

from .connection import Connection, execute
from .file_records import DYING
from .unions import table_of

SET_DYING = f"SET f.state = {DYING}, f.changed_at = NOW(3) WHERE f.state <> {DYING}"
# Of what was not sent; a thumbnail is sent with its original.
SET_UNSENT_DYING = (
    "LEFT JOIN files o FORCE INDEX (PRIMARY) ON o.id = f.thumbnail_of"
    f" {SET_DYING} AND COALESCE(f.message_id, o.message_id) IS NULL"
)


def mark_files(connection: Connection, ids: Collection[int]) -> None:
    """Let files die, each with its thumbnail, inside the caller's transaction."""
    if ids:
        join = "STRAIGHT_JOIN files f FORCE INDEX (PRIMARY) ON f.id = w.id"
        execute(connection, f"UPDATE {table_of(ids)} w {join} {SET_DYING}")
        mark_thumbnails(connection, ids)


def mark_thumbnails(connection: Connection, ids: Collection[int]) -> None:
    """Let the thumbnails of files die, inside the caller's transaction."""
    join = "STRAIGHT_JOIN files f FORCE INDEX (files_thumbnail) ON f.thumbnail_of = w.id"
    execute(connection, f"UPDATE {table_of(ids)} w {join} {SET_DYING}")
