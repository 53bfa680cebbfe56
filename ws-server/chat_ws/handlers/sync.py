"""`sync`: what does a client lack?"""

from __future__ import annotations

from msgspec import UNSET

from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.encryption import KeyRing
from chat_db.message_pages import list_messages

from ..chats import Chats
from ..client import Client
from ..events import ChangedChat, SyncChat, SyncDone, encode, in_parts
from ..limits import Buckets
from ..notes import Notes
from ..presence import Presences
from ..protocol import Sync, parse_id
from ..queries import Queries
from ..refusals import slow_down

SYNC_MESSAGES = 100  # in one sync_chat
LISTS_AGAIN = 2  # times that a list is read again where it has been overtaken


class SyncHandler:
    def __init__(
        self,
        chats: Chats,
        presences: Presences,
        queries: Queries,
        ring: KeyRing,
        notes: Notes,
        rates: Buckets,
    ) -> None:
        self._chats = chats
        self._presences = presences
        self._queries = queries
        self._ring = ring
        self._notes = notes
        self._rates = rates

    async def sync(self, client: Client, frame: Sync) -> None:
        """Answer in a task: a large answer to a slow reader does not stop its other frames."""
        held = {parse_id(chat_id): seq for chat_id, seq in frame.chats.items()}
        if client.tasks.is_full:
            raise slow_down(1.0)
        wait = self._rates.take(client.user_id)
        if wait:
            raise slow_down(wait)
        client.tasks.start(lambda: self._answer(client, held, frame.only))

    async def _answer(self, client: Client, held: dict[int, int], only: bool) -> None:
        """Answer a client that holds so much: `{chat_id: seq}`, all messages up to and including that one."""
        user_id = client.user_id
        await self._notes.flush()
        chats = await self._queries.ask(user_id, list_chats, user_id)
        for chat in chats:
            if not only or chat.id in held:
                await self._send_page(client, chat, held.get(chat.id, 0))
        await self._send_list(client, chats, only)

    async def _send_list(self, client: Client, chats: list[ChatSummary], only: bool) -> None:
        """Send `sync_done`, in parts for who sent `only`. What changes while a slow reader takes some of them comes
        again in the last ones, which nothing overtakes."""
        sent: dict[int, ChatSummary] = {}
        for part in list(in_parts(chats))[:-1] if only else ():
            client.socket.send_soon(encode(SyncDone(part, more=True)))
            await client.socket.drain()
            sent.update((chat.id, chat) for chat in part)
        for _ in range(LISTS_AGAIN):
            if self._is_still_true(client.user_id, chats):
                break
            chats = await self._queries.ask(client.user_id, list_chats, client.user_id)
        rest = [chat for chat in chats if sent.get(chat.id) != chat]
        parts = list(in_parts(rest)) if only else [rest]
        for index, part in enumerate(parts, 1):
            client.socket.send_soon(encode(SyncDone(part, more=index < len(parts) or UNSET)))
        await client.socket.drain()

    def _is_still_true(self, user_id: int, chats: list[ChatSummary]) -> bool:
        """Say whether a list is not older than what the client was told live while it was on its way and its pages
        were sent: else it would undo a new chat, a block or a message."""
        if any(self._chats.last_seq_of(chat.id) > chat.last_seq for chat in chats):
            return False
        listed = {chat.id: ChangedChat(chat.id, chat.other_user, chat.blocked) for chat in chats}
        return listed == self._presences.chats_of(user_id)

    async def _send_page(self, client: Client, chat: ChatSummary, held: int) -> None:
        """Send what is lacking of one chat, a page at most."""
        reset = held > chat.last_seq
        after = 0 if reset else held
        if after == chat.last_seq and not reset:
            return
        page = await self._queries.ask(
            client.user_id, list_messages, self._ring, chat.id, client.user_id, SYNC_MESSAGES, after_seq=after
        )
        if page is None:  # deleted meanwhile
            return
        messages, more = page
        client.socket.send_soon(encode(SyncChat(chat, messages, more, reset=reset or UNSET)))
        await client.socket.drain()
