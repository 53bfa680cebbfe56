"""`typing`: passed on, never stored."""

from __future__ import annotations

from ..chats import Chats
from ..client import Client
from ..events import TypingFrame
from ..hub import Hub
from ..limits import Buckets
from ..presence import Presences, is_visible
from ..protocol import Typing, parse_id

BURST, RATE = 20, 2.0  # of one user, whatever the settings: the page sends one in some seconds


class TypingHandler:
    def __init__(self, chats: Chats, presences: Presences, hub: Hub) -> None:
        self._chats = chats
        self._presences = presences
        self._hub = hub
        self._rates = Buckets(BURST, RATE)

    async def typing(self, client: Client, frame: Typing) -> None:
        user_id = client.user_id
        chat = await self._chats.get(parse_id(frame.chat_id), user_id)
        other_id = chat.other(user_id)
        partner = await self._presences.find_partner(user_id, other_id)
        if partner is not None and not is_visible(partner):  # typing tells that one is there
            return
        if self._rates.take(user_id):  # too much for the other; nothing that anybody misses
            return
        self._hub.publish((other_id,), TypingFrame(chat_id=chat.id, user_id=user_id, typing=frame.typing))
