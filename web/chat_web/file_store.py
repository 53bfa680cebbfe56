"""Where do the bytes of files lie? In one folder of the server, under random names, encrypted.

A file is `ab/abcd…`, and `ab/abcd….part` until all of it has come. Which of them count, rows say (chat_db/uploads.py).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import gevent

from chat_db.file_chunks import CHUNK, FileCipher, stored_size
from chat_db.file_records import StoredFile
from chat_db.key_files import sync_folder

Result = TypeVar("Result")

PART = ".part"


class Found(NamedTuple):
    """A file in the folder; `changed_at` in seconds since 1970."""

    stored_name: str
    is_part: bool
    changed_at: float


class FileStore:
    """The folder of files. Nobody else reads or writes in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, stored_name: str) -> Path:
        """Return where a file lies when all of it has come."""
        return self.folder / stored_name[:2] / stored_name

    def part(self, stored_name: str) -> Path:
        """Return where a file lies while it comes."""
        return self.path(stored_name).with_suffix(PART)

    def is_complete(self, stored_name: str) -> bool:
        return self.path(stored_name).exists()

    def open_part(self, stored_name: str) -> int:
        """Open the file that an upload is written to, an empty one where there is none; return its number."""
        part = self.part(stored_name)
        part.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def keep(self, stored_name: str) -> None:
        """Give a file, all of which is on the disk, the name under which it stays; a crash loses it no more."""
        part = self.part(stored_name)
        part.rename(self.path(stored_name))
        for folder in (part.parent, self.folder):
            in_thread(partial(sync_folder, folder))

    def remove(self, stored_name: str) -> None:
        """Remove a file, whatever of it is there. Raises OSError where the disk does not let go of it."""
        for path in (self.part(stored_name), self.path(stored_name)):
            path.unlink(missing_ok=True)

    def read_head(self, file: StoredFile) -> bytes:
        """Return what a file begins with, its first chunk. Raises OSError, DamagedFile."""
        with self.path(file.stored_name).open("rb") as opened:
            stored = opened.read(stored_size(min(CHUNK, file.size)))
        return FileCipher(file.key, file.stored_name).open(0, stored, file.size <= CHUNK)

    def free_bytes(self) -> int:
        """Return how much more the disk takes."""
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    def list_folder(self, prefix: str) -> Iterator[Found]:
        """Yield the files whose names begin with these two digits."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder / prefix) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # it went meanwhile
                    name, changed_at = entry.name, entry.stat(follow_symlinks=False).st_mtime
                    yield Found(name.removesuffix(PART), name.endswith(PART), changed_at)


def in_thread(work: Callable[[], Result]) -> Result:
    """Do what may wait for the disk; other requests have their turn meanwhile."""
    result: Result = gevent.get_hub().threadpool.apply(work)
    return result
