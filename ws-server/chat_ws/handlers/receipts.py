"""`delivered` and `read`: how far a member has come, and what the other may know of it."""

from __future__ import annotations

import msgspec

from chat_db.chats import ChatState, Receipt

from ..chats import Chats
from ..client import Client
from ..events import ReceiptFrame
from ..hub import Hub
from ..notes import Notes
from ..presence import Presences
from ..protocol import Delivered, Read, parse_id


class ReceiptHandler:
    def __init__(self, chats: Chats, presences: Presences, hub: Hub, notes: Notes) -> None:
        self._chats = chats
        self._presences = presences
        self._hub = hub
        self._notes = notes

    async def delivered(self, client: Client, frame: Delivered) -> None:
        chat = await self._chats.get(parse_id(frame.chat_id), client.user_id, at_least=frame.seq)
        await self._move(client, chat, min(frame.seq, chat.last_seq), 0)

    async def read(self, client: Client, frame: Read) -> None:
        chat = await self._chats.get(parse_id(frame.chat_id), client.user_id, at_least=frame.seq)
        seq = min(frame.seq, chat.last_seq)
        await self._move(client, chat, seq, seq)

    async def _move(self, client: Client, chat: ChatState, delivered: int, read: int) -> None:
        """Move a member's receipts forward, tell every other socket of both members, and have them stored.

        The other member hears nothing across a block, and nothing of reading unless both share receipts.
        """
        user_id, other_id = client.user_id, chat.other(client.user_id)
        partner = await self._presences.find_partner(user_id, other_id)
        known = chat.delivered[user_id], chat.read[user_id]
        read = max(read, known[1])
        delivered = max(delivered, read, known[0])
        if (delivered, read) == known:
            return
        chat.delivered[user_id], chat.read[user_id] = delivered, read
        own = ReceiptFrame(chat_id=chat.id, user_id=user_id, delivered_seq=delivered, read_seq=read)
        self._hub.publish((user_id,), own, but=(client.socket,))
        shows_delivery = partner is None or not partner.is_apart
        shows_reading = shows_delivery and (partner is None or partner.shares_receipts)
        if shows_reading or (shows_delivery and delivered > known[0]):
            shown = msgspec.structs.replace(own, read_seq=read if shows_reading else None)
            self._hub.publish((other_id,), shown)
        shown_seqs = delivered if shows_delivery else 0, read if shows_reading else 0
        self._notes.note_receipt(Receipt(chat.id, user_id, delivered, read, *shown_seqs))
