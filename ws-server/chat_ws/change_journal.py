"""How does a change of a message become stored? One transaction for all that wait, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chat_db import DatabaseSettings
from chat_db.change_writer import ChangeWriter
from chat_db.changes import Change, Changed, Edit, Outcome, Unchanged, Unknown
from chat_db.encryption import KeyRing

from .journal import Batches, Journal
from .submission import Sender, Submission

log = logging.getLogger("chatapp.journal")

Announce = Callable[[Change, Changed, list[Sender]], None]


class ChangeJournal(Journal[Change, Outcome]):
    """`announce(change, changed, senders)` is called once for each change that was made and of which the other sockets
    have not heard from this process."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, announce: Announce) -> None:
        super().__init__(lambda done: ChangeBatches(settings, ring, done))
        self._announce = announce

    def _key_of(self, item: Change) -> tuple[int, str]:
        return item.user_id, item.client_id

    def _length_of(self, item: Change) -> int:
        return len(item.content) if isinstance(item, Edit) else 0

    def _is_same(self, one: Change, other: Change) -> bool:
        return one.is_same_as(other)

    def _settle(self, submission: Submission[Change], outcome: Outcome, is_alone: bool) -> None:
        change = submission.item
        if isinstance(outcome, Unknown):
            self._give_up(submission)
            return
        self._forget(submission)
        if isinstance(outcome, Unchanged):
            if not submission.is_given_up:
                for sender in submission.senders:
                    sender.answer_unchanged(change, outcome)
            return
        if outcome.is_news:
            self._announce(change, outcome, submission.senders)
        for index, sender in enumerate(submission.senders):
            again = outcome if not index else outcome.as_duplicate()
            sender.answer_changed(change, again)


class ChangeBatches(Batches[Change]):
    """Each batch goes to the thread and back."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, done: Callable[[Sequence[Outcome]], None]) -> None:
        self._writer = ChangeWriter(settings, ring)
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "changes")
        self._size = 0  # of the batch

    def write(self, items: Sequence[Change], deadline: float) -> None:
        self._size = len(items)
        future = self._loop.run_in_executor(self._thread, self._writer.write, items, deadline)
        future.add_done_callback(self._finish)

    def stop_by(self, moment: float) -> None:
        self._writer.stop_by(moment)

    def check_time(self, now: float) -> None:
        """The thread's connection has a deadline for every answer."""

    def _finish(self, future: asyncio.Future[list[Outcome]]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._done(future.result())
            return
        log.error("event=write_failed changes=%d", self._size, exc_info=error)
        self._done([Unknown()] * self._size)
