"""Who gets which frame, and what do the connections of one process share?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec

from chat_db import Database
from chat_db.chats import ChatState, Receipt, find_chat_state
from chat_db.connection import Connection
from chat_db.messages import NewMessage
from chat_db.seal import KeyRing
from chat_db.writer import Stored

from .config import Config
from .journal import Journal
from .limits import Buckets
from .presence import Presences
from .protocol import NewMessageFrame, ReceiptFrame, encode
from .queries import Queries
from .refusals import slow_down
from .socket import ClientSocket
from .submission import Sender

log = logging.getLogger("chatapp.hub")

TYPING_BURST, TYPING_RATE = 20, 2.0  # of one user, whatever the settings: the page sends one in some seconds
BUSY_CONNECTIONS = 2  # of one user, whose frames are read as fast as each may send them; of more, together no faster
CHAT_BURST, CHAT_RATE = 300, 10.0  # chats of one user that the database is asked for
MAX_CHATS = 50_000  # kept in memory
QUERY_THREADS = 4
LOGIN_THREADS = 2  # whoever is logged in takes none of them

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Hub:
    """Everything the connections of one process share: users online, chats in use, the journal, limits."""

    def __init__(self, config: Config, ring: KeyRing) -> None:
        self.config = config
        self.ring = ring
        self.database = Database(config.database)
        self.queries = Queries(self.database, QUERY_THREADS, "query")
        self.logins = Queries(self.database, LOGIN_THREADS, "login")
        self.journal = Journal(self.database, ring, self.announce_message)
        self.presences = Presences(self.queries.ask, self.watch, self.journal.note_last_seen)
        self.message_rates = Buckets(config.message_burst, config.message_rate)
        self.lookup_rates = Buckets(max(1, config.lookup_rate), config.lookup_rate / 60)
        self.frame_rates = Buckets(config.frame_burst, BUSY_CONNECTIONS * config.frame_rate)
        self.chat_rates = Buckets(CHAT_BURST, CHAT_RATE)
        self.sync_rates = Buckets(max(1, config.sync_rate / 3), config.sync_rate / 60)
        self.typing_rates = Buckets(TYPING_BURST, TYPING_RATE)
        self._chats: dict[int, ChatState] = {}

    async def ask(
        self,
        user_id: int,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a query for a user: as Queries.ask."""
        return await self.queries.ask(user_id, query, *args, **kwargs)

    async def watch(
        self,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a query that serves everybody, which no user's queries delay: as Queries.ask."""
        return await self.logins.ask("watch", query, *args, **kwargs)

    # Who gets which frame

    def publish(self, user_ids: Iterable[int], event: Any, but: Iterable[object] = ()) -> None:
        """Send an event to every socket of some users, except the sockets in `but`.

        This is the one place where events leave; several ws-servers would share them behind it.
        """
        payload = b""
        for user_id in user_ids:
            for socket in self.presences.sockets_of(user_id):
                if socket not in but:
                    payload = payload or encode(event)
                    socket.post(payload)

    def announce_message(self, message: NewMessage, stored: Stored, senders: list[Sender]) -> None:
        """Tell every socket of both members of a stored message, except those that had an answer for it."""
        chat = self._chats.get(message.chat_id)
        if chat is not None:
            chat.last_seq = max(chat.last_seq, stored.seq)
        event = NewMessageFrame(
            message_id=stored.message_id,
            chat_id=message.chat_id,
            seq=stored.seq,
            sender_id=message.sender_id,
            message=message.content,
            sent_at=stored.sent_at,
        )
        self.publish((message.receiver_id,), event)
        event.client_id = message.client_id
        self.publish((message.sender_id,), event, but=[sender.socket for sender in senders])

    async def announce_receipt(
        self, chat: ChatState, user_id: int, seqs: tuple[int, int], origin: ClientSocket
    ) -> None:
        """Move a member's (delivered, read) forward, tell every other socket of both, and have them stored.

        The other member hears nothing across a block, and nothing of reading unless both share receipts.
        """
        partner = await self.presences.find_partner(user_id, chat.other(user_id))
        read = max(seqs[1], chat.read[user_id])
        delivered = max(seqs[0], read, chat.delivered[user_id])
        if (delivered, read) == (chat.delivered[user_id], chat.read[user_id]):
            return
        is_delivery = delivered > chat.delivered[user_id]
        chat.delivered[user_id], chat.read[user_id] = delivered, read
        own = ReceiptFrame(chat_id=chat.id, user_id=user_id, delivered_seq=delivered, read_seq=read)
        self.publish((user_id,), own, but=(origin,))
        shows_delivery = partner is None or not (partner.is_blocked or partner.is_deleted)
        shows_reading = shows_delivery and (partner is None or partner.shares_receipts)
        if shows_reading or (shows_delivery and is_delivery):
            shown = msgspec.structs.replace(own, read_seq=read if shows_reading else None)
            self.publish((chat.other(user_id),), shown)
        shown_seqs = delivered if shows_delivery else 0, read if shows_reading else 0
        self.journal.note_receipt(Receipt(chat.id, user_id, delivered, read, *shown_seqs))

    # Chats in use

    async def find_chat(self, chat_id: int, member_id: int, at_least: int = 0) -> ChatState | None:
        """Return a chat through one of its members, None for anybody else.

        Where a client names a `seq` beyond what this process knows (`at_least`), the database is asked again:
        another process may have written. Raises Refusal where a member makes it ask very often.
        """
        chat = self._chats.get(chat_id)
        if chat is not None and member_id not in chat.members:
            return None
        if chat is None or chat.last_seq < at_least:
            wait = self.chat_rates.take(member_id)
            if wait:
                raise slow_down(wait, chat_id=chat_id)
            found = await self.ask(member_id, find_chat_state, chat_id, member_id)
            if found is None:
                return None
            chat = self._keep_chat(found)
        return chat

    def _keep_chat(self, found: ChatState) -> ChatState:
        """Put a chat as read from the database into memory; what memory knows already may be newer."""
        chat = self._chats.get(found.id)
        if chat is None:
            if len(self._chats) >= MAX_CHATS:
                del self._chats[next(iter(self._chats))]
            self._chats[found.id] = found
            return found
        chat.last_seq = max(chat.last_seq, found.last_seq)
        for user_id in chat.members:
            chat.delivered[user_id] = max(chat.delivered[user_id], found.delivered[user_id])
            chat.read[user_id] = max(chat.read[user_id], found.read[user_id])
        return chat

    # The process

    def start(self) -> list[asyncio.Task[None]]:
        return self.journal.start()

    async def stop(self) -> None:
        """Write what waits and answer everybody; the caller closes the sockets."""
        self.presences.stop()
        await self.journal.stop()
