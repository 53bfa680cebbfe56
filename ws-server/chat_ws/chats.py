"""Which chats are in use? Their members, last `seq` and receipts, kept in memory."""

from __future__ import annotations

import time

from chat_db.chats import ChatState, find_chat_state

from .limits import Buckets
from .queries import Queries
from .refusals import no_such_chat, slow_down

LOOKUP_BURST, LOOKUP_RATE = 300, 10.0  # chats of one user that the database is asked for
MAX_CHATS = 50_000  # kept in memory
MAX_SETTLED = 10_000  # chats of members, kept for lists that are on their way


class Chats:
    """The chats of one process. What memory knows of a chat may be newer than the database, never older, but for
    what another process has written."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._lookup_rates = Buckets(LOOKUP_BURST, LOOKUP_RATE)
        self._chats: dict[int, ChatState] = {}
        self._settled: dict[tuple[int, int], int] = {}  # when something of a user's chat was last set; oldest first
        self.settlings = 0  # how often that was so

    def find(self, chat_id: int, member_id: int) -> ChatState | None:
        """Return a chat of a member that is in use, None of any other: `get` knows more."""
        chat = self._chats.get(chat_id)
        return chat if chat is not None and member_id in chat.members else None

    async def get(self, chat_id: int, member_id: int, at_least: int = 0) -> ChatState:
        """Return a chat through one of its members.

        Where a client names a `seq` beyond what this process knows (`at_least`), the database is asked again:
        another process may have written. Raises Refusal: `no_such_chat` to anybody else, `rate_limited` where a
        member makes it ask very often.
        """
        chat = self._chats.get(chat_id)
        if chat is not None and member_id not in chat.members:
            raise no_such_chat(chat_id=chat_id)
        if chat is None or chat.last_seq < at_least:
            wait = self._lookup_rates.take(member_id)
            if wait:
                raise slow_down(wait)
            found = await self._queries.ask(member_id, find_chat_state, chat_id, member_id)
            if found is None:
                raise no_such_chat(chat_id=chat_id)
            chat = self._keep(found)
        return chat

    def note_seq(self, chat_id: int, seq: int) -> None:
        """A message of a chat was stored."""
        chat = self._chats.get(chat_id)
        if chat is not None and chat.last_seq <= seq:
            chat.last_seq, chat.known_at = seq, time.monotonic()

    def last_seq_of(self, chat_id: int) -> int:
        """Return the last `seq` of a chat that is in use, as far as this process knows; 0 of another."""
        chat = self._chats.get(chat_id)
        return chat.last_seq if chat is not None else 0

    def note_settled(self, chat_id: int, user_id: int) -> None:
        """Something of a chat was set, as this member sees it."""
        self.settlings += 1
        self._settled.pop((user_id, chat_id), None)
        if len(self._settled) >= MAX_SETTLED:
            del self._settled[next(iter(self._settled))]
        self._settled[user_id, chat_id] = self.settlings

    def settled_after(self, user_id: int, settlings: int) -> set[int]:
        """Return a user's chats of which something was set after so many `settlings`."""
        if settlings == self.settlings:
            return set()
        return {chat for (user, chat), count in self._settled.items() if user == user_id and count > settlings}

    def _keep(self, found: ChatState) -> ChatState:
        """Put a chat as read from the database into memory; what memory knows already may be newer."""
        chat = self._chats.get(found.id)
        if chat is None:
            if len(self._chats) >= MAX_CHATS:
                del self._chats[next(iter(self._chats))]
            self._chats[found.id] = found
            return found
        if chat.last_seq <= found.last_seq:
            chat.last_seq, chat.known_at = found.last_seq, max(chat.known_at, found.known_at)
        for user_id in chat.members:
            chat.delivered[user_id] = max(chat.delivered[user_id], found.delivered[user_id])
            chat.read[user_id] = max(chat.read[user_id], found.read[user_id])
        return chat
