"""How do a file's bytes come from the disk? Decrypted, a chunk at a time, and never others than were stored."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import gevent

from chat_db.file_chunks import CHUNK, STORED_CHUNK, DamagedFile, FileCipher, span_of, stored_size
from chat_db.file_records import StoredFile


def read_pieces(path: Path, file: StoredFile, start: int, stop: int) -> Generator[bytes]:
    """Give the bytes of a complete file from `start` to before `stop`; everybody else has a turn after each chunk.

    At least one piece, which is empty where no byte is wanted. Whoever deletes the file meanwhile does not stop this.
    Raises DamagedFile where there is no such file or it has another length, and at a chunk that is not what was
    stored, before any of its bytes.
    """
    cipher = FileCipher(file.key, file.stored_name)
    try:
        content = path.open("rb", buffering=0)
    except OSError as error:
        raise DamagedFile(f"{file.stored_name} cannot be opened: {error.strerror}") from None
    with content:
        length = os.fstat(content.fileno()).st_size
        if length != stored_size(file.size):
            raise DamagedFile(f"{file.stored_name} has {length} bytes")
        first, last = span_of(start, stop)
        for number in range(first, last + 1):
            begin = number * CHUNK
            stored = os.pread(content.fileno(), STORED_CHUNK, number * STORED_CHUNK)
            chunk = cipher.open(number, stored, last=begin + CHUNK >= file.size)
            yield chunk[max(0, start - begin) : stop - begin]
            gevent.sleep(0)
