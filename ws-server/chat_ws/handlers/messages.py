"""`send_message`: who may say what to whom; the journal stores and answers."""

from __future__ import annotations

import uuid

from chat_db.chats import ChatState
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage, is_stored
from chat_db.quotes import Quote
from chat_db.quoting import find_quotes

from ..chats import Chats
from ..client import Client
from ..limits import Buckets
from ..message_journal import MessageJournal
from ..presence import Presences
from ..protocol import SendMessage, clean_message, parse_files, parse_id
from ..queries import Queries
from ..refusals import Refusal, no_way_to, slow_down


class MessageHandler:
    def __init__(
        self,
        chats: Chats,
        presences: Presences,
        journal: MessageJournal,
        queries: Queries,
        ring: KeyRing,
        rates: Buckets,
    ) -> None:
        self._chats = chats
        self._presences = presences
        self._journal = journal
        self._queries = queries
        self._ring = ring
        self._rates = rates

    def send_at_once(self, client: Client, frame: SendMessage) -> bool:
        """Submit a message that may be sent as far as memory knows; else do nothing, say so or raise Refusal."""
        user_id = client.user_id
        chat = self._chats.find(parse_id(frame.chat_id), user_id)
        if chat is None:
            return False
        partner = self._presences.known_partner(user_id, chat.other(user_id))
        if partner is None or partner.is_apart:
            return False
        text, files = read_message(frame)
        check_names(frame, user_id, chat.other(user_id))
        if frame.reply_to_seq is not None or self._rates.take(user_id):
            return False
        self._submit(client, frame, chat, text, files)
        return True

    async def send(self, client: Client, frame: SendMessage) -> None:
        """Submit a message; it is answered when its fate is known."""
        text, files = read_message(frame)
        user_id = client.user_id
        chat = await self._chats.get(parse_id(frame.chat_id), user_id)
        check_names(frame, user_id, chat.other(user_id))
        wait = self._rates.take(user_id)
        if wait:
            raise slow_down(wait)
        await self._check_partner(user_id, chat, frame.client_id)
        self._submit(client, frame, chat, text, files, await self._find_quotes(user_id, chat, frame))

    def _submit(
        self,
        client: Client,
        frame: SendMessage,
        chat: ChatState,
        text: str,
        files: tuple[int, ...],
        quotes: dict[int, Quote] | None = None,
    ) -> None:
        user_id, client_id = client.user_id, frame.client_id or str(uuid.uuid4())
        message = NewMessage(chat.id, user_id, chat.other(user_id), client_id, text, last_seq=chat.remembered_seq())
        message.files = files
        if quotes:
            message.reply_to_seq, message.quotes = frame.reply_to_seq, quotes
        self._journal.submit(message, client)

    async def _find_quotes(self, user_id: int, chat: ChatState, frame: SendMessage) -> dict[int, Quote] | None:
        """Return what a message answers, as its two readers see it."""
        if frame.reply_to_seq is None:
            return None
        quotes: dict[int, Quote] | None = await self._queries.ask(
            user_id, find_quotes, self._ring, chat.id, user_id, frame.reply_to_seq
        )
        if quotes is None and not await self._is_resent(user_id, frame.client_id):
            raise Refusal("no_such_message", "There is no such message to reply to.", chat_id=chat.id)
        return quotes

    async def _check_partner(self, user_id: int, chat: ChatState, client_id: str | None) -> None:
        partner = await self._presences.find_partner(user_id, chat.other(user_id))
        if partner is None or not partner.is_apart:
            return
        if await self._is_resent(user_id, client_id):
            return
        raise no_way_to(partner)

    async def _is_resent(self, user_id: int, client_id: str | None) -> bool:
        """Say whether a message was stored before, and hears so."""
        if client_id is None:
            return False
        if self._journal.is_pending(user_id, client_id):
            return True
        stored: bool = await self._queries.ask(user_id, is_stored, user_id, client_id)
        return stored


def read_message(frame: SendMessage) -> tuple[str, tuple[int, ...]]:
    """Return the text and the files of a message. Raises Refusal where it has neither, or they are none."""
    files = parse_files(frame.files) if frame.files else ()
    return clean_message(frame.message, may_be_empty=bool(files)), files


def check_names(frame: SendMessage, user_id: int, other_id: int) -> None:
    """The prototype's page names sender and receiver; who sends is who authenticated, whatever it says."""
    sender = parse_id(frame.sender_id) if frame.sender_id is not None else user_id
    receiver = parse_id(frame.receiver_id) if frame.receiver_id is not None else other_id
    if (sender, receiver) != (user_id, other_id):
        raise Refusal("forbidden", "You can only write as yourself, to the other member.")
