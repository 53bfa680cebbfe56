"""Who is online, on which sockets, and who gets which frame?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec import UNSET

from chat_db import Database, DatabaseUnavailable
from chat_db.chats import ChatState, Receipt, find_chat_state, find_partners
from chat_db.connection import Connection, rfc3339, utc_now
from chat_db.messages import NewMessage

from .config import Config
from .journal import Journal, Sender
from .limits import Buckets
from .protocol import NewMessageFrame, Presence, ReceiptFrame, encode
from .socket import ClientSocket
from .writer import Stored

log = logging.getLogger("chatapp.hub")

OFFLINE_GRACE = 5.0  # seconds without a socket before a user is shown as offline: a reload does not flicker
MAX_CHATS = 50_000  # kept in memory
QUERY_THREADS = 4

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Online:
    """A user with at least one socket, or without one for less than the grace."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.sockets: set[ClientSocket] = set()
        self.partners: set[int] = set()
        self.is_announced = False
        self.left_at = ""
        self.leaving: asyncio.TimerHandle | None = None


class Hub:
    """Everything the connections of one process share: users online, chats in use, the journal, limits."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.database = Database(config.database, idle=QUERY_THREADS)
        self.journal = Journal(self.database, self.announce_message)
        self.message_rates = Buckets(config.message_burst, config.message_rate)
        self.lookup_rates = Buckets(max(1, config.lookup_rate), config.lookup_rate / 60)
        self._threads = ThreadPoolExecutor(QUERY_THREADS, "query")
        self._online: dict[int, Online] = {}
        self._chats: dict[int, ChatState] = {}
        self._is_stopping = False

    async def ask(
        self,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a query of `chat_db` without blocking the loop. Raises DatabaseUnavailable."""

        def run() -> Result:
            return self.database.run(query, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    # Who gets which frame

    def publish(self, user_ids: Iterable[int], event: Any, but: Iterable[object] = ()) -> None:
        """Send an event to every socket of some users, except the sockets in `but`.

        This is the one place where events leave; several ws-servers would share them behind it.
        """
        payload = b""
        for user_id in user_ids:
            online = self._online.get(user_id)
            if online is None:
                continue
            for socket in online.sockets:
                if socket not in but:
                    payload = payload or encode(event)
                    socket.post(payload)

    def announce_message(self, message: NewMessage, stored: Stored, senders: list[Sender]) -> None:
        """Tell every socket of both members of a stored message, except those that had an answer for it."""
        chat = self._chats.get(message.chat_id)
        if chat is None:  # pushed out of memory meanwhile; whoever is online finds it with `sync`
            return
        chat.last_seq = max(chat.last_seq, stored.seq)
        event = NewMessageFrame(
            message_id=stored.message_id,
            chat_id=message.chat_id,
            seq=stored.seq,
            sender_id=message.sender_id,
            message=message.content,
            sent_at=stored.sent_at,
        )
        self.publish((chat.other(message.sender_id),), event)
        sender = self._online.get(message.sender_id)
        answered = [answer.socket for answer in senders if hasattr(answer, "socket")]
        if sender is not None and not sender.sockets.issubset(answered):
            event.client_id = message.client_id
            self.publish((message.sender_id,), event, but=answered)
            event.client_id = UNSET

    def announce_receipt(self, chat: ChatState, user_id: int, delivered: int, read: int, origin: ClientSocket) -> None:
        """Move a member's receipts forward, tell every other socket of both, and have them stored."""
        delivered = max(delivered, read, chat.delivered[user_id])
        read = max(read, chat.read[user_id])
        if (delivered, read) == (chat.delivered[user_id], chat.read[user_id]):
            return
        chat.delivered[user_id], chat.read[user_id] = delivered, read
        event = ReceiptFrame(chat_id=chat.id, user_id=user_id, delivered_seq=delivered, read_seq=read)
        self.publish((chat.user1_id, chat.user2_id), event, but=(origin,))
        self.journal.note_receipt(Receipt(chat.id, user_id == chat.user1_id, delivered, read))

    # Chats in use

    async def find_chat(self, chat_id: int, member_id: int, at_least: int = 0) -> ChatState | None:
        """Return a chat through one of its members, None for anybody else.

        Where a client names a `seq` beyond what this process knows (`at_least`), the database is asked again:
        another process may have written.
        """
        chat = self._chats.get(chat_id)
        if chat is not None and member_id not in (chat.user1_id, chat.user2_id):
            return None
        if chat is None or chat.last_seq < at_least:
            found = await self.ask(find_chat_state, chat_id, member_id)
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
        for user_id in (chat.user1_id, chat.user2_id):
            chat.delivered[user_id] = max(chat.delivered[user_id], found.delivered[user_id])
            chat.read[user_id] = max(chat.read[user_id], found.read[user_id])
        return chat

    # Who is online

    def has_room_for(self, user_id: int) -> bool:
        online = self._online.get(user_id)
        return online is None or len(online.sockets) < self.config.max_per_user

    async def enter(self, user_id: int, socket: ClientSocket) -> None:
        """Add an authenticated socket, tell it who is online, and the others that its user is."""
        online = self._online.setdefault(user_id, Online(user_id))
        online.sockets.add(socket)
        if online.leaving is not None:
            online.leaving.cancel()
            online.leaving = None
        last_seen = await self.ask(find_partners, user_id)
        online.partners |= last_seen.keys()
        for partner_id, seen in last_seen.items():
            socket.post(encode(self._presence(partner_id, seen)))
        if not online.is_announced and online.sockets:
            online.is_announced = True
            self.publish(online.partners, self._presence(user_id))

    def leave(self, user_id: int, socket: ClientSocket) -> None:
        """Remove a socket. After the grace, a user without any is offline as of now."""
        online = self._online.get(user_id)
        if online is None or socket not in online.sockets:
            return
        online.sockets.remove(socket)
        if online.sockets:
            return
        online.left_at = utc_now()
        self.journal.note_last_seen(user_id, online.left_at)
        if not self._is_stopping:
            loop = asyncio.get_running_loop()
            online.leaving = loop.call_later(OFFLINE_GRACE, self._part, online)

    def _part(self, online: Online) -> None:
        if online.sockets or self._online.get(online.user_id) is not online:
            return
        del self._online[online.user_id]
        if online.is_announced:
            event = Presence(user_id=online.user_id, online=False, last_seen=rfc3339(online.left_at))
            self.publish(online.partners, event)

    async def introduce(self, user_id: int, other_id: int) -> None:
        """Two users have a new chat, which `user_id` began: tell each whether the other is online."""
        for one, two in ((user_id, other_id), (other_id, user_id)):
            if one in self._online:
                self._online[one].partners.add(two)
        try:
            last_seen = await self.ask(find_partners, user_id)
        except DatabaseUnavailable:  # the chat is there and announced all the same
            last_seen = {}
        self.publish((user_id,), self._presence(other_id, last_seen.get(other_id)))
        self.publish((other_id,), self._presence(user_id))

    def _presence(self, user_id: int, last_seen: str | None = None) -> Presence:
        online = self._online.get(user_id)
        if online is None:
            return Presence(user_id=user_id, online=False, last_seen=last_seen)
        return Presence(user_id=user_id, online=True, last_seen=None)

    # The process

    def start(self) -> list[asyncio.Task[None]]:
        return self.journal.start()

    async def stop(self) -> None:
        """Write what waits and answer everybody; the caller closes the sockets."""
        self._is_stopping = True
        now = utc_now()
        for user_id, online in self._online.items():
            if online.sockets:
                self.journal.note_last_seen(user_id, now)
        await self.journal.stop()
