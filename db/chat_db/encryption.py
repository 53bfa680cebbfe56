"""How does a message's text rest in the database? Encrypted with AES-256-GCM, under a key the database never sees.

`key_version` of a row says with which key of the ring it is encrypted, 0: not at all (encrypted_columns.py has every
such table). Chat, sender, receiver and client id of a message are associated data, so that a row moved elsewhere, or
shown to another member, can no longer be decrypted.
`content` holds base64 of nonce (12 bytes), text and tag (16 bytes): 42.7 KB for the longest message, which TEXT holds.
A random 96-bit nonce is good for 2^32 texts under one key (NIST SP 800-38D, 8.3); `rotate_key` makes a new one.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .encrypted_spans import ENDINGS, KEYS_FOLDER, EncryptedSpans, read_spans, spans_path
from .key_files import WatchedFile, read_keys
from .settings import Settings

NONCE = 12
PLAIN = 0  # the key_version of a text that is not encrypted
RELOAD_SECONDS = 1.0  # a key that was added is used by every process after this long


class DecryptionFailed(Exception):
    """A text cannot be decrypted: its key is missing or wrong, or the row was changed."""


@dataclass(frozen=True)
class KeySettings:
    """Where the message keys are, and whether new messages are encrypted."""

    path: Path
    encrypts: bool

    @classmethod
    def read(cls, settings: Settings) -> KeySettings:
        path = settings.text("MESSAGE_KEYS_FILE", str(KEYS_FOLDER / "message-keys"))
        return cls(Path(path), settings.switch("SEAL_MESSAGES", True))


class KeyRing:
    """The keys of a file, one a line: `version base64`. New texts are encrypted with the highest version.

    The files are read again when they have changed, so that a running process learns of a new key.
    """

    def __init__(self, path: Path, encrypts: bool = True) -> None:
        """`encrypts` False: new texts are stored as they are. Raises KeyRingError where a file makes no sense."""
        self.path = path
        self.encrypts = encrypts
        self.troubled: set[int] = set()  # ids of messages whose trouble is in the log already
        self._ciphers: WatchedFile[dict[int, AESGCM]] = WatchedFile(path, _read_ciphers, {})
        self._spans = {table: WatchedFile(spans_path(path, table), read_spans, EncryptedSpans()) for table in ENDINGS}
        self._looked_at = 0.0

    @property
    def current(self) -> int:
        """The version with which texts are encrypted now; 0: not at all."""
        self._refresh()
        return max(self._ciphers.value, default=PLAIN) if self.encrypts else PLAIN

    def encrypt(self, version: int, texts: Sequence[tuple[str, str]]) -> list[str]:
        """Return what is stored for texts, each with its associated data, under a version of this ring.

        The random numbers of all are taken at once: each system call would let go of the interpreter, and getting it
        back from a busy event loop takes longer than everything else here.
        """
        if version == PLAIN:
            return [text for text, _ in texts]
        encrypt = self._ciphers.value[version].encrypt
        random = os.urandom(NONCE * len(texts))
        nonces = (random[index : index + NONCE] for index in range(0, len(random), NONCE))
        return [
            binascii.b2a_base64(nonce + encrypt(nonce, text.encode(), associated.encode()), newline=False).decode(
                "ascii"
            )
            for nonce, (text, associated) in zip(nonces, texts, strict=True)
        ]

    def decrypt(self, version: int, content: str, accepted: Iterable[str]) -> str:
        """Return the text of a stored content that has one of the `accepted` associated data.

        Raises DecryptionFailed; never returns anything but the text.
        """
        if version == PLAIN:
            return content
        cipher = self._ciphers.value.get(version)
        if cipher is None:
            self._ciphers.refresh()
            cipher = self._ciphers.value.get(version)
        if cipher is None:
            raise DecryptionFailed(f"there is no message key of version {version}")
        return _decrypt(cipher, content, accepted)

    def decrypt_genuine(self, table: str, identity: int, version: int, content: str, accepted: Iterable[str]) -> str:
        """As decrypt, of a row that says nothing where it is plain and must be encrypted: ChatApp did not write it."""
        if version == PLAIN and self.demands(table, identity):
            raise DecryptionFailed("it is plain among encrypted ones")
        return self.decrypt(version, content, accepted)

    def decrypt_with_any(self, content: str, accepted: Iterable[str]) -> str:
        """Return the text of a content whose key version is wrong: the tag proves which key is its own."""
        for cipher in self._ciphers.value.values():
            with contextlib.suppress(DecryptionFailed):
                return _decrypt(cipher, content, accepted)
        raise DecryptionFailed("no message key decrypts the text")

    def demands(self, table: str, identity: int) -> bool:
        """Say whether a row must be encrypted, as the file beside the keys says now: a plain one is not genuine."""
        self._refresh()
        return self._spans[table].value.demands(identity)

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > RELOAD_SECONDS:
            self._looked_at = now
            self._ciphers.refresh()
            for spans in self._spans.values():
                spans.refresh()


def encrypt_columns(
    ring: KeyRing, version: int, rows: Sequence[Sequence[tuple[str, str] | None]]
) -> list[list[str | None]]:
    """Return what is stored of rows, column by column: of each text with its associated data; None where there is
    none."""
    encrypted = iter(ring.encrypt(version, [text for row in rows for text in row if text is not None]))
    return [[None if text is None else next(encrypted) for text in row] for row in rows]


def _read_ciphers(path: Path) -> dict[int, AESGCM]:
    return {version: AESGCM(key) for version, key in read_keys(path).items()}


def _decrypt(cipher: AESGCM, content: str, accepted: Iterable[str]) -> str:
    try:
        encrypted = base64.b64decode(content, validate=True)
        nonce, text = encrypted[:NONCE], encrypted[NONCE:]
        for associated in accepted:
            try:
                return cipher.decrypt(nonce, text, associated.encode()).decode()
            except InvalidTag:
                continue
    except ValueError as error:  # no base64, no nonce, or no UTF-8
        raise DecryptionFailed("the text cannot be decrypted") from error
    raise DecryptionFailed("the text cannot be decrypted")


def associated_data(chat_id: int, sender_id: int, receiver_id: int, client_id: str) -> str:
    """Return what ties an encrypted text to its row, and to the two members of its chat."""
    return f"{chat_id}:{sender_id}>{receiver_id}:{client_id}"


def accepted_associated_data(chat_id: int, sender_id: int, receiver_id: int, client_id: str) -> Iterator[str]:
    """Give what a text of that row may be tied to: as now, or as before 1.1, without its receiver."""
    yield associated_data(chat_id, sender_id, receiver_id, client_id)
    yield f"{chat_id}:{sender_id}:{client_id}"


def reaction_data(chat_id: int, sender_id: int, receiver_id: int, client_id: str, *, by_sender: bool) -> str:
    """Return what ties an encrypted reaction to its message and to who reacted: its sender, or the other member.

    No text's data begin so, whatever its client id is.
    """
    return (
        f"{'sender' if by_sender else 'other'}-reaction:{associated_data(chat_id, sender_id, receiver_id, client_id)}"
    )
