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
from ..protocol import AnyChange, DeleteMessage, EditMessage, ReactToMessage, clean_message, parse_id
from ..queries import Queries
from ..refusals import Refusal, no_such_user, not_changed, not_delivered, slow_down


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

    async def edit(self, client: Client, frame: EditMessage) -> None:
        which = which_of(client, frame)
        try:
            text = clean_message(frame.message)
        except Refusal as refusal:
            refusal.chat_id = which["chat_id"]
            raise
        await self._submit(client, Edit(content=text, base=frame.base, **which))

    async def delete(self, client: Client, frame: DeleteMessage) -> None:
        await self._submit(client, Delete(**which_of(client, frame)))

    async def react(self, client: Client, frame: ReactToMessage) -> None:
        which = which_of(client, frame)
        if frame.emoji is not None and not is_emoji(frame.emoji):
            raise not_changed("bad_reaction", frame.client_id, which["chat_id"])
        await self._submit(client, React(emoji=frame.emoji, **which))

    async def _submit(self, client: Client, change: Change) -> None:
        """Submit a change; it is answered when its fate is known. The limit is that of messages."""
        chat = await self._chats.get(change.chat_id, change.user_id)
        wait = self._rates.take(change.user_id)
        if wait:
            raise slow_down(wait, chat_id=chat.id)
        refusal = await self._refusal_of(change, chat.other(change.user_id))
        if refusal is not None:
            change.tells_other = False
            if not isinstance(change, Delete) and not await self._is_made(change):
                raise refusal
        self._journal.submit(change, client)

    async def _refusal_of(self, change: Change, other_id: int) -> Refusal | None:
        """Return why nothing may reach the other member, if so. Deleting one's own is possible all the same."""
        partner = await self._presences.find_partner(change.user_id, other_id)
        if partner is None or not (partner.is_deleted or partner.is_blocked):
            return None
        return no_such_user(change.chat_id) if partner.is_deleted else not_delivered(change.chat_id)

    async def _is_made(self, change: Change) -> bool:
        """Say whether a change is one that is sent again, which is answered whatever has happened since."""
        if self._journal.is_pending(change.user_id, change.client_id):
            return True
        made: bool = await self._queries.ask(change.user_id, is_made, change)
        return made


def which_of(client: Client, frame: AnyChange) -> Which:
    return Which(chat_id=parse_id(frame.chat_id), seq=frame.seq, user_id=client.user_id, client_id=frame.client_id)
