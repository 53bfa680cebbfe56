"""`set_chat` and `clear_chat`: what a member chooses for themselves, on all of their devices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from chat_db.chat_lists import ChatSummary
from chat_db.chat_settings import ChatSettings, clear_chat, set_chat

from ..chats import Chats
from ..client import Client
from ..hub import Hub
from ..limits import Buckets
from ..protocol import ClearChat, SetChat, parse_id
from ..queries import Queries
from ..refusals import Refusal, no_such_chat, slow_down


class ChatSettingsHandler:
    def __init__(self, chats: Chats, hub: Hub, queries: Queries, rates: Buckets) -> None:
        self._chats = chats
        self._hub = hub
        self._queries = queries
        self._rates = rates

    async def set(self, client: Client, frame: SetChat) -> None:
        chat_id = parse_id(frame.chat_id)
        settings = settings_of(frame)
        await self._chats.get(chat_id, client.user_id)
        await self._settle(client, chat_id, set_chat, settings)

    async def clear(self, client: Client, frame: ClearChat) -> None:
        """What lies beyond the last message is the last message."""
        chat = await self._chats.get(parse_id(frame.chat_id), client.user_id, at_least=frame.seq)
        await self._settle(client, chat.id, clear_chat, min(frame.seq, chat.last_seq))

    async def _settle(
        self, client: Client, chat_id: int, query: Callable[..., ChatSummary | None], value: object
    ) -> None:
        user_id = client.user_id
        wait = self._rates.take(user_id)
        if wait:
            raise slow_down(wait)
        try:
            chat = await self._queries.ask(user_id, query, chat_id, user_id, value)
        finally:  # it may have been set whatever became of the answer
            self._chats.note_settled(chat_id, user_id)
        if chat is None:
            raise no_such_chat(chat_id=chat_id)
        self._hub.publish_settled(user_id, chat, client.socket)


def settings_of(frame: SetChat) -> ChatSettings:
    """Return what a frame sets. Raises Refusal where an instant in UTC lies beyond the calendar."""
    until = frame.muted_until
    try:
        return ChatSettings(
            until.astimezone(UTC) if isinstance(until, datetime) else until, frame.pinned, frame.archived
        )
    except OverflowError:
        raise Refusal("bad_frame", "muted_until is beyond the year 9999.") from None
