"""`set_keep`: for how long the messages of a chat are kept, for both."""

from __future__ import annotations

from chat_db.chat_settings import find_summary
from chat_db.encryption import KeyRing
from chat_db.given_seqs import GivenSeqs
from chat_db.keeping import Keep, Kept, is_kept, set_keep

from ..chats import Chats
from ..client import Client
from ..hub import Hub
from ..limits import Buckets
from ..presence import Presences
from ..protocol import SetKeep, parse_id
from ..queries import Queries
from ..refusals import no_such_chat, no_way_to, not_kept, slow_down


class KeepHandler:
    def __init__(
        self, chats: Chats, presences: Presences, hub: Hub, queries: Queries, ring: KeyRing, rates: Buckets
    ) -> None:
        self._chats = chats
        self._presences = presences
        self._hub = hub
        self._queries = queries
        self._ring = ring
        self._rates = rates
        self._told = GivenSeqs()  # notices that the sockets of this process have heard of

    async def keep(self, client: Client, frame: SetKeep) -> None:
        """Choose for both. A choice that is sent again is answered whatever has happened since."""
        user_id = client.user_id
        chat = await self._chats.get(parse_id(frame.chat_id), user_id)
        wait = self._rates.take(user_id)
        if wait:
            raise slow_down(wait)
        other_id = chat.other(user_id)
        partner = await self._presences.find_partner(user_id, other_id)
        is_apart = partner is not None and partner.is_apart
        if partner is not None and is_apart and not await self._queries.ask(user_id, is_kept, user_id, frame.client_id):
            raise no_way_to(partner)
        keep = Keep(chat.id, user_id, client.username, other_id, frame.seconds, frame.client_id)
        try:
            kept = await self._queries.ask(user_id, set_keep, self._ring, keep)
        finally:  # it may count whatever became of the answer
            for member in chat.members:
                self._chats.note_settled(chat.id, member)
        if kept is None:
            raise no_such_chat(chat_id=chat.id)
        if not isinstance(kept, Kept):
            raise not_kept(chat.id)
        await self._announce(client, keep, kept, tells_other=not is_apart)

    async def _announce(self, client: Client, keep: Keep, kept: Kept, *, tells_other: bool) -> None:
        """Show the notice to both, once, and how the chat is now; then answer.

        Each summary is read in its reader's turn, so that none is overtaken by what they set for themselves.
        """
        notice = kept.notice
        is_news = notice is not None and not self._told.includes(keep.chat_id, notice.seq)
        if notice is not None and is_news:
            self._chats.note_seq(keep.chat_id, notice.seq)
            self._hub.publish_notice(keep, notice, tells_other)
        if is_news and tells_other:
            other = await self._queries.ask(keep.other_id, find_summary, keep.chat_id, keep.other_id)
            if other is not None:
                self._hub.publish_settled(keep.other_id, other)
        own = await self._queries.ask(keep.user_id, find_summary, keep.chat_id, keep.user_id)
        if own is not None:
            self._hub.publish_settled(keep.user_id, own, client.socket, keep.client_id, only_asking=not is_news)
        if notice is not None:
            self._told.add(keep.chat_id, notice.seq)
