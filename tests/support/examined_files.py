"""How many rows does a server look at for the files of messages?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chat_db.file_marks import attach, find_lacking, mark_of_chat, mark_of_messages, mark_unsent_of
from chat_db.message_pages import list_messages
from chat_db.messages import NewMessage

if TYPE_CHECKING:
    from tests.support.examined import Filled

AROUND = 40  # rows for members, names and numbers
PAGE = 50
EACH = 2  # files of a message, each with its small version
UNSENT = 20  # of the reader
COLUMNS = "owner_id, chat_id, client_id, state, message_id, thumbnail_of, stored_name, size, metadata, wrapped_key"


def fill_files(filled: Filled) -> None:
    """Give all messages but those of the long chat files, of which they do not know, and somebody some that are not
    sent."""
    others = f"chat_id NOT IN ({filled.long}, {filled.dying})"
    for number in range(EACH):
        filled.run(
            f"INSERT INTO files ({COLUMNS}) SELECT sender_id, chat_id, CONCAT(id, '-{number}'), 1, id, NULL,"
            f" LEFT(SHA2(CONCAT(id, '-{number}'), 256), 32), 9, '', '' FROM messages WHERE {others}"
        )
    filled.run(
        f"INSERT INTO files ({COLUMNS}) SELECT owner_id, chat_id, CONCAT('small-', id), 1, NULL, id,"
        " LEFT(SHA2(CONCAT('small-', id), 256), 32), 9, '', '' FROM files"
    )
    unsent = ", ".join(
        f"({filled.reader}, {filled.long}, 'unsent-{number}', 1, NULL, NULL, 'unsent-{number}', 9, '', '')"
        for number in range(UNSENT)
    )
    filled.run(f"INSERT INTO files ({COLUMNS}) VALUES {unsent}")


def examined_files(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """Yield each query with how many rows it looks at, and how many it may. What it changes is undone."""
    count, ring, reader, chat = filled.count, filled.ring, filled.reader, filled.chats[1]
    filled.connection.begin()
    filled.run(f"UPDATE messages SET kind = 2 WHERE chat_id = {chat}")
    page = count(list_messages, ring, chat, reader, PAGE)
    # of each message its row and its id; of each file its row and its small version, and once more in the order
    yield "a page of messages with files", page, (3 + 4 * EACH) * PAGE + AROUND
    ids = [row[0] for row in filled.run(f"SELECT id FROM messages WHERE chat_id = {chat} ORDER BY seq LIMIT {PAGE}")]
    unsent = [row[0] for row in filled.run("SELECT id FROM files WHERE client_id LIKE 'unsent-%%'")]
    new = [NewMessage(filled.long, reader, 0, f"c{at}", "", files=tuple(unsent[at : at + 10])) for at in (0, 10)]
    files = filled.run(f"SELECT COUNT(*) FROM files WHERE chat_id = {chat}")[0][0]
    yield "files that are to be sent", count(find_lacking, new), 4 * UNSENT
    yield "files that are sent", count(attach, new, 2**40), 6 * UNSENT
    yield "files of messages that go", count(mark_of_messages, ids), 8 * EACH * 2 * PAGE
    yield "files of a chat that goes", count(mark_of_chat, chat), 2 * files + AROUND
    yield "unsent files of somebody with none", count(mark_unsent_of, reader + 1), AROUND
    filled.connection.rollback()
