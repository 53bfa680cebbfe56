"""Which files belong to a message, as its readers see them?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from .connection import Connection, fetch_all
from .encryption import KeyRing
from .file_records import COMPLETE, SharedFile
from .file_rows import as_shared_file, read_metadata
from .message_state import WITH_FILES
from .unions import json_table_of

AWAITED = SharedFile(0, "", "", 0)  # in place of files that have not been looked up

# A small version counts once it is complete. It has no message of its own, but that of the file it belongs to.
READ = f"""
SELECT STRAIGHT_JOIN f.message_id, f.id, f.type, f.size, t.id, f.key_version, f.metadata, f.stored_name, f.owner_id,
       f.chat_id
  FROM {{ids}} w
  JOIN files f FORCE INDEX (files_message) ON f.message_id = w.id
  LEFT JOIN files t FORCE INDEX (files_thumbnail) ON t.thumbnail_of = f.id AND t.state = {COMPLETE}
 WHERE f.state = {COMPLETE}
 ORDER BY f.message_id, f.position
"""


class MayHaveFiles(Protocol):
    """What says whether a message has files."""

    @property
    def kind(self) -> int: ...
    @property
    def deleted_at(self) -> str | None: ...


class HasFiles(Protocol):
    """A message of which may be known only that it has files."""

    files: list[SharedFile]

    @property
    def id(self) -> int: ...


def awaited_files(state: MayHaveFiles) -> list[SharedFile]:
    """Return what stands for the files of a message until `add_files` has looked them up."""
    return [AWAITED] if state.kind == WITH_FILES and state.deleted_at is None else []


def add_files(connection: Connection, ring: KeyRing, messages: Iterable[HasFiles]) -> None:
    """Look up the files that are awaited: one query, where there are any. Those that are gone meanwhile are none."""
    awaiting = [message for message in messages if message.files]
    files = read_files(connection, ring, {message.id for message in awaiting})  # one may be there as a quote, too
    for message in awaiting:
        message.files = files.get(message.id, [])


def read_files(connection: Connection, ring: KeyRing, message_ids: Collection[int]) -> dict[int, list[SharedFile]]:
    """Return the files of messages, by message, in the sender's order; of a message that has none, nothing."""
    found: dict[int, list[SharedFile]] = {}
    if message_ids:
        rows = fetch_all(connection, READ.format(ids=json_table_of(message_ids)))
        for message_id, file_id, served_type, size, thumbnail, version, metadata, *where in rows:
            said = read_metadata(ring, file_id, version, metadata, (where[0], where[1], where[2]))
            found.setdefault(message_id, []).append(as_shared_file(file_id, served_type, size, said, thumbnail))
    return found
