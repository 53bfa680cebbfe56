"""How are the files that hold the message keys read and written?

Each is written in one step, so that nobody ever reads half of one and a power cut leaves the old or the new one.
"""

from __future__ import annotations

import base64
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

log = logging.getLogger("chatapp.keys")

Content = TypeVar("Content")

KEY = 32
LONGEST_KEYS = 64 * 1024  # bytes of the file; it has some fifty for each key
HIGHEST_VERSION = 32_767  # key_version is a SMALLINT


class KeyRingError(Exception):
    """The keys and the database do not fit each other. Its text says what to do and holds no key."""


class WatchedFile(Generic[Content]):
    """What a file says (`value`). One that is gone, or makes no sense (it may be half written), takes nothing back."""

    def __init__(self, path: Path, read: Callable[[Path], Content], otherwise: Content) -> None:
        """`otherwise` is the value until there is a file. Raises KeyRingError where it makes no sense."""
        self.path = path
        self._read = read
        self._stamp = self._find_stamp()
        self.value = read(path) if self._stamp else otherwise

    def refresh(self) -> None:
        """Read the file again where it has changed."""
        stamp = self._find_stamp()
        if stamp is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.value = self._read(self.path)
        except KeyRingError as error:
            log.error("event=keys_unreadable error=%r", str(error))

    def _find_stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * KEY)


def read_keys(path: Path) -> dict[int, bytes]:
    """Return the keys of a file. Raises KeyRingError, which names the file and never shows a key."""
    try:
        text = path.read_text(encoding="ascii")[:LONGEST_KEYS]
        keys = {}
        for line in filter(None, text.splitlines()):
            version, _, encoded = line.partition(" ")
            keys[int(version)] = base64.b64decode(encoded, validate=True)
    except OSError as error:
        raise KeyRingError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError):
        raise KeyRingError(f"{path} cannot be read as message keys") from None
    if not keys or any(len(key) != KEY or not 1 <= version <= HIGHEST_VERSION for version, key in keys.items()):
        raise KeyRingError(f"{path} cannot be read as message keys")
    return keys


def write_keys(path: Path, keys: dict[int, bytes], *, is_new: bool) -> bool:
    """Write a key file. `is_new`: only where there is none; say whether. Raises KeyRingError."""
    lines = (f"{version} {base64.b64encode(key).decode()}\n" for version, key in sorted(keys.items()))
    return write_file(path, "".join(lines), is_new=is_new)


def write_file(path: Path, text: str, *, is_new: bool = False) -> bool:
    """Write a file in one step, readable by its owner only. `is_new`: only where there is none; say whether.

    Raises KeyRingError, which names the file and the system's reason: a full or read-only volume, say.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _write_file(path, text, is_new)
    except OSError as error:
        raise KeyRingError(f"{path} cannot be written: {error.strerror}") from None


def _write_file(path: Path, text: str, is_new: bool) -> bool:
    handle, name = tempfile.mkstemp(dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            if is_new:
                os.link(temporary, path)
            else:
                temporary.replace(path)
        except FileExistsError:
            return False
        sync_folder(path.parent)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make sure that what was named in a folder is named there after a power cut, too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
