"""Who may read which file? Membership, and what is gone for the reader, are in the query that reads."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from .connection import Connection, fetch_all, fetch_one
from .encryption import KeyRing
from .file_records import COMPLETE, DYING, FILE, FILM, MAX_FILES, PICTURE, SOUND, SharedFile, StoredFile
from .file_rows import COLUMNS, SHARED, THUMBNAIL, as_shared_file, as_stored_file
from .message_pages import find_readers
from .messages import BY_SEQ

Kind = Literal["media", "file", "sound"]
KINDS: dict[Kind, tuple[int, ...]] = {"media": (PICTURE, FILM), "file": (FILE,), "sound": (SOUND,)}

# o: the file itself, or the one of which it is the thumbnail; m: the message with which it was sent.
READABLE = (
    f"SELECT STRAIGHT_JOIN {COLUMNS} FROM files f FORCE INDEX (PRIMARY)"
    " JOIN files o FORCE INDEX (PRIMARY) ON o.id = COALESCE(f.thumbnail_of, f.id)"
    " JOIN members me FORCE INDEX (PRIMARY) ON me.chat_id = f.chat_id AND me.user_id = %s"
    " JOIN users u FORCE INDEX (PRIMARY) ON u.id = me.user_id"
    " JOIN chats c FORCE INDEX (PRIMARY) ON c.id = f.chat_id"
    " LEFT JOIN messages m FORCE INDEX (PRIMARY) ON m.id = o.message_id AND m.chat_id = f.chat_id"
    f" WHERE f.id = %s AND f.state = {COMPLETE} AND o.state <> {DYING} AND u.deleted_at IS NULL"
    " AND IF(o.message_id IS NULL, f.owner_id = me.user_id,"
    " m.deleted_at IS NULL AND m.seq > GREATEST(c.purged_seq, me.cleared_seq))"
)


class ChatFile(msgspec.Struct, frozen=True):
    """A file of a chat, and the message with which it was sent."""

    message_id: int
    seq: int
    sender_id: int
    sent_at: str
    file: SharedFile


class FilePage(NamedTuple):
    """Files, those of the newest message first; `more`: there are some of earlier messages."""

    files: list[ChatFile]
    more: bool


def find_readable(connection: Connection, ring: KeyRing, file_id: int, reader_id: int) -> StoredFile | None:
    """Return a whole file that somebody may read; None for whoever may not, as where there is none.

    The members of its chat may, as they may read the message with which it was sent; before that only its owner.
    """
    row = fetch_one(connection, READABLE, reader_id, file_id)
    return None if row is None else as_stored_file(ring, row)


# The ids of two messages of a chat, between which lie the others: in one chat, ids grow with `seq`. Each by its key:
# with stale statistics MySQL goes through the chat from its end for the last one below a `seq`.
FIRST_AND_LAST = ", ".join([f"(SELECT l.id FROM messages l {BY_SEQ} WHERE l.chat_id = %s AND l.seq = %s)"] * 2)
LISTED = (
    f"(SELECT STRAIGHT_JOIN m.id, m.seq, m.sender_id, m.sent_at, f.position, {SHARED}"
    " FROM files f FORCE INDEX (files_chat) JOIN messages m FORCE INDEX (PRIMARY) ON m.id = f.message_id"
    f" {THUMBNAIL}"
    " WHERE f.chat_id = {chat_id:d} AND f.kind = {kind:d} AND f.message_id BETWEEN {first:d} AND {last:d}"
    f" AND f.state = {COMPLETE} AND m.chat_id = f.chat_id AND m.deleted_at IS NULL"
    " ORDER BY f.message_id DESC LIMIT {limit:d})"
)


def list_chat_files(
    connection: Connection,
    ring: KeyRing,
    chat_id: int,
    reader_id: int,
    kind: Kind,
    before_seq: int | None = None,
    limit: int = 50,
) -> FilePage | None:
    """Return files of a chat that the reader may see; None where the reader is no member, or there is no such chat.

    About `limit`: the files of one message are not divided between pages.
    """
    found = find_readers(connection, chat_id, reader_id)
    if found is None or found[0].names[reader_id] is None:  # an account that was deleted has no name
        return None
    numbers = found[1]
    last_seq = numbers.last_seq if before_seq is None else min(before_seq - 1, numbers.last_seq)
    ids = fetch_one(connection, f"SELECT {FIRST_AND_LAST}", chat_id, numbers.floor + 1, chat_id, last_seq)
    first, last = ids or (None, None)
    if first is None or last is None:  # there is nothing, or it was purged just now
        return FilePage([], False)
    most = limit + MAX_FILES
    parts = (LISTED.format(chat_id=chat_id, kind=one, first=first, last=last, limit=most) for one in KINDS[kind])
    rows = sorted(fetch_all(connection, " UNION ALL ".join(parts)), key=lambda row: (-row[0], row[4]))
    kept = 0  # whole messages, until there are enough
    while kept < len(rows) and (kept < limit or rows[kept][0] == rows[kept - 1][0]):
        kept += 1
    files = [
        ChatFile(message_id, seq, sender_id, sent_at, as_shared_file(ring, shared))
        for message_id, seq, sender_id, sent_at, _, *shared in rows[:kept]
    ]
    return FilePage(files, kept < len(rows))
