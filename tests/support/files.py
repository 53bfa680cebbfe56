"""How does a test have a file? Its row is made as an upload makes it, without bytes."""

from __future__ import annotations

import contextlib
import secrets
from typing import Any

from chat_db.connection import connect
from chat_db.file_records import PICTURE, Metadata
from chat_db.uploads import Limits, NewUpload, complete_upload, create_upload
from stack import Stack
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.stored import ring_of

LIMITS = Limits(user_bytes=2**40, open_uploads=1_000)


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
    new = NewUpload(owner.id, chat, secrets.token_hex(8), size, Metadata(name, **said), thumbnail_of)
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        stored = create_upload(connection, ring_of(stack.database), new, LIMITS)
        assert not isinstance(stored, str), stored
        if is_whole:
            assert complete_upload(connection, stored.owner_id, stored.id, served, kind)
    return stored.id


def states(stack: Stack) -> dict[int, int]:
    """Return the state of every file, by id."""
    return {row["id"]: row["state"] for row in stack.database.query("SELECT id, state FROM files ORDER BY id")}
