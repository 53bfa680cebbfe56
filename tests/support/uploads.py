"""Files of which there are rows only: what web and ws-server do with them, past the services."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

from chat_db.connection import Connection, connect
from chat_db.encryption import KeyRing
from chat_db.file_records import PICTURE, Metadata, StoredFile
from chat_db.file_sweep import only_sweep
from chat_db.uploads import Limits, NewUpload, complete_upload, create_upload
from database import Database
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.stored import ring_of
from tests.support.waiting import wait_until

KIB = 1024
LIMITS = Limits(user_bytes=1024 * KIB, open_uploads=5)


class Uploads:
    """One connection on which files begin, become whole and are sent."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self.ring: KeyRing = ring_of(database)
        self._numbers = itertools.count(1)

    def new(self, owner: Person, chat: int, **values: Any) -> NewUpload:
        """Return what begins an upload, of 100 KiB and under a client_id of its own unless `values` say otherwise."""
        first = NewUpload(owner.id, chat, f"file-{next(self._numbers)}", 100 * KIB, Metadata("a.png", 40, 30))
        return first._replace(**values)

    def create(self, new: NewUpload, limits: Limits = LIMITS) -> StoredFile | str:
        return create_upload(self.connection, self.ring, new, limits)

    def begin(self, owner: Person, chat: int, **values: Any) -> StoredFile:
        file = self.create(self.new(owner, chat, **values))
        assert isinstance(file, StoredFile), file
        return file

    def complete(self, owner: Person, chat: int, kind: int = PICTURE, **values: Any) -> StoredFile:
        file = self.begin(owner, chat, **values)
        assert complete_upload(self.connection, file.owner_id, file.id, "image/png", kind)
        return file

    def send(self, *files: StoredFile, seq: int = 1) -> int:
        """Put a message with these files into their chat; return its id."""
        first = files[0]
        self.database.query(
            "INSERT INTO messages (chat_id, sender_id, seq, client_id, content, kind) VALUES (%s, %s, %s, %s, '', 2)",
            *(first.chat_id, first.owner_id, seq, f"m{first.id}"),
        )
        [row] = self.database.query("SELECT id FROM messages WHERE chat_id = %s AND seq = %s", first.chat_id, seq)
        for position, file in enumerate(files):
            self.database.query(
                "UPDATE files SET message_id = %s, position = %s WHERE id = %s", row["id"], position, file.id
            )
        return int(row["id"])

    def rows(self) -> list[dict[str, Any]]:
        """Everything that the tables say of files."""
        return [
            *self.database.query("SELECT * FROM files ORDER BY id"),
            *self.database.query("SELECT * FROM user_files"),
        ]


@contextlib.contextmanager
def uploading(database: Database) -> Iterator[Uploads]:
    with contextlib.closing(connect(settings_of(database))) as connection:
        yield Uploads(database, connection)


@contextlib.contextmanager
def nothing_swept(database: Database) -> Iterator[None]:
    """Keep `web` from sweeping: what is dying stays, and so does what has no bytes."""
    with uploading(database) as uploads, contextlib.ExitStack() as held:
        wait_until(lambda: held.enter_context(only_sweep(uploads.connection)))
        yield
