"""What is known of a file that somebody sends? Its row, and what of it its readers see."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

OPEN, COMPLETE, DYING = 0, 1, 2  # files.state
FILE, PICTURE, FILM, SOUND = 0, 1, 2, 3  # files.kind
MAX_FILES = 10  # of one message


class Metadata(msgspec.Struct, omit_defaults=True):
    """What the sender says of a file, encrypted in its row; nobody has looked whether it is true.

    Pixels as they are shown, `duration` in seconds, `peaks`: 64 loudnesses from 0 to 31, `thumbhash`: base64 of 40
    bytes at most.
    """

    name: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    peaks: list[int] | None = None
    thumbhash: str | None = None


class SharedFile(msgspec.Struct, omit_defaults=True):
    """A file of a message, as `files` lists it. `type` is what it is served as; `thumbnail`: the id of its small
    version."""

    id: int
    name: str
    type: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    peaks: list[int] | None = None
    thumbhash: str | None = None
    thumbnail: int | None = None


class StoredFile(NamedTuple):
    """A file's row with its key and its metadata decrypted; `metadata` is None where nobody can read it.

    `changed_at`: when its state became what it is, in seconds since 1970.
    """

    id: int
    owner_id: int
    chat_id: int
    client_id: str
    state: int
    message_id: int | None
    thumbnail_of: int | None
    stored_name: str
    size: int
    kind: int
    type: str
    metadata: Metadata | None
    key: bytes
    changed_at: float

    def __repr__(self) -> str:
        return f"StoredFile(id={self.id}, state={self.state})"  # whatever is logged, no key and no name


def key_data(stored_name: str, owner_id: int, chat_id: int) -> str:
    """Return what ties a file's wrapped key to its row; the same of the metadata is `metadata_data`."""
    return f"file-key:{stored_name}:{owner_id}:{chat_id}"


def metadata_data(stored_name: str, owner_id: int, chat_id: int) -> str:
    return f"file-metadata:{stored_name}:{owner_id}:{chat_id}"
