"""`add_chat`: begin a chat with another user, or find the one that is there."""

from __future__ import annotations

from chat_db import NoSuchUser
from chat_db.blocks import is_blocked
from chat_db.chats import add_chat
from chat_db.names import clean_name
from chat_db.users import User, find_user, find_user_by_id

from ..client import Client
from ..events import ChatAdded, ChatHead, encode, started_chat
from ..hub import Hub
from ..limits import Buckets
from ..presence import Presences
from ..protocol import AddChat, parse_id
from ..queries import Queries
from ..refusals import Refusal, no_such_user, not_delivered, slow_down


class ChatHandler:
    def __init__(self, hub: Hub, presences: Presences, queries: Queries, lookup_rates: Buckets) -> None:
        self._hub = hub
        self._presences = presences
        self._queries = queries
        self._lookup_rates = lookup_rates

    async def add(self, client: Client, frame: AddChat) -> None:
        """Tell both members of a new chat, and only who asked of one that was there."""
        if (frame.other_user_id is None) == (frame.username is None):
            raise Refusal("bad_frame", "Name the other user by other_user_id or by username.")
        user_id = client.user_id
        wait = self._lookup_rates.take(user_id)
        if wait:
            raise slow_down(wait)
        other = await self._find_other(user_id, frame)
        if other.id == user_id:
            raise Refusal("own_chat", "You cannot start a chat with yourself.")
        if await self._queries.ask(user_id, is_blocked, user_id, other.id):
            raise not_delivered()
        try:
            chat_id, is_new = await self._queries.ask(user_id, add_chat, user_id, other.id)
        except NoSuchUser:  # deleted just now
            raise no_such_user() from None
        await self._announce(client, chat_id, other, is_new)

    async def _find_other(self, user_id: int, frame: AddChat) -> User:
        if frame.other_user_id is not None:
            other = await self._queries.ask(user_id, find_user_by_id, parse_id(frame.other_user_id))
        else:
            name = clean_name(frame.username or "")
            other = await self._queries.ask(user_id, find_user, name) if name else None
        if other is None:
            raise no_such_user()
        return other

    async def _announce(self, client: Client, chat_id: int, other: User, is_new: bool) -> None:
        me = User(client.user_id, client.username)
        if not is_new:
            head = ChatHead(chat_id, other)
            client.socket.send_soon(encode(ChatAdded(me.id, "You have this chat already.", head, existing=True)))
            return
        for reader, partner in ((me, other), (other, me)):
            self._hub.publish((reader.id,), started_chat(me, chat_id, partner))
        await self._presences.introduce(me.id, other.id)
