"""How are receipts and last-seen times stored? Soon, many in one transaction, and beside the messages, not before them.

They may be late and are told to everybody without the database, so nothing waits for them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from chat_db import Database, DatabaseUnavailable
from chat_db.chats import Receipt, save_receipts
from chat_db.users import save_last_seen

from .tasks import wait_while

log = logging.getLogger("chatapp.journal")

NOTES_EVERY = 0.25  # seconds between two writings
STOP_SECONDS = 4.0  # for the last ones, while the process is stopping
NOTES_AGAIN = 1.0  # seconds until notes that could not be written are tried again …
NOTES_PATIENCE = 60.0  # … and how long, where the database is there but objects to them


class Notes:
    """Takes receipts and last-seen times; of each member and chat, and of each user, only the latest counts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "notes")
        self._receipts: dict[tuple[int, int], Receipt] = {}
        self._last_seen: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._due = 0.0
        self._waiters: list[asyncio.Future[None]] = []
        self._fail_since: float | None = None
        self._is_writing = False

    @property
    def is_empty(self) -> bool:
        """Say whether everything noted has been written, or given up."""
        return not (self._receipts or self._last_seen or self._is_writing)

    def note_receipt(self, receipt: Receipt) -> None:
        """Have a receipt written soon."""
        key = (receipt.chat_id, receipt.user_id)
        known = self._receipts.get(key)
        if known is not None:
            receipt = receipt.joined_with(known)
        self._receipts[key] = receipt
        self._wake.set()

    def note_last_seen(self, user_id: int, at: str) -> None:
        """Have the time written soon at which a user was last here (UTC, as the database stores it)."""
        self._last_seen[user_id] = at
        self._wake.set()

    async def flush(self) -> None:
        """Have what is noted written now, so that a query after this sees it; it may fail as any writing may."""
        if not self.is_empty:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            self._due = 0.0
            self._wake.set()
            await waiter

    async def stop(self) -> None:
        """Write what is noted, for 4 s at most."""
        self._due = 0.0
        self._wake.set()
        latest = time.monotonic() + STOP_SECONDS
        await wait_while(lambda: not self.is_empty, latest)

    async def run(self) -> None:
        """Write what is noted, until cancelled."""
        while True:
            await self._wait()
            await self._write()

    async def _wait(self) -> None:
        """Sleep until there are notes, and they are due."""
        while True:
            self._wake.clear()
            pause = self._due - time.monotonic()
            if not (self._receipts or self._last_seen or self._waiters):
                await self._wake.wait()
            elif pause <= 0:
                return
            else:
                try:
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                except TimeoutError:
                    return

    async def _write(self) -> None:
        receipts, self._receipts = self._receipts, {}
        last_seen, self._last_seen = self._last_seen, {}
        waiters, self._waiters = self._waiters, []
        self._due = time.monotonic() + NOTES_EVERY
        self._is_writing = True
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._save, list(receipts.values()), last_seen)
            self._fail_since = None
        except Exception as error:  # noqa: BLE001  # logged in _are_worth_keeping
            if self._are_worth_keeping(error):
                self._due = time.monotonic() + NOTES_AGAIN
                self._last_seen = {**last_seen, **self._last_seen}
                for receipt in receipts.values():
                    self.note_receipt(receipt)
        finally:
            self._is_writing = False
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _are_worth_keeping(self, error: Exception) -> bool:
        """Say whether notes that could not be written are tried again. An outage ends some time; what the database
        objects to may be a table that a restore brings back soon, or a note that stands in the way of all others."""
        if isinstance(error, DatabaseUnavailable):
            return True
        now = time.monotonic()
        if self._fail_since is None:
            self._fail_since = now
            log.error("event=notes_failed", exc_info=error)
        if now - self._fail_since < NOTES_PATIENCE:
            return True
        log.error("event=notes_dropped error=%r", type(error).__name__)
        self._fail_since = None
        return False

    def _save(self, receipts: Iterable[Receipt], last_seen: dict[int, str]) -> None:
        self._database.run(save_receipts, receipts)
        self._database.run(save_last_seen, last_seen)
