"""What is taken along of a chat? All messages that its reader sees, oldest first, read a little at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import gevent

from chat_db import Database
from chat_db.encryption import KeyRing
from chat_db.message_pages import Numbers, find_readers, list_messages
from chat_db.message_rows import Readers
from chat_db.messages import Message

SLICE = 100  # messages, after which everybody else has a turn


@dataclass(frozen=True)
class Conversation:
    """A chat as one of its members sees it."""

    database: Database
    ring: KeyRing
    chat_id: int
    readers: Readers
    numbers: Numbers

    @classmethod
    def find(cls, database: Database, ring: KeyRing, chat_id: int, reader_id: int) -> Conversation | None:
        """Return a chat of a reader; None where there is none."""
        found = database.run(find_readers, chat_id, reader_id)
        return None if found is None else cls(database, ring, chat_id, *found)

    def messages(self) -> Iterator[Message]:
        """Give the messages up to the one that was the last when this began. Raises the database's errors."""
        after, more = self.numbers.floor, True
        while more and after < self.numbers.last_seq:
            page = self.database.run(
                list_messages, self.ring, self.chat_id, self.readers.reader_id, SLICE, after_seq=after
            )
            if page is None or not page.messages:
                return
            yield from (message for message in page.messages if message.seq <= self.numbers.last_seq)
            after, more = page.messages[-1].seq, page.more
            gevent.sleep(0)
