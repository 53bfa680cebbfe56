"""How many rows does a server look at for a file, for the files of a chat, and for those that are to go?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chat_db import file_reads, file_sweep, file_use, uploads
from chat_db.connection import Connection
from chat_db.file_records import MAX_FILES, Metadata

if TYPE_CHECKING:
    from tests.support.examined import Filled

LOOKUP = 40  # rows for what is found by its key
KEY = base64.b64encode(bytes(32)).decode("ascii")
COLUMNS = "owner_id, chat_id, client_id, state, message_id, thumbnail_of, stored_name, size, kind, type, metadata"
OLD = "created_at, changed_at, wrapped_key"
NAME = "LEFT(SHA2(CONCAT('{}', id), 256), 32)"  # no MD5: it is gone from MySQL 9
LIMITS = uploads.Limits(10**12, 20)


def fill_uploads(filled: Filled) -> None:
    """Give every fifth message of the long chat a file, each fourth of which is a picture with a thumbnail."""
    values = f"'2020-01-01', '2020-01-01', '{KEY}'"
    for sql in (
        f"INSERT INTO files ({COLUMNS}, {OLD}) SELECT sender_id, chat_id, CONCAT('long-', id), 1, id, NULL,"
        f" {NAME.format('long-')}, 1000, MOD(seq, 4), 'image/png', '{{\"name\":\"a\"}}', {values} FROM messages"
        f" WHERE chat_id = {filled.long} AND MOD(seq, 5) = 0",
        f"INSERT INTO files ({COLUMNS}, {OLD}) SELECT owner_id, chat_id, CONCAT('long-small-', id), 1, NULL, id,"
        f" {NAME.format('long-small-')}, 10, 1, 'image/png', metadata, {values} FROM files"
        f" WHERE kind = 1 AND chat_id = {filled.long}",
        "INSERT INTO user_files (user_id) SELECT id FROM users",
    ):
        filled.run(sql)


def examined_uploads(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """Yield each query with how many rows it looks at, and how many it may."""
    count, ring, reader, page = filled.count, filled.ring, filled.reader, 50
    [(picture, small)] = filled.run(
        f"SELECT thumbnail_of, id FROM files WHERE chat_id = {filled.long} AND thumbnail_of IS NOT NULL LIMIT 1"
    )
    for name, identity in (("a file", picture), ("a thumbnail", small)):
        yield f"{name} that is read", count(file_reads.find_readable, ring, identity, reader), LOOKUP
        outsider = count(file_reads.find_readable, ring, identity, filled.many)
        yield f"{name}, for an outsider", outsider, LOOKUP
    # of each file its row, its message, its thumbnail; of two kinds
    most = 3 * (page + MAX_FILES) + LOOKUP
    for kind, kinds in file_reads.KINDS.items():
        for before in (None, 50_000, 200, 1):
            files = count(file_reads.list_chat_files, ring, filled.long, reader, kind, before, page)
            yield f"files of a chat: {kind} before {before}", files, len(kinds) * most
    yield from _of_uploads(filled)
    yield from _of_the_sweep(filled)


def _of_uploads(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, ring, reader = filled.count, filled.ring, filled.reader
    new = uploads.NewUpload(reader, filled.long, "examined", 1_000, Metadata("a"))
    yield "a new upload", count(uploads.create_upload, ring, new, LIMITS), LOOKUP
    yield "an upload that is begun again", count(uploads.create_upload, ring, new, LIMITS), LOOKUP
    [(identity,)] = filled.run("SELECT id FROM files WHERE client_id = 'examined'")
    small = new._replace(client_id="examined-small", thumbnail_of=identity)
    yield "a new thumbnail", count(uploads.create_upload, ring, small, LIMITS), LOOKUP
    yield "an upload", count(uploads.find_upload, ring, reader, identity), LOOKUP
    yield "the open uploads", count(uploads.sum_of_open), LOOKUP
    yield "what one uses", count(file_use.find_use, reader), LOOKUP
    yield "an upload that is whole", count(uploads.complete_upload, reader, identity, "image/png", 1), LOOKUP
    yield "an upload that is given up", count(uploads.give_up, reader, identity), LOOKUP


def _of_the_sweep(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, long_ago = filled.count, datetime.now(UTC) - timedelta(days=1)
    dying = file_sweep.list_dying(filled.connection, 10)
    yield "files that are to go", count(file_sweep.list_dying, 10), LOOKUP
    for one in dying:
        yield "the end of a file", count(file_sweep.end_file, one.id), LOOKUP
    yield "what was never sent, of nothing", count(file_sweep.mark_unsent, long_ago), LOOKUP
    yield "a part of the names", count(file_sweep.list_names, "8"), 2 * file_sweep.NAMES
    yield "the sweep's lock", count(sweep_alone), LOOKUP


def sweep_alone(connection: Connection) -> None:
    """Take the lock of the sweep and let it go."""
    with file_sweep.only_sweep(connection) as is_only:
        assert is_only
