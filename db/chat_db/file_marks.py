"""What becomes of files as messages are sent, deleted and purged? Rows decide; their bytes are the sweep's.

All of it is inside the transaction that decides over the messages, and after the locks on their chats.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .connection import Connection, execute, fetch_all
from .file_marking import SET_DYING, SET_UNSENT_DYING, mark_files
from .file_records import COMPLETE
from .messages import NewMessage
from .unions import json_table_of, table_of

SENDABLE = (
    "SELECT f.id, f.owner_id, f.chat_id FROM {ids} w STRAIGHT_JOIN files f FORCE INDEX (PRIMARY) ON f.id = w.id"
    f" WHERE f.state = {COMPLETE} AND f.message_id IS NULL AND f.thumbnail_of IS NULL FOR UPDATE"
)
ATTACH = (
    "UPDATE ({files}) w STRAIGHT_JOIN files f FORCE INDEX (PRIMARY) ON f.id = w.id"
    " SET f.message_id = w.message_id, f.position = w.position, f.changed_at = NOW(3)"
)


def find_lacking(connection: Connection, messages: Sequence[NewMessage]) -> set[int]:
    """Return the places of those messages that cannot be sent: a file is not there, not whole, not the sender's, not of
    this chat, or was sent already. The files of the others are locked until `attach`."""
    wanted = {file_id for message in messages for file_id in message.files}
    if not wanted:
        return set()
    found = {file_id: where for file_id, *where in fetch_all(connection, SENDABLE.format(ids=table_of(wanted)))}
    lacking = set()
    for place, message in enumerate(messages):
        where = [message.sender_id, message.chat_id]
        if all(found.get(file_id) == where for file_id in message.files):
            for file_id in message.files:  # not for another one of these, too
                del found[file_id]
        else:
            lacking.add(place)
    return lacking


def attach(connection: Connection, messages: Iterable[NewMessage], first_id: int) -> list[int]:
    """Give messages that were written their files; return the ids of those that have any. `first_id` is the first's."""
    with_files = [(message_id, message) for message_id, message in enumerate(messages, first_id) if message.files]
    rows = [
        f"SELECT {file_id:d} AS id, {message_id:d} AS message_id, {position:d} AS position"
        for message_id, message in with_files
        for position, file_id in enumerate(message.files)
    ]
    if rows:
        execute(connection, ATTACH.format(files=" UNION ALL ".join(rows)))
    return [message_id for message_id, _ in with_files]


def mark_of_messages(connection: Connection, message_ids: Collection[int]) -> None:
    """Let the files of messages die, which are deleted or gone then."""
    if not message_ids:
        return
    join = "STRAIGHT_JOIN files f FORCE INDEX (files_message) ON f.message_id = w.id"
    mark_files(
        connection, [row[0] for row in fetch_all(connection, f"SELECT f.id FROM {json_table_of(message_ids)} w {join}")]
    )


def mark_of_chat(connection: Connection, chat_id: int) -> None:
    """Let all files of a chat die that nobody can see any more."""
    execute(connection, f"UPDATE files f FORCE INDEX (files_chat) {SET_DYING} AND f.chat_id = %s", chat_id)


def mark_unsent_of(connection: Connection, user_id: int) -> None:
    """Let what somebody has uploaded and not sent die."""
    sql = f"UPDATE files f FORCE INDEX (files_owner_client) {SET_UNSENT_DYING} AND f.owner_id = %s"
    execute(connection, sql, user_id)
