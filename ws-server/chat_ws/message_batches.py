"""How is a batch written? The usual INSERT by the event loop itself; everything that needs care by one thread.

A batch that goes to a thread and back takes twice as long as the INSERT alone where one message is in flight.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chat_db import DatabaseSettings
from chat_db.connection import IO_TIMEOUT
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.reconnecting import Failed
from chat_db.statement import Statement
from chat_db.writer import Batch, Outcome, Writer

from .journal import Batches

log = logging.getLogger("chatapp.journal")


class MessageBatches(Batches[NewMessage]):
    """At most one INSERT at a time is on its way."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, done: Callable[[Sequence[Outcome]], None]) -> None:
        self._writer = Writer(settings, ring)
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "journal")
        self._batch: Batch
        self._deadline = 0.0  # of the batch
        self._statement: Statement | None = None  # while the loop has one on its way
        self._latest_answer = 0.0  # to it
        self._watched: int | None = None  # the file whose bytes the loop waits for
        self._is_sending = False

    def write(self, items: Sequence[NewMessage], deadline: float) -> None:
        self._batch, self._deadline = Batch(items), deadline
        try:
            self._statement = self._writer.begin(self._batch)
        except Exception as error:  # noqa: BLE001  # logged in _give_up
            self._loop.call_soon(self._give_up, error)
            return
        if self._statement is None:
            self._write_in_thread()
            return
        self._latest_answer = time.monotonic() + IO_TIMEOUT
        if self._watched != self._statement.fileno:
            self._watched = self._statement.fileno
            self._loop.add_reader(self._watched, self._receive)
        self._send()

    def stop_by(self, moment: float) -> None:
        self._writer.stop_by(moment)
        self._latest_answer = min(self._latest_answer, moment)

    def check_time(self, now: float) -> None:
        if self._statement is not None and now > self._latest_answer:
            self._hand_over(TimeoutError("the database has not answered"))

    def _send(self) -> None:
        assert self._statement is not None  # noqa: S101  # only called while there is one
        try:
            is_sent = self._statement.send()
        except Exception as error:  # noqa: BLE001  # judged by the writer
            self._hand_over(error)
            return
        if is_sent and self._is_sending:
            self._is_sending = False
            self._loop.remove_writer(self._statement.fileno)
        elif not is_sent and not self._is_sending:
            self._is_sending = True
            self._loop.add_writer(self._statement.fileno, self._send)

    def _receive(self) -> None:
        if self._statement is None:  # between two statements: the server's farewell, which the next one will find
            self._stop_watching()
            return
        try:
            first_id = self._statement.receive()
        except Exception as error:  # noqa: BLE001  # judged by the writer
            self._hand_over(error)
            return
        if first_id is not None:
            self._statement = None
            self._done(self._writer.finish(self._batch, first_id))

    def _hand_over(self, error: Exception) -> None:
        """The INSERT was refused, or nobody knows what became of it: find out in the thread, which may wait."""
        self._batch.error = error
        self._statement = None
        self._write_in_thread()

    def _write_in_thread(self) -> None:
        self._stop_watching()
        future = self._loop.run_in_executor(self._thread, self._writer.write, self._batch, self._deadline)
        future.add_done_callback(self._finish)

    def _stop_watching(self) -> None:
        """Before a thread may close the file, and its number become another's."""
        if self._watched is not None:
            self._loop.remove_reader(self._watched)
            if self._is_sending:
                self._loop.remove_writer(self._watched)
        self._watched, self._is_sending = None, False

    def _finish(self, future: asyncio.Future[list[Outcome]]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._give_up(error)
        else:
            self._done(future.result())

    def _give_up(self, error: BaseException) -> None:
        """Log it; one batch's fault must not end everybody's connection."""
        log.error("event=write_failed messages=%d", len(self._batch.rows), exc_info=error)
        self._done([Failed()] * len(self._batch.rows))
