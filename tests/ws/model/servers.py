"""The code of both servers on one database, without their processes: each call is done when it returns.

The handlers of ws-server are those of the product; what passes frames to them, and their waiting, is not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from chat_db import Database, DatabaseSettings
from chat_db.blocks import add_block, remove_block
from chat_db.change_writer import ChangeWriter
from chat_db.changed_messages import list_changed
from chat_db.changes import Change, Unchanged
from chat_db.changes import as_listed as change_listed
from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.chats import Partner, Receipt, add_chat, list_partners, save_receipts
from chat_db.encryption import KeyRing, KeySettings
from chat_db.expiry import Purged, delete_old_changes, find_due, purge_piece
from chat_db.file_records import PICTURE, Metadata
from chat_db.folding import fold
from chat_db.message_pages import list_messages
from chat_db.messages import Message, NewMessage
from chat_db.purges import purge_chats
from chat_db.reconnecting import Failed
from chat_db.rotation import rotate_key
from chat_db.search import find_matches, list_searched, read_found, read_slice
from chat_db.uploads import complete_upload
from chat_db.users import create_user, delete_user
from chat_db.writer import Batch, Refused, Writer
from chat_ws.change_journal import ChangeJournal
from chat_ws.chats import Chats
from chat_ws.client import Client
from chat_ws.handlers.changes import ChangeHandler
from chat_ws.handlers.chat_settings import ChatSettingsHandler
from chat_ws.handlers.keeping import KeepHandler
from chat_ws.handlers.messages import MessageHandler
from chat_ws.hub import Hub
from chat_ws.limits import Buckets
from chat_ws.message_journal import MessageJournal
from chat_ws.presence import Presences
from chat_ws.protocol import ClearChat, DeleteMessage, EditMessage, ReactToMessage, SendMessage, SetKeep
from chat_ws.queries import Queries
from chat_ws.refusals import Refusal
from tests.support.files import begin

WAIT = 10  # seconds, for the database
Result = TypeVar("Result")


@dataclass
class Socket:
    """Takes frames, and nobody reads them."""

    knows_changes: bool = True

    def send_soon(self, payload: bytes) -> None:
        pass


@dataclass
class OneClient:
    """Who sends a frame, and the answer: what was stored or changed, or the code of an error."""

    user_id: int
    username: str
    answer: Any = None
    socket: Socket = field(default_factory=Socket)


@dataclass
class Asking:
    """In place of Queries and Presences: asks the database at once."""

    database: Database

    async def ask(self, asker: int, query: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        return self.database.run(query, *args, **kwargs)

    async def find_partner(self, user_id: int, other_id: int) -> Partner | None:
        partners = self.database.run(list_partners, [user_id])[user_id]
        return next((partner for partner in partners if partner.id == other_id), None)


@dataclass
class Writing:
    """In place of both journals: writes at once."""

    messages: Writer
    changes: ChangeWriter

    def is_pending(self, user_id: int, client_id: str) -> bool:
        return False

    def submit(self, item: NewMessage | Change, client: OneClient) -> None:
        deadline = time.monotonic() + WAIT
        if isinstance(item, NewMessage):
            [client.answer] = self.messages.write(Batch([item]), deadline)
        else:
            [client.answer] = self.changes.write([item], deadline)


class Servers:
    """What one can ask ChatApp for. A refusal is returned as its code."""

    def __init__(self, settings: DatabaseSettings, keys: KeySettings) -> None:
        self.keys = keys
        self.ring = KeyRing(keys.path)
        self.database = Database(settings)
        self._writing = Writing(Writer(settings, self.ring), ChangeWriter(settings, self.ring))
        asking = Asking(self.database)
        queries, presences = cast(Queries, asking), cast(Presences, asking)
        hub, rates = Hub(), Buckets(1, 0)
        self._chats = Chats(queries)
        self._messages = MessageHandler(
            self._chats, presences, cast(MessageJournal, self._writing), queries, self.ring, rates
        )
        self._changes = ChangeHandler(self._chats, presences, cast(ChangeJournal, self._writing), queries, rates)
        self._keeping = KeepHandler(self._chats, presences, hub, queries, self.ring, rates)
        self._settings = ChatSettingsHandler(self._chats, hub, queries, rates)

    def grow_older(self, seconds: int) -> None:
        """What the process remembers of chats is older now."""
        for given in self._writing.messages._given._chats.values():
            given.at -= seconds
        for chat in self._chats._chats.values():
            chat.known_at -= seconds

    # People and chats

    def register(self, name: str) -> int:
        return self.database.run(create_user, name, "hash")

    def add_chat(self, one: int, other: int) -> int:
        return self.database.run(add_chat, one, other)[0]

    def block(self, one: int, other: int) -> None:
        self.database.run(add_block, one, other)

    def unblock(self, one: int, other: int) -> None:
        self.database.run(remove_block, one, other)

    def delete_account(self, user_id: int) -> None:
        self.database.run(delete_user, user_id)

    def upload(self, user_id: int, chat_id: int) -> int:
        """Return the id of a whole file, which is not sent yet."""
        file = self.database.run(begin, self.ring, user_id, chat_id, 1, Metadata("photo.png"))
        assert self.database.run(complete_upload, file.owner_id, file.id, "image/png", PICTURE)
        return file.id

    # Frames

    def send(self, who: OneClient, frame: SendMessage) -> str | int:
        """Return the message's `seq`."""
        if code := handled(self._messages.send(cast(Client, who), frame)):
            return code
        if isinstance(who.answer, Refused):
            return who.answer.code
        assert not isinstance(who.answer, Failed)
        self._chats.note_seq(int(frame.chat_id), who.answer.seq)
        return int(who.answer.seq)

    def change(self, who: OneClient, frame: EditMessage | DeleteMessage | ReactToMessage) -> str | Message:
        """Return the message as it is then."""
        if code := handled(self._changes.make(cast(Client, who), frame)):
            return code
        if isinstance(who.answer, Unchanged):
            return who.answer.code
        assert not isinstance(who.answer, Failed)
        return change_listed(who.answer.message, who.user_id)

    def set_keep(self, who: OneClient, frame: SetKeep) -> str | None:
        return handled(self._keeping.keep(cast(Client, who), frame))

    def clear(self, who: OneClient, frame: ClearChat) -> str | None:
        return handled(self._settings.clear(cast(Client, who), frame))

    def read(self, chat_id: int, user_id: int, seq: int) -> None:
        self.database.run(save_receipts, [Receipt(chat_id, user_id, seq, seq, seq, seq)])

    # What happens by itself, and by whoever runs the server

    def purge(self) -> list[Purged]:
        """As ws-server does, again and again."""
        now, pieces = datetime.now(UTC), []
        for chat_id in self.database.run(find_due, now):
            while piece := self.database.run(purge_piece, chat_id, now):
                pieces.append(piece)
        while self.database.run(delete_old_changes, now):
            pass
        return pieces

    def purge_chats(self) -> None:
        purge_chats(self.database, lambda: None)

    def rotate(self) -> None:
        rotate_key(self.database, self.keys, lambda _: None)

    # What one sees

    def chats(self, user_id: int) -> dict[int, ChatSummary]:
        return {chat.id: chat for chat in self.database.run(list_chats, user_id)}

    def messages(self, chat_id: int, user_id: int) -> list[Message] | None:
        page = self.database.run(list_messages, self.ring, chat_id, user_id, 100)
        return None if page is None else page.messages

    def changed_since(self, chat_id: int, user_id: int, held: int, after: int) -> list[Message] | None:
        changes = self.database.run(list_changed, self.ring, chat_id, user_id, held, after)
        return None if changes is None else sorted(changes.messages, key=lambda message: message.seq)

    def search(self, user_id: int, words: str) -> list[Message]:
        """Return what is found, in the order of the search."""
        left = chats = self.database.run(list_searched, user_id)
        others = {chat.chat_id: chat.other_id for chat in chats}
        hits: list[tuple[int, int]] = []
        while left:
            rows, left = self.database.run(read_slice, user_id, left)
            hits += find_matches(self.ring, rows, user_id, others, fold(words), lambda: False).found
        return self.database.run(read_found, self.ring, user_id, chats, hits)


def handled(work: Coroutine[Any, Any, None]) -> str | None:
    """Run a handler, which waits for nothing here; return the code with which it refuses."""
    try:
        work.send(None)
    except StopIteration:
        return None
    except Refusal as refusal:
        return refusal.code
    raise AssertionError("a handler waits for something")
