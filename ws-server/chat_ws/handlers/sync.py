"""`sync`: which messages does a client lack, and which changes of those that it has?"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from chat_db.changed_messages import Changes, list_changed
from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.encryption import KeyRing
from chat_db.installation import find_epoch
from chat_db.message_pages import Page, list_messages

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
LISTS_AGAIN = 5  # times that what has been overtaken of a list is read again …
FEW_CHATS = 200  # … where it is no more than these; else all of it


class Held(NamedTuple):
    """Of a chat, a client holds all messages up to `seq`, and all changes of these up to `change_seq`."""

    seq: int = 0
    change_seq: int = 0


class Known(NamedTuple):
    """What a list is sent with: what is held by a client that knows no floors, and the epoch for one that does."""

    held: dict[int, Held]
    epoch: str | UnsetType = UNSET


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
        held = {
            parse_id(chat_id): Held(numbers) if isinstance(numbers, int) else Held(*numbers)
            for chat_id, numbers in frame.chats.items()
        }
        if client.tasks.is_full:
            raise slow_down(1.0)
        wait = self._rates.take(client.user_id)
        if wait:
            raise slow_down(wait)
        client.tasks.start(lambda: self._answer(client, held, frame.only))

    async def _answer(self, client: Client, held: dict[int, Held], only: bool) -> None:
        """Answer a client that holds so much of each chat."""
        user_id = client.user_id
        await self._notes.flush()
        settlings = self._chats.settlings
        chats = await self._queries.ask(user_id, list_chats, user_id)
        for chat in chats:
            if not only or chat.id in held:
                await self._send_chat(client, chat, held.get(chat.id, Held()))
        known = Known(held)
        if client.socket.knows_changes:  # after the list: it is never of a later epoch than it says
            epoch = await self._queries.ask(user_id, find_epoch)
            known = Known({}, epoch or UNSET)
        await self._send_list(client, chats, settlings, only, known)

    async def _send_list(
        self, client: Client, chats: list[ChatSummary], settlings: int, only: bool, known: Known
    ) -> None:
        """Send `sync_done`, in parts for who sent `only`. What changes while a slow reader takes some of them comes
        again in the last ones, which nothing overtakes. `settlings`: how many the list knows of."""
        sent: dict[int, ChatSummary] = {}
        for part in list(in_parts(chats))[:-1] if only else ():
            client.socket.send_soon(encode(SyncDone(as_known(client, part, known.held), True, known.epoch)))
            await client.socket.drain()
            sent.update((chat.id, chat) for chat in part)
        for _ in range(LISTS_AGAIN):
            overtaken = self._find_overtaken(client.user_id, chats, settlings)
            if not overtaken:
                break
            settlings = self._chats.settlings
            wanted = overtaken if len(overtaken) <= FEW_CHATS else None
            found = await self._queries.ask(client.user_id, list_chats, client.user_id, wanted)
            chats = renew(chats, found, overtaken) if wanted else found
        rest = [chat for chat in chats if sent.get(chat.id) != chat]
        parts = list(in_parts(rest)) if only else [rest]
        for index, part in enumerate(parts, 1):
            done = SyncDone(as_known(client, part, known.held), index < len(parts) or UNSET, known.epoch)
            client.socket.send_soon(encode(done))
        await client.socket.drain()

    def _find_overtaken(self, user_id: int, chats: list[ChatSummary], settlings: int) -> set[int]:
        """Return the chats of which the client was told something live while a list was on its way and its pages were
        sent: the list would undo a new chat, a block, a message or what was set."""
        listed = {chat.id: ChangedChat(chat.id, chat.other_user, chat.blocked) for chat in chats}
        told = self._presences.chats_of(user_id)
        overtaken = {chat_id for chat_id in listed.keys() | told.keys() if listed.get(chat_id) != told.get(chat_id)}
        overtaken |= self._chats.settled_after(user_id, settlings)
        return overtaken | {chat.id for chat in chats if self._chats.last_seq_of(chat.id) > chat.last_seq}

    async def _send_chat(self, client: Client, chat: ChatSummary, held: Held) -> None:
        """Send what is lacking of one chat, a page of each kind at most."""
        if not client.socket.knows_changes:
            await self._send_messages(client, chat, held.seq)
        elif held.seq > chat.last_seq or held.change_seq > chat.change_seq or held.seq < chat.floor:
            await self._send_anew(client, chat)
        else:
            await self._send_changes(client, chat, held)

    async def _send_messages(self, client: Client, chat: ChatSummary, held: int) -> None:
        """Send the next messages to a client that knows no changes; nothing where it would miss some for ever."""
        reset = held > chat.last_seq
        after = 0 if reset else held
        if after < chat.floor or (after == chat.last_seq and not reset):
            return
        page = await self._read(client, chat, after_seq=after)
        if page is None or (page.messages and page.messages[0].seq > after + 1):  # purged since the list was read
            return
        self._send(client, SyncChat(chat, page.messages, page.more, reset=reset or UNSET))
        await client.socket.drain()

    async def _send_anew(self, client: Client, chat: ChatSummary) -> None:
        page = await self._read(client, chat)
        if page is not None:
            self._send(client, SyncChat(chat, page.messages, False, True, change_seq=page.change_seq))
            await client.socket.drain()

    async def _send_changes(self, client: Client, chat: ChatSummary, held: Held) -> None:
        """Send the changes that are lacking, then the next messages. Of both together the client holds what the changes
        reach: a message that came with its page may have changed later than the older ones were looked at."""
        reached, last_seq = held.change_seq, chat.last_seq
        if held.seq and reached < chat.change_seq:
            changes: Changes | None = await self._queries.ask(
                client.user_id, list_changed, self._ring, chat.id, client.user_id, held.seq, reached
            )
            if changes is None:
                await self._send_anew(client, chat)
                return
            reached = changes.change_seq
            # What was purged since the list was read is not among the changes, and the client must hear so with them.
            chat = msgspec.structs.replace(chat, floor=max(chat.floor, changes.floor))
            frame = SyncChat(chat, [], changes.more, changes=changes.messages, change_seq=reached)
            self._send(client, frame)
            await client.socket.drain()
            if changes.more:
                return
            last_seq = changes.last_seq  # a message that came meanwhile may have changed, too: it is not among them
        if held.seq < last_seq:
            page = await self._read(client, chat, after_seq=held.seq)
            if page is not None:
                reached = min(reached, page.change_seq) if held.seq else page.change_seq
                self._send(client, SyncChat(chat, page.messages, page.more, change_seq=reached))
                await client.socket.drain()

    async def _read(self, client: Client, chat: ChatSummary, after_seq: int | None = None) -> Page | None:
        """Return the messages after a `seq`, or the latest; None where the chat was deleted meanwhile."""
        page: Page | None = await self._queries.ask(
            client.user_id, list_messages, self._ring, chat.id, client.user_id, SYNC_MESSAGES, after_seq=after_seq
        )
        return page

    def _send(self, client: Client, frame: SyncChat) -> None:
        client.socket.send_soon(encode(frame))


def as_known(client: Client, chats: list[ChatSummary], held: dict[int, Held]) -> list[ChatSummary]:
    """Return chats as their client can know them: one that knows no floors would ask for ever for what lies below."""
    if client.socket.knows_changes:
        return chats
    return [
        msgspec.structs.replace(chat, last_seq=known)
        if (known := min(held.get(chat.id, Held()).seq, chat.last_seq)) < chat.floor
        else chat
        for chat in chats
    ]


def renew(chats: list[ChatSummary], found: list[ChatSummary], wanted: set[int]) -> list[ChatSummary]:
    """Return a list with what was found of the `wanted` chats; those with new messages, and new ones, come first."""
    last_seqs = {chat.id: chat.last_seq for chat in chats}
    first = [chat for chat in found if chat.last_seq > last_seqs.get(chat.id, -1)]
    renewed = {chat.id: chat for chat in found} | dict.fromkeys((chat.id for chat in first), None)
    others = (renewed.get(chat.id, None if chat.id in wanted else chat) for chat in chats)
    return first + [chat for chat in others if chat is not None]
