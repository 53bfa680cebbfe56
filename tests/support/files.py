"""How does a test have a file? Its row is made as an upload makes it, without bytes."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

from chat_db.connection import Connection, connect
from chat_db.encryption import KeyRing
from chat_db.file_records import PICTURE, Metadata, StoredFile
from chat_db.uploads import Limits, NewUpload, complete_upload, create_upload
from stack import Stack
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.stored import ring_of

PLENTY = Limits(user_bytes=2**60, open_uploads=2**30)


def begin(
    connection: Connection,
    ring: KeyRing,
    owner_id: int,
    chat_id: int,
    size: int,
    metadata: Metadata,
    thumbnail_of: int | None = None,
) -> StoredFile:
    """Make the row of an upload that nothing limits."""
    new = NewUpload(owner_id, chat_id, secrets.token_hex(8), size, metadata, thumbnail_of)
    file = create_upload(connection, ring, new, PLENTY)
    assert isinstance(file, StoredFile), file
    return file


def upload(
    stack: Stack,
    owner: Person,
    chat: int,
    name: str = "photo.jpg",
    *,
    served: str = "image/jpeg",
    kind: int = PICTURE,
    size: int = 1_000,
    thumbnail_of: int | None = None,
    is_whole: bool = True,
    **said: Any,
) -> int:
    """Upload a file for a chat, whole or not; return its id. `said` goes into its metadata."""
    metadata = Metadata(name, **said)
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        stored = begin(connection, ring_of(stack.database), owner.id, chat, size, metadata, thumbnail_of)
        if is_whole:
            assert complete_upload(connection, stored.owner_id, stored.id, served, kind)
    return stored.id


def states(stack: Stack) -> dict[int, int]:
    """Return the state of every file, by id."""
    return {row["id"]: row["state"] for row in stack.database.query("SELECT id, state FROM files ORDER BY id")}


def path_of(stack: Stack, file: StoredFile) -> Path:
    """Where all of a file lies; while it comes, the same with `.part` behind it."""
    return stack.web.folder / "files" / file.stored_name[:2] / file.stored_name
