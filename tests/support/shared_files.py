"""How does a file come into a chat without an upload? Its row and its bytes, as web would put them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_db.connection import connect
from chat_db.file_chunks import CHUNK, FileCipher
from chat_db.file_records import Metadata, StoredFile
from chat_db.uploads import complete_upload
from chat_web.file_types import HEAD, find_type
from stack import Stack
from tests.support.files import begin, path_of
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.stored import ring_of


def upload(
    stack: Stack,
    chat: int,
    owner: Person,
    content: bytes,
    *,
    declared: str = "",
    thumbnail_of: int | None = None,
    **said: Any,
) -> StoredFile:
    """Put a whole file of a chat in place, unsent; `said` are fields of Metadata."""
    metadata = Metadata(**{"name": "a file", **said})
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        file = begin(connection, ring_of(stack.database), owner.id, chat, len(content), metadata, thumbnail_of)
        write_bytes(path_of(stack, file), file, content)
        assert complete_upload(connection, file.owner_id, file.id, *find_type(content[:HEAD], declared))
    return file


def share(chat: int, sender: Person, *files: StoredFile, text: str = "look") -> int:
    """Send files with one message; return its id."""
    return int(sender.say(chat, text, files=[file.id for file in files])["message_id"])


def write_bytes(path: Path, file: StoredFile, content: bytes) -> None:
    """Write a file as it rests on the disk."""
    cipher = FileCipher(file.key, file.stored_name)
    last = max(0, len(content) - 1) // CHUNK
    chunks = (
        cipher.seal(number, content[number * CHUNK : (number + 1) * CHUNK], number == last)
        for number in range(last + 1)
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(b"".join(chunks))
    os.chmod(path, 0o600)


def change_bytes(path: Path, change: Callable[[bytearray], object]) -> None:
    """Change what lies on the disk, as a disk that fails would."""
    stored = bytearray(path.read_bytes())
    change(stored)
    path.write_bytes(stored)
