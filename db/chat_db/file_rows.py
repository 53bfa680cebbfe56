"""How does a file come out of its row? With its key and its metadata decrypted, where they belong to that row."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from .encryption import DecryptionFailed, KeyRing
from .file_chunks import KEY_BYTES
from .file_records import COMPLETE, Metadata, SharedFile, StoredFile, key_data, metadata_data

log = logging.getLogger("chatapp.files")

COLUMNS = (
    "f.id, f.owner_id, f.chat_id, f.client_id, f.state, f.message_id, f.thumbnail_of, f.stored_name, f.size, f.kind,"
    " f.type, f.metadata, f.wrapped_key, f.key_version,"
    " UNIX_TIMESTAMP(f.changed_at)"
)
Row = tuple[Any, ...]

# What of a file its readers see, with the id of its thumbnail. It counts once it is complete, and has no message of its
# own, but that of the file it belongs to.
SHARED = "f.id, f.type, f.size, t.id, f.key_version, f.metadata, f.stored_name, f.owner_id, f.chat_id"
THUMBNAIL = f"LEFT JOIN files t FORCE INDEX (files_thumbnail) ON t.thumbnail_of = f.id AND t.state = {COMPLETE}"


def as_stored_file(ring: KeyRing, row: Row) -> StoredFile | None:
    """Return the file of a row of COLUMNS; None where nobody can open its key, which the log tells."""
    *values, metadata, wrapped_key, version, changed_at = row
    identity, owner_id, chat_id, stored_name = values[0], values[1], values[2], values[7]
    try:
        accepted = (key_data(stored_name, owner_id, chat_id),)
        key = _read_key(ring.decrypt_genuine("files", identity, version, wrapped_key, accepted))
    except DecryptionFailed as error:
        log.error("event=file_damaged id=%d chat=%d why=%r", identity, chat_id, str(error))
        return None
    said = _read_metadata(ring, identity, version, metadata, (stored_name, owner_id, chat_id))
    return StoredFile._make((*values, said, key, float(changed_at)))


def _read_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise DecryptionFailed("that is no key")
    return key


def _read_metadata(
    ring: KeyRing, identity: int, version: int, metadata: str, where: tuple[str, int, int]
) -> Metadata | None:
    """Return what the sender said of a file; None where nobody can read it, or somebody else than ChatApp wrote it.

    `where`: stored name, owner, chat.
    """
    try:
        text = ring.decrypt_genuine("files", identity, version, metadata, (metadata_data(*where),))
        return msgspec.json.decode(text, type=Metadata)
    except (DecryptionFailed, msgspec.DecodeError):
        return None


def encrypt_row(
    ring: KeyRing, version: int, where: tuple[str, int, int], key: bytes, metadata: Metadata
) -> tuple[str, str]:
    """Return what a row holds of a file's key and metadata, under a key version; `where`: stored name, owner, chat."""
    key_text = base64.b64encode(key).decode("ascii")
    metadata_text = msgspec.json.encode(metadata).decode()
    wrapped, stored = ring.encrypt(version, [(key_text, key_data(*where)), (metadata_text, metadata_data(*where))])
    return wrapped, stored


def as_shared_file(ring: KeyRing, row: Sequence[Any]) -> SharedFile:
    """Return the file of a row of SHARED as it is listed; one whose metadata nobody can read has no name."""
    identity, served_type, size, thumbnail, version, metadata, stored_name, owner_id, chat_id = row
    read = _read_metadata(ring, identity, version, metadata, (stored_name, owner_id, chat_id))
    said = msgspec.structs.asdict(read or Metadata(""))
    return SharedFile(id=identity, type=served_type, size=size, thumbnail=thumbnail, **said)
