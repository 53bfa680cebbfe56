"""How does a message's text rest in the database? Sealed with AES-256-GCM, under a key the database never sees.

`messages.key_version` says with which key of the ring a text is sealed, 0: not at all. Chat, sender and client id are
associated data, so that a row moved elsewhere no longer opens. `content` holds base64 of nonce (12 bytes), text and
tag (16 bytes): 42.7 KB for the longest message, which TEXT holds. A random 96-bit nonce is good for 2^32 messages
under one key (NIST SP 800-38D, 8.3); `rotate_key` makes a new one.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .settings import Settings

log = logging.getLogger("chatapp.keys")

NONCE = 12
KEY = 32
PLAIN = 0  # the key_version of a text that is not sealed
RELOAD_SECONDS = 1.0  # a key that was added is used by every process after this long
LONGEST_KEYS = 64 * 1024  # bytes of the file; it has some fifty for each key


class KeyRingError(Exception):
    """The keys and the database do not fit each other. Its text says what to do and holds no key."""


class SealBroken(Exception):
    """A text does not open: its key is missing or wrong, or the row was changed."""


@dataclass(frozen=True)
class KeySettings:
    """Where the message keys are, and whether new messages are sealed."""

    path: Path
    seals: bool

    @classmethod
    def read(cls, settings: Settings) -> KeySettings:
        path = settings.text("MESSAGE_KEYS_FILE", "/var/lib/chatapp/keys/message-keys")
        return cls(Path(path), settings.switch("SEAL_MESSAGES", True))


class KeyRing:
    """The keys of a file, one a line: `version base64`. New texts are sealed with the highest version.

    The file is read again when it has changed, so that a running process learns of a new key.
    """

    def __init__(self, path: Path, seals: bool = True) -> None:
        """`seals` False: new texts are stored as they are. Raises KeyRingError where the file makes no sense."""
        self.path = path
        self.seals = seals
        self._ciphers: dict[int, AESGCM] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._looked_at = 0.0
        self._load()

    @property
    def current(self) -> int:
        """The version with which texts are sealed now; 0: not at all."""
        self._refresh()
        return max(self._ciphers, default=PLAIN) if self.seals else PLAIN

    def seal(self, version: int, texts: Sequence[tuple[str, str]]) -> list[str]:
        """Return what is stored for texts, each with what binds it to its row, under a version of this ring.

        The random numbers of all are taken at once: each system call would let go of the interpreter, and getting it
        back from a busy event loop takes longer than everything else here.
        """
        if version == PLAIN:
            return [text for text, _ in texts]
        encrypt = self._ciphers[version].encrypt
        random = os.urandom(NONCE * len(texts))
        nonces = (random[place : place + NONCE] for place in range(0, len(random), NONCE))
        return [
            binascii.b2a_base64(nonce + encrypt(nonce, text.encode(), bound.encode()), newline=False).decode("ascii")
            for nonce, (text, bound) in zip(nonces, texts, strict=True)
        ]

    def open(self, version: int, content: str, binding: str) -> str:
        """Return the text of a stored content. Raises SealBroken; never returns anything but the text."""
        if version == PLAIN:
            return content
        cipher = self._ciphers.get(version)
        if cipher is None:
            self._reload()
            cipher = self._ciphers.get(version)
        if cipher is None:
            raise SealBroken(f"there is no message key of version {version}")
        try:
            sealed = base64.b64decode(content, validate=True)
            return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], binding.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken(f"a text sealed with key {version} does not open") from error

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > RELOAD_SECONDS:
            self._looked_at = now
            if self._read_stamp() != self._stamp:
                self._reload()

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return self._stamp  # a file that is gone for a moment takes no key out of memory
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _reload(self) -> None:
        """Read the file again. One that makes no sense (it may be half written) takes no key out of memory."""
        try:
            self._load()
        except KeyRingError as error:
            log.error("event=keys_unreadable error=%r", str(error))

    def _load(self) -> None:
        if not self.path.exists():
            return
        stamp = self._read_stamp()
        keys = read_keys(self.path)
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._stamp = stamp


def binding(chat_id: int, sender_id: int, client_id: str) -> str:
    """Return what ties a sealed text to its row."""
    return f"{chat_id}:{sender_id}:{client_id}"


def read_keys(path: Path) -> dict[int, bytes]:
    """Return the keys of a file. Raises KeyRingError, which names the file and never shows a key."""
    try:
        text = path.read_text(encoding="ascii")[:LONGEST_KEYS]
        keys = {}
        for line in filter(None, text.splitlines()):
            version, _, encoded = line.partition(" ")
            keys[int(version)] = base64.b64decode(encoded, validate=True)
    except (OSError, UnicodeDecodeError, ValueError):
        raise KeyRingError(f"{path} cannot be read as message keys") from None
    if not keys or any(len(key) != KEY or not 1 <= version <= 32_767 for version, key in keys.items()):
        raise KeyRingError(f"{path} cannot be read as message keys")
    return keys


def write_keys(path: Path, keys: dict[int, bytes], *, is_new: bool) -> bool:
    """Write a key file in one step, readable by its owner only. `is_new`: only where there is none; say whether."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            for version, key in sorted(keys.items()):
                file.write(f"{version} {base64.b64encode(key).decode()}\n")
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


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)
