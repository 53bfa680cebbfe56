"""When do messages go that nobody is to see any more? Looked for again and again, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from chat_db import Database, QueryFailed
from chat_db.connection import clock_difference
from chat_db.expiry import Purged, delete_old_changes, find_due, purge_piece

from .chats import Chats
from .events import PurgedFrame
from .hub import Hub
from .watches import repeat

log = logging.getLogger("chatapp.purges")

CLOCKS_AGREE = 300  # seconds that they may differ: where one has jumped, everything would look old
PAUSE = 0.02  # seconds between two pieces, for whoever waits for the chat


class Purges:
    """Several processes may do this: each piece is deleted by one of them, which tells its own sockets."""

    def __init__(self, database: Database, chats: Chats, hub: Hub, every: float) -> None:
        self._database = database
        self._chats = chats
        self._hub = hub
        self._every = every
        self._thread = ThreadPoolExecutor(1, "purges")
        self._is_stopping = False

    async def run(self) -> None:
        """Look every so many seconds, until cancelled."""
        await repeat(self._look, self._every)

    def stop(self) -> None:
        """End after the piece that is being deleted."""
        self._is_stopping = True

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._purge, loop)

    def _purge(self, loop: asyncio.AbstractEventLoop) -> None:
        ahead = self._database.run(clock_difference)
        if abs(ahead) > CLOCKS_AGREE:
            log.warning("event=clocks_differ database_ahead=%d seconds: no message is purged", ahead)
            return
        now = datetime.now(UTC)
        for chat_id in self._database.run(find_due, now):
            try:
                self._purge_chat(loop, chat_id, now)
            except QueryFailed as error:  # it takes no other chat along
                log.error("event=purge_failed chat=%d code=%d", chat_id, error.code)
        while not self._is_stopping and self._database.run(delete_old_changes, now):
            time.sleep(PAUSE)

    def _purge_chat(self, loop: asyncio.AbstractEventLoop, chat_id: int, now: datetime) -> None:
        while not self._is_stopping:
            purged = self._database.run(purge_piece, chat_id, now)
            if purged is None:
                return
            loop.call_soon_threadsafe(self._tell, purged)
            if not purged.more:
                return
            time.sleep(PAUSE)

    def _tell(self, purged: Purged) -> None:
        """Tell those for whom something is gone. What both have cleared goes without a word, which would tell each that
        the other one has."""
        for user_id in purged.readers:
            self._chats.note_settled(purged.chat_id, user_id)
        self._hub.publish_to_knowing(purged.readers, PurgedFrame(purged.chat_id, purged.up_to))
