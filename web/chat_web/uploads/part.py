"""How far has an upload come, and how does it go on? What is on the disk says it, and nothing else.

Whole chunks stand one behind the other; behind them may stand one that is not full yet, encrypted as well, and written
again when it grows. Nobody knows what a crash leaves of the chunk that was being written: its tag does, and one that
does not open has not come.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from chat_db.file_chunks import CHUNK, OVERHEAD, STORED_CHUNK, DamagedFile, FileCipher
from chat_db.file_records import StoredFile

from ..file_store import FileStore, in_thread

SYNC_BYTES = 16 * 2**20  # after so many the disk has to have written them: it does not fall behind


class PartBusy(Exception):
    """Somebody else writes at this upload."""


class Source(Protocol):
    """What bytes are read from; none means that there are no more."""

    def read(self, size: int, /) -> bytes: ...


class Part:
    """The bytes of an upload that have come. To be written by who holds its lock."""

    def __init__(self, number: int, file: StoredFile) -> None:
        self._number = number  # of the open file
        self._size = file.size
        self._cipher = FileCipher(file.key, file.stored_name)
        self._chunk, self._tail = self._find_end()  # the chunk that is not full, and what there is of it
        self._unsynced = 0

    @property
    def offset(self) -> int:
        return self._chunk * CHUNK + len(self._tail)

    @property
    def is_whole(self) -> bool:
        return self.offset == self._size

    def _find_end(self) -> tuple[int, bytes]:
        """Return the first chunk that is not full and what there is of it; what does not open is not there."""
        length = os.fstat(self._number).st_size
        while length > 0:
            chunk = (length - 1) // STORED_CHUNK
            data = self._read(chunk, length - chunk * STORED_CHUNK)
            if data is not None:
                return (chunk + 1, b"") if len(data) == CHUNK else (chunk, data)
            length = chunk * STORED_CHUNK
        return 0, b""

    def _read(self, chunk: int, stored: int) -> bytes | None:
        """Return a chunk of so many stored bytes, None where it does not open."""
        is_last = chunk * CHUNK + stored - OVERHEAD == self._size
        try:
            return self._cipher.open(chunk, os.pread(self._number, stored, chunk * STORED_CHUNK), is_last)
        except DamagedFile:
            return None

    def head(self) -> bytes:
        """Return what the file begins with."""
        if self._chunk == 0:
            return self._tail
        return self._read(0, STORED_CHUNK) or b""

    def settle(self) -> None:
        """Wait until the disk has all of it, and knows how long it is."""
        in_thread(lambda: os.fsync(self._number))

    def take(self, source: Source) -> None:
        """Take what a source gives, up to the end of the file, and have it on the disk. Raises what the source raises.

        What has come before it raises is kept.
        """
        os.ftruncate(self._number, self._chunk * STORED_CHUNK + (len(self._tail) + OVERHEAD if self._tail else 0))
        begin = len(self._tail)
        try:
            while not self.is_whole and (data := source.read(min(CHUNK - len(self._tail), self._size - self.offset))):
                self._tail += data
                if len(self._tail) == CHUNK:
                    self._write_tail()
                    self._chunk, self._tail, begin = self._chunk + 1, b"", 0
        finally:
            if len(self._tail) > begin or self._size == 0:
                self._write_tail()
            self._sync()

    def _write_tail(self) -> None:
        stored = self._cipher.seal(self._chunk, self._tail, self.is_whole)
        place, left = self._chunk * STORED_CHUNK, memoryview(stored)
        while left:
            written = os.pwrite(self._number, left, place)
            place, left = place + written, left[written:]
        self._unsynced += len(stored)
        if self._unsynced >= SYNC_BYTES:
            self._sync()

    def _sync(self) -> None:
        """Wait until the disk has what was written: what a client has been told to have come stays."""
        if self._unsynced:
            in_thread(lambda: os.fdatasync(self._number))
            self._unsynced = 0


@contextmanager
def locked_part(store: FileStore, file: StoredFile) -> Iterator[Part | None]:
    """Hold an upload to write at it; None where all of it has its final name already. Raises PartBusy."""
    number = store.open_part(file.stored_name)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PartBusy from None
        if store.is_complete(file.stored_name):
            store.part(file.stored_name).unlink(missing_ok=True)
            yield None
        else:
            yield Part(number, file)
    finally:
        os.close(number)


def find_offset(store: FileStore, file: StoredFile) -> int:
    """Return how far an upload has come. While somebody writes at it, it may be further."""
    if store.is_complete(file.stored_name):
        return file.size
    try:
        number = os.open(store.part(file.stored_name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return file.size if store.is_complete(file.stored_name) else 0
    try:
        return Part(number, file).offset
    finally:
        os.close(number)
