"""How does a message become stored, once, in order, whatever fails? The one writer: batches, commits, then answers.

Whatever is waiting is written with one INSERT and one commit; then every message of the batch is answered. While one
batch is committed the next gathers, so the slower the disk, the bigger the batches.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from chat_db import DatabaseSettings
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Failed, Outcome, Refused, Stored

from .batches import Batches
from .submission import Sender, Submission
from .tasks import wait_while

log = logging.getLogger("chatapp.journal")

BATCH_MESSAGES = 500
BATCH_BYTES = 900_000  # of SQL; MariaDB's smallest usual max_allowed_packet is 1 MiB
ROW_BYTES = 200  # of SQL around a message's text
CHARACTER_BYTES = 6  # of SQL for a character at most: 4 of UTF-8 are 5.3 of base64
MAX_WAITING = 20_000  # messages
MAX_WAITING_BYTES = 32 * 1024 * 1024
WAIT_SECONDS = 10.0  # for the database, before a sender is told to try again
STOP_SECONDS = 4.0  # the same while the process is stopping
EXPIRE_EVERY = 0.25  # seconds

Announce = Callable[[NewMessage, Stored, list[Sender], bool], None]


class Journal:
    """Accepts messages; `announce(message, stored, senders, is_alone)` is called once for each message that became
    stored and of which the other sockets have not heard from this process; `is_alone`: no other was stored with it."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, announce: Announce) -> None:
        self._announce = announce
        self._batches = Batches(settings, ring, self._finish)
        self._queue: deque[Submission] = deque()
        self._writing: list[Submission] = []
        self._pending: dict[tuple[int, str], Submission] = {}
        self._waiting_bytes = 0
        self._is_write_due = False
        self._is_crowded = False  # whether the last batch had more than one message
        self._is_stopping = False

    def submit(self, message: NewMessage, sender: Sender) -> None:
        """Take a message; its sender is answered later, once: stored, refused or unavailable."""
        key = (message.sender_id, message.client_id)
        pending = self._pending.get(key)
        if pending is not None and not pending.is_given_up:
            self._join(pending, message, sender)
            return
        size = CHARACTER_BYTES * len(message.content) + ROW_BYTES
        full = len(self._queue) >= MAX_WAITING or self._waiting_bytes + size > MAX_WAITING_BYTES
        if full or self._is_stopping:
            sender.answer_unavailable(message)
            return
        submission = Submission(message, [sender], time.monotonic() + WAIT_SECONDS, size)
        self._pending[key] = submission
        self._waiting_bytes += size
        self._queue.append(submission)
        if self._writing or self._is_write_due:
            return
        if not self._is_crowded:
            self._write_next()
            return
        self._is_write_due = True  # whatever else this turn of the loop brings goes with it
        asyncio.get_running_loop().call_soon(self._write_next)

    def is_pending(self, sender_id: int, client_id: str) -> bool:
        """Say whether a message is on its way and may still be stored."""
        return (sender_id, client_id) in self._pending

    def _join(self, pending: Submission, message: NewMessage, sender: Sender) -> None:
        """A client sent the same message again before the first was answered: one row, one answer to each."""
        if (pending.message.chat_id, pending.message.content) != (message.chat_id, message.content):
            sender.answer_refused(message, "client_id_reused")
        elif sender not in pending.senders:
            pending.senders.append(sender)

    @property
    def is_busy(self) -> bool:
        """Say whether a message waits or is being written."""
        return bool(self._queue or self._writing)

    async def stop(self) -> None:
        """Take nothing more, write what waits for 4 s at most, and answer everybody."""
        self._is_stopping = True
        latest = time.monotonic() + STOP_SECONDS
        for submission in [*self._writing, *self._queue]:
            submission.deadline = min(submission.deadline, latest)
        self._batches.stop_by(latest)
        await wait_while(lambda: self.is_busy, latest)
        if self._pending:
            log.warning("event=stop unanswered=%d", len(self._pending))
        for submission in [*self._writing, *self._queue]:
            self._give_up(submission)

    async def expire(self) -> None:
        """Until cancelled: answer those who have waited too long, also while the database does not."""
        while True:
            await asyncio.sleep(EXPIRE_EVERY)
            now = time.monotonic()
            self._batches.check_time(now)
            for submission in itertools.chain(self._writing, self._queue):
                if submission.deadline > now:
                    break  # both are in order of acceptance
                self._give_up(submission)
            while self._queue and self._queue[0].is_given_up:
                self._queue.popleft()

    def _write_next(self) -> None:
        """Begin to write what waits, where nothing is being written."""
        self._is_write_due = False
        if self._writing:
            return
        self._writing = self._take_batch()
        self._is_crowded = len(self._writing) > 1
        if self._writing:
            deadline = max(submission.deadline for submission in self._writing)
            self._batches.write([submission.message for submission in self._writing], deadline)

    def _finish(self, outcomes: Sequence[Outcome]) -> None:
        """A batch was written: answer it, while the database has the next."""
        batch, self._writing = self._writing, []
        self._write_next()
        is_alone = len(batch) == 1
        for submission, outcome in zip(batch, outcomes, strict=True):
            try:
                self._settle(submission, outcome, is_alone)
            except Exception:  # one message's fault must not leave the others without an answer
                log.exception("event=answer_failed chat=%d", submission.message.chat_id)
                self._give_up(submission)

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

    def _settle(self, submission: Submission, outcome: Outcome, is_alone: bool) -> None:
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
        if outcome.is_news:  # first: the other one waits for a text, the sender for a mark beside it
            self._announce(message, outcome, submission.senders, is_alone)
        for index, sender in enumerate(submission.senders):
            again = outcome if not index else outcome.as_duplicate()
            sender.answer_stored(message, again)

    def _give_up(self, submission: Submission) -> None:
        """Tell the senders that the message's fate is unknown."""
        if submission.is_given_up:
            return
        submission.is_given_up = True
        self._forget(submission)
        for sender in submission.senders:
            sender.answer_unavailable(submission.message)

    def _forget(self, submission: Submission) -> None:
        key = (submission.message.sender_id, submission.message.client_id)
        if self._pending.get(key) is submission:
            del self._pending[key]
            self._waiting_bytes -= submission.size
