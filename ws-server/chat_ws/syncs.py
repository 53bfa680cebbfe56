"""What does a client lack? Its `sync` frames, answered one after another in tasks of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import UNSET

from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.message_pages import list_messages

from .protocol import SyncChat, SyncDone, encode

if TYPE_CHECKING:
    from .hub import Hub
    from .socket import ClientSocket

SYNC_MESSAGES = 100  # in one sync_chat
MAX_SYNCS = 4  # that may wait for one another on one connection


class Syncs:
    """The `sync` frames of one connection: a large answer to a slow reader does not stop its other frames.

    `answer_failure` is told of what went wrong, for the client to hear of.
    """

    def __init__(self, hub: Hub, socket: ClientSocket, answer_failure: Callable[[Exception], None]) -> None:
        self._hub = hub
        self._socket = socket
        self._answer_failure = answer_failure
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= MAX_SYNCS

    def start(self, user_id: int, held: dict[int, int]) -> None:
        """Answer a client that holds so much: `{chat_id: seq}`, all messages up to and including that one."""
        task = asyncio.create_task(self._answer(user_id, held))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _answer(self, user_id: int, held: dict[int, int]) -> None:
        async with self._turn:
            try:
                await self._hub.journal.notes_tried()
                chats = await self._hub.ask(user_id, list_chats, user_id)
                pages = [await self._send_page(user_id, chat, held.get(chat.id, 0)) for chat in chats]
                if any(pages):  # what was stored meanwhile belongs into the answer that says "you hold everything"
                    chats = await self._hub.ask(user_id, list_chats, user_id)
                self._socket.post(encode(SyncDone(chats)))
            except Exception as error:  # noqa: BLE001  # logged where it becomes an answer
                self._answer_failure(error)

    async def _send_page(self, user_id: int, chat: ChatSummary, held: int) -> bool:
        """Send what is lacking of one chat, a page at most; say whether something was."""
        reset = held > chat.last_seq
        after = 0 if reset else held
        if after == chat.last_seq and not reset:
            return False
        page = await self._hub.ask(
            user_id, list_messages, self._hub.ring, chat.id, user_id, SYNC_MESSAGES, after_seq=after
        )
        if page is None:  # deleted meanwhile
            return False
        messages, more = page
        self._socket.post(encode(SyncChat(chat, messages, more, reset=reset or UNSET)))
        await self._socket.drained()
        return True
