"""Which files belong to a message, as its readers see them?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from .connection import Connection, fetch_all
from .encryption import KeyRing
from .file_records import COMPLETE, SharedFile
from .file_rows import SHARED, THUMBNAIL, as_shared_file
from .message_state import WITH_FILES, HasState
from .unions import json_table_of

AWAITED = SharedFile(0, "", "", 0)  # in place of files that have not been looked up

READ = f"""
SELECT STRAIGHT_JOIN f.message_id, {SHARED}
  FROM {{ids}} w
  JOIN files f FORCE INDEX (files_message) ON f.message_id = w.id
  {THUMBNAIL}
 WHERE f.state = {COMPLETE}
 ORDER BY f.message_id, f.position
"""


class HasFiles(Protocol):
    """A message of which may be known only that it has files."""

    files: list[SharedFile]

    @property
    def id(self) -> int: ...


def awaited_files(state: HasState) -> list[SharedFile]:
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
        for message_id, *shared in rows:
            found.setdefault(message_id, []).append(as_shared_file(ring, shared))
    return found
