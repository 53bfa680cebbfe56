"""How does what clients send become stored, once, in order, whatever fails? Batches, one commit each, then answers.

While one batch is committed the next gathers, so the slower the disk, the bigger the batches. Messages and changes of
messages have a journal each: neither waits for the other.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from chat_db.reconnecting import Failed

from .submission import Item, Sender, Submission
from .tasks import wait_while

log = logging.getLogger("chatapp.journal")

BATCH_MESSAGES = 500
BATCH_BYTES = 900_000  # of SQL; MariaDB's smallest usual max_allowed_packet is 1 MiB
ROW_BYTES = 200  # of SQL around a text
CHARACTER_BYTES = 6  # of SQL for a character at most: 4 of UTF-8 are 5.3 of base64
MAX_WAITING = 20_000  # messages
MAX_WAITING_BYTES = 32 * 1024 * 1024
WAIT_SECONDS = 10.0  # for the database, before a sender is told to try again
STOP_SECONDS = 4.0  # the same while the process is stopping
EXPIRE_EVERY = 0.25  # seconds


class Told(Protocol):
    """How a thing was stored. `is_news`: the other sockets have not heard of it from this process."""

    @property
    def is_news(self) -> bool: ...

    def as_duplicate(self) -> Self: ...


Done = TypeVar("Done", bound=Told)
Refusal = TypeVar("Refusal")


class Batches(ABC, Generic[Item]):
    """Writes one batch at a time: `write`, then the `done(outcomes)` that it was made with, always, and before the next
    `write`."""

    @abstractmethod
    def write(self, items: Sequence[Item], deadline: float) -> None:
        """Write; try until the deadline (time.monotonic)."""

    @abstractmethod
    def stop_by(self, moment: float) -> None:
        """Try no longer than until then (time.monotonic)."""

    @abstractmethod
    def check_time(self, now: float) -> None:
        """Called now and then: ends the wait for an answer that does not come."""


MakeBatches = Callable[[Callable[[Sequence[Any]], None]], Batches[Item]]  # given `done`


class Journal(ABC, Generic[Item, Done, Refusal]):
    """Accepts items, has them written in batches, and sees that each sender is answered, once.

    Outcomes are Done, Failed, or of the type `refusal`.
    """

    def __init__(self, make_batches: MakeBatches[Item], refusal: type[Refusal]) -> None:
        self._batches = make_batches(self._finish)
        self._refusal = refusal
        self._queue: deque[Submission[Item]] = deque()
        self._writing: list[Submission[Item]] = []
        self._pending: dict[tuple[int, str], Submission[Item]] = {}
        self._waiting_bytes = 0
        self._is_write_due = False
        self._is_crowded = False  # whether the last batch had more than one item
        self._is_stopping = False

    # What a kind of item decides

    @abstractmethod
    def _key_of(self, item: Item) -> tuple[int, str]:
        """Return the user and the client_id."""

    @abstractmethod
    def _length_of(self, item: Item) -> int:
        """Return how many characters of text it has."""

    @abstractmethod
    def _is_same(self, one: Item, other: Item) -> bool:
        """Say whether two items with one client_id are the same thing, sent twice."""

    @abstractmethod
    def _announce(self, submission: Submission[Item], done: Done, is_alone: bool) -> None:
        """Tell the sockets that get no answer; `is_alone`: no other was stored with it."""

    @abstractmethod
    def _answer(self, sender: Sender, item: Item, done: Done) -> None:
        """Tell a sender that it is stored."""

    @abstractmethod
    def _refuse(self, sender: Sender, item: Item, refusal: Refusal) -> None:
        """Tell a sender that it is not stored and will not be."""

    def submit(self, item: Item, sender: Sender) -> None:
        """Take an item; its sender is answered later, once: stored, refused or unavailable."""
        key = self._key_of(item)
        pending = self._pending.get(key)
        if pending is not None and not pending.is_given_up:
            self._join(pending, item, sender)
            return
        size = CHARACTER_BYTES * self._length_of(item) + ROW_BYTES
        full = len(self._queue) >= MAX_WAITING or self._waiting_bytes + size > MAX_WAITING_BYTES
        if full or self._is_stopping:
            sender.answer_unavailable(item)
            return
        submission = Submission(item, key, [sender], time.monotonic() + WAIT_SECONDS, size)
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

    def is_pending(self, user_id: int, client_id: str) -> bool:
        """Say whether an item is on its way and may still be stored."""
        return (user_id, client_id) in self._pending

    def _join(self, pending: Submission[Item], item: Item, sender: Sender) -> None:
        """A client sent the same again before the first was answered: stored once, one answer to each."""
        if not self._is_same(pending.item, item):
            sender.answer_refused(item, "client_id_reused")
        elif sender not in pending.senders:
            pending.senders.append(sender)

    @property
    def is_busy(self) -> bool:
        """Say whether something waits or is being written."""
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
            self._batches.write([submission.item for submission in self._writing], deadline)

    def _finish(self, outcomes: Sequence[Done | Refusal | Failed]) -> None:
        """A batch was written: answer it, while the database has the next."""
        batch, self._writing = self._writing, []
        self._write_next()
        is_alone = len(batch) == 1
        for submission, outcome in zip(batch, outcomes, strict=True):
            try:
                self._settle(submission, outcome, is_alone)
            except Exception:  # one item's fault must not leave the others without an answer
                log.exception("event=answer_failed chat=%d", submission.item.chat_id)
                self._give_up(submission)

    def _take_batch(self) -> list[Submission[Item]]:
        batch: list[Submission[Item]] = []
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

    def _settle(self, submission: Submission[Item], outcome: Done | Refusal | Failed, is_alone: bool) -> None:
        """Answer one item. One that was given up may still turn out to be stored: then everybody hears of it."""
        if isinstance(outcome, Failed):
            self._give_up(submission)
            return
        self._forget(submission)
        item, senders = submission.item, submission.senders
        if isinstance(outcome, self._refusal):
            for sender in senders if not submission.is_given_up else ():
                self._refuse(sender, item, outcome)
            return
        done = cast(Done, outcome)
        if done.is_news:  # first: the other one waits for a text, the sender for a mark beside it
            self._announce(submission, done, is_alone)
        for index, sender in enumerate(senders):
            self._answer(sender, item, done.as_duplicate() if index else done)

    def _give_up(self, submission: Submission[Item]) -> None:
        """Tell the senders that the fate of what they sent is unknown."""
        if submission.is_given_up:
            return
        submission.is_given_up = True
        self._forget(submission)
        for sender in submission.senders:
            sender.answer_unavailable(submission.item)

    def _forget(self, submission: Submission[Item]) -> None:
        if self._pending.get(submission.key) is submission:
            del self._pending[submission.key]
            self._waiting_bytes -= submission.size
