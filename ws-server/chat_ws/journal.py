"""How does a message become stored, once, in order, whatever fails? The one writer: batches, commits, then answers.

One task collects whatever is waiting; one thread writes it with one INSERT and one commit; then every message of
the batch is answered. While one batch is committed the next gathers, so the slower the disk, the bigger the batches.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chat_db import Database, DatabaseUnavailable
from chat_db.chats import Receipt, save_receipts
from chat_db.messages import NewMessage
from chat_db.seal import KeyRing
from chat_db.users import save_last_seen
from chat_db.writer import Failed, Outcome, Refused, Stored, Writer

from .submission import Sender, Submission

log = logging.getLogger("chatapp.journal")

BATCH_MESSAGES = 500
BATCH_BYTES = 900_000  # of SQL; MariaDB's smallest usual max_allowed_packet is 1 MiB
ROW_BYTES = 200  # of SQL around a message's text
MAX_WAITING = 20_000  # messages
MAX_WAITING_BYTES = 32 * 1024 * 1024
WAIT_SECONDS = 10.0  # for the database, before a sender is told to try again
STOP_SECONDS = 4.0  # the same while the process is stopping
EXPIRE_EVERY = 0.25  # seconds
NOTES_EVERY = 0.25  # seconds between two writings of receipts and last-seen times
NOTES_AGAIN = 1.0  # seconds until notes that could not be written are tried again …
NOTES_PATIENCE = 60.0  # … and how long, where the database is there but objects to them
RETRY_AFTER = 2.0  # seconds; what senders are told when the database is away


class Journal:
    """Accepts messages, receipts and last-seen times; `announce(message, stored, senders)` is called once for each
    message that became stored and of which the other sockets have not heard from this process."""

    def __init__(
        self, database: Database, ring: KeyRing, announce: Callable[[NewMessage, Stored, list[Sender]], None]
    ) -> None:
        self._announce = announce
        self._database = database
        self._writer = Writer(database.settings, ring)
        self._thread = ThreadPoolExecutor(1, "journal")
        self._queue: deque[Submission] = deque()
        self._writing: list[Submission] = []
        self._pending: dict[tuple[int, str], Submission] = {}
        self._waiting_bytes = 0
        self._receipts: dict[tuple[int, int], Receipt] = {}
        self._last_seen: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._notes_due = 0.0
        self._notes_waiters: list[asyncio.Future[None]] = []
        self._notes_fail_since: float | None = None
        self._is_writing_notes = False
        self._is_stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to write; return the tasks, none of which may end before `stop`."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._expire())]
        return self._tasks

    def submit(self, message: NewMessage, sender: Sender) -> None:
        """Take a message; its sender is answered later, once: stored, refused or unavailable."""
        key = (message.sender_id, message.client_id)
        pending = self._pending.get(key)
        if pending is not None and not pending.is_given_up:
            self._join(pending, message, sender)
            return
        size = 4 * len(message.content) + ROW_BYTES
        full = len(self._queue) >= MAX_WAITING or self._waiting_bytes + size > MAX_WAITING_BYTES
        if full or self._is_stopping:
            sender.answer_unavailable(message, RETRY_AFTER)
            return
        submission = Submission(message, [sender], time.monotonic() + WAIT_SECONDS, size)
        self._pending[key] = submission
        self._waiting_bytes += size
        self._queue.append(submission)
        self._wake.set()

    def is_pending(self, sender_id: int, client_id: str) -> bool:
        """Say whether a message is on its way and may still be stored."""
        return (sender_id, client_id) in self._pending

    def _join(self, pending: Submission, message: NewMessage, sender: Sender) -> None:
        """A client sent the same message again before the first was answered: one row, one answer to each."""
        if (pending.message.chat_id, pending.message.content) != (message.chat_id, message.content):
            sender.answer_refused(message, "client_id_reused")
        elif sender not in pending.senders:
            pending.senders.append(sender)

    def note_receipt(self, receipt: Receipt) -> None:
        """Have a receipt written soon; only the highest of each member and chat counts."""
        key = (receipt.chat_id, receipt.user_id)
        known = self._receipts.get(key)
        if known is not None:
            receipt = receipt.joined_with(known)
        self._receipts[key] = receipt
        self._wake.set()

    def note_last_seen(self, user_id: int, at: str) -> None:
        self._last_seen[user_id] = at
        self._wake.set()

    async def notes_tried(self) -> None:
        """Have what is noted written now, so that a query after this sees it; it may fail as any writing may."""
        if self._receipts or self._last_seen or self._is_writing_notes:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._notes_waiters.append(waiter)
            self._notes_due = 0.0
            self._wake.set()
            await waiter

    async def stop(self) -> None:
        """Take nothing more, write what waits for 4 s at most, and answer everybody."""
        self._is_stopping = True
        latest = time.monotonic() + STOP_SECONDS
        for submission in [*self._writing, *self._queue]:
            submission.deadline = min(submission.deadline, latest)
        self._notes_due = 0.0
        self._wake.set()
        self._writer.stop_by(latest)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self._queue or self._writing or self._receipts or self._last_seen:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        except TimeoutError:
            log.warning("event=stop unanswered=%d", len(self._pending))
        for submission in [*self._writing, *self._queue]:
            self._give_up(submission)
        for task in self._tasks:
            task.cancel()

    # The loop's side

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wait()
            batch = self._take_batch()
            if batch:
                for submission, outcome in zip(batch, await self._write(batch, loop), strict=True):
                    self._settle(submission, outcome)
            if time.monotonic() >= self._notes_due:
                await self._write_notes(loop)

    async def _write(self, batch: list[Submission], loop: asyncio.AbstractEventLoop) -> Sequence[Outcome]:
        self._writing = batch
        deadline = max(submission.deadline for submission in batch)
        messages = [submission.message for submission in batch]
        try:
            return await loop.run_in_executor(self._thread, self._writer.write, messages, deadline)
        except Exception as error:  # logged; one batch's fault must not end everybody's connection
            log.error("event=write_failed messages=%d", len(batch), exc_info=error)
            return [Failed()] * len(batch)
        finally:
            self._writing = []

    async def _wait(self) -> None:
        """Sleep until there is a message, or a note that is due."""
        while not self._queue:
            self._wake.clear()
            if not (self._receipts or self._last_seen or self._notes_waiters):
                await self._wake.wait()
                continue
            pause = self._notes_due - time.monotonic()
            if pause <= 0:
                return
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _take_batch(self) -> list[Submission]:
        batch: list[Submission] = []
        size = 0
        while self._queue and len(batch) < BATCH_MESSAGES:
            submission = self._queue[0]
            if batch and size + submission.size > BATCH_BYTES:
                break
            self._queue.popleft()
            if not submission.is_given_up:
                size += submission.size
                batch.append(submission)
        return batch

    def _settle(self, submission: Submission, outcome: Outcome) -> None:
        """Answer one message. One that was given up may still turn out to be stored: then everybody hears of it."""
        message = submission.message
        if isinstance(outcome, Failed):
            self._give_up(submission)
            return
        self._forget(submission)
        if isinstance(outcome, Refused):
            if not submission.is_given_up:
                for sender in submission.senders:
                    sender.answer_refused(message, outcome.code)
            return
        for place, sender in enumerate(submission.senders):
            again = outcome if not place else outcome.as_duplicate()
            sender.answer_stored(message, again)
        if outcome.is_news:
            self._announce(message, outcome, submission.senders)

    def _give_up(self, submission: Submission) -> None:
        """Tell the senders that the message's fate is unknown."""
        if submission.is_given_up:
            return
        submission.is_given_up = True
        self._forget(submission)
        for sender in submission.senders:
            sender.answer_unavailable(submission.message, RETRY_AFTER)

    def _forget(self, submission: Submission) -> None:
        key = (submission.message.sender_id, submission.message.client_id)
        if self._pending.get(key) is submission:
            del self._pending[key]
            self._waiting_bytes -= submission.size

    async def _expire(self) -> None:
        """Answer those who have waited too long, also while the thread still waits for the database."""
        while True:
            await asyncio.sleep(EXPIRE_EVERY)
            now = time.monotonic()
            for submission in itertools.chain(self._writing, self._queue):
                if submission.deadline > now:
                    break  # both are in order of acceptance
                self._give_up(submission)
            while self._queue and self._queue[0].is_given_up:
                self._queue.popleft()

    async def _write_notes(self, loop: asyncio.AbstractEventLoop) -> None:
        receipts, self._receipts = self._receipts, {}
        last_seen, self._last_seen = self._last_seen, {}
        waiters, self._notes_waiters = self._notes_waiters, []
        self._notes_due = time.monotonic() + NOTES_EVERY
        if not receipts and not last_seen and not waiters:
            return
        self._is_writing_notes = True
        try:
            await loop.run_in_executor(self._thread, self._save_notes, list(receipts.values()), last_seen)
            self._notes_fail_since = None
        except Exception as error:  # noqa: BLE001  # logged in _are_worth_keeping
            if self._are_worth_keeping(error):
                self._notes_due = time.monotonic() + NOTES_AGAIN
                self._last_seen = {**last_seen, **self._last_seen}
                for receipt in receipts.values():
                    self.note_receipt(receipt)
        finally:
            self._is_writing_notes = False
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _are_worth_keeping(self, error: Exception) -> bool:
        """Say whether notes that could not be written are tried again. An outage ends some time; what the database
        objects to may be a table that a restore brings back soon, or a note that stands in the way of all others."""
        if isinstance(error, DatabaseUnavailable):
            return True
        now = time.monotonic()
        if self._notes_fail_since is None:
            self._notes_fail_since = now
            log.error("event=notes_failed", exc_info=error)
        if now - self._notes_fail_since < NOTES_PATIENCE:
            return True
        log.error("event=notes_dropped error=%r", type(error).__name__)
        self._notes_fail_since = None
        return False

    def _save_notes(self, receipts: Iterable[Receipt], last_seen: dict[int, str]) -> None:
        self._database.run(save_receipts, receipts)
        self._database.run(save_last_seen, last_seen)
