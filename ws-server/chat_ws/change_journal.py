"""How does a change of a message become stored? One transaction for all that wait, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chat_db import DatabaseSettings
from chat_db.change_writer import ChangeWriter
from chat_db.changes import Change, Changed, Edit, Outcome, Unchanged
from chat_db.encryption import KeyRing
from chat_db.reconnecting import Failed

from .journal import Batches, Journal
from .submission import Sender, Submission

log = logging.getLogger("chatapp.journal")

Announce = Callable[[Change, Changed, list[Sender]], None]


class ChangeJournal(Journal[Change, Changed, Unchanged]):
    """`announce(change, changed, senders)` is called once for each change that was made and of which the other sockets
    have not heard from this process."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, announce: Announce) -> None:
        super().__init__(lambda done: ChangeBatches(settings, ring, done), Unchanged)
        self._tell = announce

    def _key_of(self, item: Change) -> tuple[int, str]:
        return item.user_id, item.client_id

    def _length_of(self, item: Change) -> int:
        return len(item.content) if isinstance(item, Edit) else 0

    def _is_same(self, one: Change, other: Change) -> bool:
        return one.is_same_as(other)

    def _announce(self, submission: Submission[Change], done: Changed, is_alone: bool) -> None:
        self._tell(submission.item, done, submission.senders)

    def _answer(self, sender: Sender, item: Change, done: Changed) -> None:
        sender.answer_changed(item, done)

    def _refuse(self, sender: Sender, item: Change, refusal: Unchanged) -> None:
        sender.answer_unchanged(item, refusal)


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
        self._done([Failed()] * self._size)
