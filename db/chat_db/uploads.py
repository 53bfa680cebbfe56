"""How does a file begin, become complete, or end before it was sent?

Its row comes first and goes last: what has no row goes from the disk.
"""

from __future__ import annotations

import secrets
from typing import Literal, NamedTuple

import pymysql

from .connection import Connection, execute, fetch_one, transaction
from .driver_errors import is_duplicate
from .encryption import KeyRing
from .file_chunks import CHUNK, KEY_BYTES
from .file_marking import SET_UNSENT_DYING, mark_thumbnails
from .file_records import COMPLETE, DYING, OPEN, Metadata, StoredFile
from .file_rows import COLUMNS, Row, as_stored_file, encrypt_row
from .file_use import end_upload, find_use, lock_use, take

MAX_THUMBNAIL = CHUNK  # bytes

Refused = Literal["no_such_chat", "quota", "too_many_uploads", "client_id_reused", "bad_thumbnail"]

# Through the owner's own membership: an outsider inserts nothing. The rows that it reads stay as they are until the
# commit: no account is deleted meanwhile, and no original is sent.
INSERT = (
    "INSERT INTO files (owner_id, chat_id, client_id, thumbnail_of, stored_name, size, metadata, wrapped_key,"
    " key_version) SELECT STRAIGHT_JOIN me.user_id, me.chat_id, %s, {thumbnail_of}, %s, %s, %s, %s, %s"
    " FROM members me FORCE INDEX (PRIMARY) JOIN users u FORCE INDEX (PRIMARY) ON u.id = me.user_id{original}"
    " WHERE me.chat_id = %s AND me.user_id = %s AND u.deleted_at IS NULL"
)
ORIGINAL = (
    " JOIN files o FORCE INDEX (PRIMARY) ON o.id = {:d} AND o.owner_id = me.user_id AND o.chat_id = me.chat_id"
    f" AND o.state IN ({OPEN}, {COMPLETE}) AND o.message_id IS NULL AND o.thumbnail_of IS NULL"
)


class NewUpload(NamedTuple):
    """A file that somebody begins to upload for a chat; `thumbnail_of`: the file whose small version it is."""

    owner_id: int
    chat_id: int
    client_id: str
    size: int
    metadata: Metadata
    thumbnail_of: int | None = None


class Limits(NamedTuple):
    """How much one person may have on the disk, and how many uploads may be open at a time."""

    user_bytes: int
    open_uploads: int


class _Refusal(Exception):
    def __init__(self, code: Refused) -> None:
        super().__init__(code)
        self.code = code


def create_upload(connection: Connection, ring: KeyRing, new: NewUpload, limits: Limits) -> StoredFile | Refused:
    """Begin an upload: its row, and what it counts against its owner, or neither.

    The same client_id with the same values returns the first one, whatever has become of it but dying.
    """
    try:
        with transaction(connection):
            lock_use(connection, new.owner_id)
            row = _find_row(connection, new)
            if row is None:
                _insert(connection, ring, new, limits)
                row = _find_row(connection, new)
            return _as_same(ring, row, new)
    except _Refusal as refusal:
        return refusal.code


def _find_row(connection: Connection, new: NewUpload) -> Row | None:
    sql = f"SELECT {COLUMNS} FROM files f FORCE INDEX (files_owner_client) WHERE f.owner_id = %s AND f.client_id = %s"
    return fetch_one(connection, sql, new.owner_id, new.client_id)


def _as_same(ring: KeyRing, row: Row | None, new: NewUpload) -> StoredFile:
    """Return the upload of a row. Raises _Refusal where it is another one."""
    first = None if row is None else as_stored_file(ring, row)
    if first is None or first.state == DYING:
        raise _Refusal("client_id_reused")
    said = (first.chat_id, first.size, first.metadata, first.thumbnail_of)
    if said != (new.chat_id, new.size, new.metadata, new.thumbnail_of):
        raise _Refusal("client_id_reused")
    return first


def _insert(connection: Connection, ring: KeyRing, new: NewUpload, limits: Limits) -> None:
    if new.thumbnail_of is not None and new.size > MAX_THUMBNAIL:
        raise _Refusal("bad_thumbnail")
    if not take(connection, new.owner_id, new.size, *limits):
        uploads = find_use(connection, new.owner_id).uploads
        raise _Refusal("too_many_uploads" if uploads >= limits.open_uploads else "quota")
    stored_name, key, version = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES), ring.current
    wrapped_key, metadata = encrypt_row(ring, version, (stored_name, new.owner_id, new.chat_id), key, new.metadata)
    is_thumbnail = new.thumbnail_of is not None
    sql = INSERT.format(
        thumbnail_of="o.id" if is_thumbnail else "NULL",
        original=ORIGINAL.format(new.thumbnail_of) if is_thumbnail else "",
    )
    values = (new.client_id, stored_name, new.size, metadata, wrapped_key, version, new.chat_id, new.owner_id)
    try:
        is_there = bool(execute(connection, sql, *values))
    except pymysql.err.IntegrityError as error:
        if not is_duplicate(error, "files_thumbnail"):
            raise
        raise _Refusal("bad_thumbnail") from error
    if not is_there:
        raise _Refusal("bad_thumbnail" if is_thumbnail and _is_member(connection, new) else "no_such_chat")


def _is_member(connection: Connection, new: NewUpload) -> bool:
    sql = "SELECT 1 FROM members WHERE chat_id = %s AND user_id = %s"
    return fetch_one(connection, sql, new.chat_id, new.owner_id) is not None


def find_upload(connection: Connection, ring: KeyRing, owner_id: int, upload_id: int) -> StoredFile | None:
    """Return an upload of its owner, open or complete, sent or not; None where it is dying, or there is none."""
    sql = f"SELECT {COLUMNS} FROM files f WHERE f.id = %s AND f.owner_id = %s AND f.state IN ({OPEN}, {COMPLETE})"
    row = fetch_one(connection, sql, upload_id, owner_id)
    return None if row is None else as_stored_file(ring, row)


def complete_upload(connection: Connection, owner_id: int, upload_id: int, served_type: str, kind: int) -> bool:
    """Say that all bytes of an upload are on the disk, and what it is served as (never an empty type).

    False, and nothing is done, where it is not open any more.
    """
    with transaction(connection):
        lock_use(connection, owner_id)
        sql = (
            f"UPDATE files SET state = {COMPLETE}, type = %s, kind = %s, changed_at = NOW(3)"
            f" WHERE id = %s AND owner_id = %s AND state = {OPEN}"
        )
        is_new = bool(execute(connection, sql, served_type, kind, upload_id, owner_id))
        if is_new:
            end_upload(connection, owner_id)
    return is_new


def give_up(connection: Connection, owner_id: int, upload_id: int) -> bool:
    """Let an upload that was not sent die, with its thumbnail; say whether there was one."""
    sql = f"UPDATE files f FORCE INDEX (PRIMARY) {SET_UNSENT_DYING} AND f.id = %s AND f.owner_id = %s"
    with transaction(connection):
        was_there = bool(execute(connection, sql, upload_id, owner_id))
        if was_there:
            mark_thumbnails(connection, [upload_id])
    return was_there


def sum_of_open(connection: Connection) -> int:
    """Return how many bytes the open uploads will have when they are whole."""
    row = fetch_one(connection, f"SELECT SUM(size) FROM files FORCE INDEX (files_state) WHERE state = {OPEN}")
    return int(row[0] or 0) if row else 0
