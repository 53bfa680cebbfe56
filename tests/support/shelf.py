"""The files of a chat, put into the database past `web`, with keys of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_db import rotation
from chat_db.connection import Database as Pool
from chat_db.encrypted_columns import FILES
from chat_db.encryption import KeyRing, KeySettings
from chat_db.file_records import Metadata, StoredFile
from chat_db.key_files import read_keys
from chat_db.keys import note_encryption, prepare_keys
from chat_db.uploads import find_upload
from database import Database
from tests.support.files import begin
from tests.support.room import settings_of


class Shelf:
    """What one person has uploaded for a chat. `keys` is where the key file is, which no service knows."""

    def __init__(self, database: Database, keys: Path, owner: int, chat: int) -> None:
        self.database, self.pool = database, Pool(settings_of(database))
        self.keys, self.owner, self.chat = keys, owner, chat
        self.told: list[str] = []
        self.switch(is_on=True)

    def switch(self, *, is_on: bool) -> None:
        """Start as `web` does, with SEAL_MESSAGES on or off."""
        self.settings = KeySettings(self.keys, is_on)
        self.ring = prepare_keys(self.pool, self.settings)
        note_encryption(self.pool, self.settings, FILES)

    def upload(self, name: str, size: int = 5) -> StoredFile:
        metadata = Metadata(name, width=3, height=4)
        return self.pool.run(begin, self.ring, self.owner, self.chat, size, metadata)

    def find(self, file: StoredFile, ring: KeyRing | None = None) -> StoredFile | None:
        """Return a file as a process finds it that has just read the keys, or with another ring."""
        ring = ring or KeyRing(self.keys, self.settings.encrypts)
        return self.pool.run(find_upload, ring, self.owner, file.id)

    def rows(self) -> list[dict[str, Any]]:
        return self.database.query("SELECT * FROM files ORDER BY id")

    def versions(self) -> list[int]:
        return [row["key_version"] for row in self.rows()]

    def write(self, file: StoredFile, **columns: object) -> None:
        """Write into a row, as who can write into the database may."""
        values = ", ".join(f"{name} = %s" for name in columns)
        self.database.query(f"UPDATE files SET {values} WHERE id = %s", *columns.values(), file.id)

    def rotate(self, tell: Callable[[str], None] | None = None) -> None:
        self.told = []
        rotation.rotate_key(self.pool, self.settings, tell or self.told.append)

    def kept(self) -> set[int]:
        """The versions of the keys that there are."""
        return set(read_keys(self.keys))
