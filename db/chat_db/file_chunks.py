"""How do a file's bytes rest on the disk? In chunks of 64 KiB, each encrypted by itself, so that any part opens alone.

A stored chunk is a random nonce (12 bytes), the bytes under AES-256-GCM and the tag (16). Its number, and whether it is
the last one, are associated data: a chunk that was moved, or a file that was cut, does not open. Each file has its own
key, and nonces are random, since a chunk that grows while it is uploaded is written again in its place.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .encryption import NONCE

KEY_BYTES = 32
CHUNK = 65_536  # plain bytes; the last one of a file may have fewer
OVERHEAD = NONCE + 16  # of each stored chunk
STORED_CHUNK = CHUNK + OVERHEAD


class DamagedFile(Exception):
    """A file, or its row, is not what was stored: bytes or a key were changed, cut off or moved."""


def stored_size(plain: int) -> int:
    """Return how long a whole file of `plain` bytes is on the disk; an empty one is one empty chunk."""
    return plain + max(1, -(-plain // CHUNK)) * OVERHEAD


def plain_size(stored: int) -> int:
    """Return how many plain bytes a file of `stored` bytes on the disk holds. What is too short for a chunk is none."""
    whole, rest = divmod(stored, STORED_CHUNK)
    return whole * CHUNK + max(0, rest - OVERHEAD)


def span_of(start: int, stop: int) -> tuple[int, int]:
    """Return the numbers of the first and the last chunk with the plain bytes from `start` to before `stop`."""
    return start // CHUNK, max(start, stop - 1) // CHUNK


class FileCipher:
    """Encrypts and decrypts the chunks of one file, numbered from 0."""

    def __init__(self, key: bytes, stored_name: str) -> None:
        self._cipher = AESGCM(key)
        self._stored_name = stored_name

    def seal(self, number: int, data: bytes | memoryview, last: bool) -> bytes:
        """Return what is stored of a chunk; `last`: the file ends with it."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self._associated_data(number, last))

    def open(self, number: int, data: bytes | memoryview, last: bool) -> bytes:
        """Return the bytes of a stored chunk. Raises DamagedFile where it is not that chunk of this file."""
        if len(data) < OVERHEAD:
            raise DamagedFile(f"chunk {number} of {self._stored_name} is cut off")
        try:
            return self._cipher.decrypt(data[:NONCE], data[NONCE:], self._associated_data(number, last))
        except InvalidTag:
            raise DamagedFile(f"chunk {number} of {self._stored_name} cannot be decrypted") from None

    def _associated_data(self, number: int, last: bool) -> bytes:
        return f"{self._stored_name}:{number}:{'last' if last else 'more'}".encode()
