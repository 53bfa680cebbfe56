"""`edit_message`, `delete_message`, `react`: who may change what; the journal of changes makes them and answers."""

from __future__ import annotations

from typing import TypedDict

from chat_db.change_rows import is_made
from chat_db.changes import Change, Delete, Edit, React

from ..change_journal import ChangeJournal
from ..chats import Chats
from ..client import Client
from ..emoji import is_emoji
from ..limits import Buckets
from ..presence import Presences
from ..protocol import AnyChange, DeleteMessage, EditMessage, clean_message, parse_id
from ..queries import Queries
from ..refusals import Refusal, no_way_to, not_changed, slow_down


class Which(TypedDict):
    """Which message is to be changed, by whom, under which name."""

    chat_id: int
    seq: int
    user_id: int
    client_id: str


class ChangeHandler:
    def __init__(
        self, chats: Chats, presences: Presences, journal: ChangeJournal, queries: Queries, rates: Buckets
    ) -> None:
        self._chats = chats
        self._presences = presences
        self._journal = journal
        self._queries = queries
        self._rates = rates

    def make_at_once(self, client: Client, frame: AnyChange) -> bool:
        """Submit a change that may be made as far as memory knows; else do nothing, say so or raise Refusal."""
        user_id = client.user_id
        chat = self._chats.find(parse_id(frame.chat_id), user_id)
        if chat is None:
            return False
        partner = self._presences.known_partner(user_id, chat.other(user_id))
        if partner is None or partner.is_apart:
            return False
        change = read_change(user_id, frame)
        if self._rates.take(user_id):
            return False
        self._journal.submit(change, client)
        return True

    async def make(self, client: Client, frame: AnyChange) -> None:
        """Submit a change; it is answered when its fate is known. The limit is that of messages."""
        change = read_change(client.user_id, frame)
        chat = await self._chats.get(change.chat_id, change.user_id)
        wait = self._rates.take(change.user_id)
        if wait:
            raise slow_down(wait)
        refusal = await self._refusal_of(change, chat.other(change.user_id))
        if refusal is not None:
            change.tells_other = False
            if not isinstance(change, Delete) and not await self._is_made(change):
                raise refusal
        self._journal.submit(change, client)

    async def _refusal_of(self, change: Change, other_id: int) -> Refusal | None:
        """Return why nothing may reach the other member, if so. Deleting one's own is possible all the same."""
        partner = await self._presences.find_partner(change.user_id, other_id)
        return None if partner is None or not partner.is_apart else no_way_to(partner)

    async def _is_made(self, change: Change) -> bool:
        """Say whether a change is one that is sent again, which is answered whatever has happened since."""
        if self._journal.is_pending(change.user_id, change.client_id):
            return True
        made: bool = await self._queries.ask(change.user_id, is_made, change)
        return made


def read_change(user_id: int, frame: AnyChange) -> Change:
    """Return the change that a frame asks for. Raises Refusal where its text or its emoji is none."""
    which = Which(chat_id=parse_id(frame.chat_id), seq=frame.seq, user_id=user_id, client_id=frame.client_id)
    if isinstance(frame, DeleteMessage):
        return Delete(**which)
    if isinstance(frame, EditMessage):
        return Edit(content=clean_message(frame.message, may_be_empty=True), base=frame.base, **which)
    if frame.emoji is not None and not is_emoji(frame.emoji):
        raise not_changed("bad_reaction", frame.client_id, which["chat_id"])
    return React(emoji=frame.emoji, **which)
