"""Whose query is next? A few threads that ask the database, and everybody's turn at them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from chat_db import Database, DatabaseUnavailable, QueryFailed
from chat_db.connection import Connection

log = logging.getLogger("chatapp.queries")

ANSWER_SECONDS = 8.0  # for a query with its wait; less than the 10 s after which a page looks for another connection
MAX_WAITING = 20_000  # queries
SAME_ERROR_SECONDS = 60.0  # between two tracebacks of the same error of the same query

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

Ask = Callable[..., Awaitable[Any]]  # (asker, query, …), as Queries.ask
Watch = Callable[..., Awaitable[Any]]  # (query, …), of which everybody has use


class Queries:
    """Runs queries for many askers: each has one query running at a time, and all get their turns one after another.

    So whoever asks much waits for themselves, and nobody waits for more than one query of each other asker.
    """

    def __init__(self, database: Database, threads: int, name: str) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(threads, name)
        self._free = threads
        self._busy: set[Hashable] = set()  # askers whose query is running
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()  # in the order of turns
        self._waiters = 0
        self._told: dict[tuple[str, int], float] = {}

    async def ask(
        self,
        asker: Hashable,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Run a query of `chat_db` without blocking the loop. Raises DatabaseUnavailable, after 8 s at the latest,
        and what the query itself raises; what the database objects to is logged and is DatabaseUnavailable too."""

        def run() -> Result:
            try:
                return self._database.run(query, *args, **kwargs)
            except QueryFailed as error:  # no outage, but a restore, for one, takes tables away for a moment
                self._log_once(query.__name__, error)
                raise DatabaseUnavailable(str(error)) from error

        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._take_turn(asker)
                running = asyncio.get_running_loop().run_in_executor(self._threads, run)
                running.add_done_callback(lambda ended: self._end_turn(asker, ended))
                return await asyncio.shield(running)  # the thread goes on whatever becomes of who asked
        except TimeoutError:
            raise DatabaseUnavailable(f"no answer in {ANSWER_SECONDS:g} s") from None

    async def _take_turn(self, asker: Hashable) -> None:
        if self._free and asker not in self._busy and asker not in self._waiting:
            self._free -= 1
            self._busy.add(asker)
            return
        if self._waiters >= MAX_WAITING:
            raise DatabaseUnavailable("too many queries wait")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        self._waiters += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave_queue(asker, turn)
            else:  # it was given in the same moment
                self._pass_turn(asker)
            raise
        finally:
            self._waiters -= 1

    def _end_turn(self, asker: Hashable, ended: asyncio.Future[Result]) -> None:
        if not ended.cancelled():
            ended.exception()  # who asked may be gone, and then nobody else looks at it
        self._pass_turn(asker)

    def _pass_turn(self, asker: Hashable) -> None:
        """Free the asker's thread, and give it to whoever is next and has no query running."""
        self._busy.discard(asker)
        self._free += 1
        while self._free:
            following = next((one for one in self._waiting if one not in self._busy), None)
            if following is None:
                return
            self._free -= 1
            self._busy.add(following)
            turn = self._waiting[following][0]
            self._waiting.move_to_end(following)
            self._leave_queue(following, turn)
            turn.set_result(None)

    def _leave_queue(self, asker: Hashable, turn: asyncio.Future[None]) -> None:
        turns = self._waiting[asker]
        turns.remove(turn)
        if not turns:
            del self._waiting[asker]

    def _log_once(self, name: str, error: QueryFailed) -> None:
        now = time.monotonic()
        key = (name, error.code)
        if now - self._told.get(key, float("-inf")) > SAME_ERROR_SECONDS:
            self._told[key] = now
            log.error("event=query_failed query=%s code=%d", name, error.code, exc_info=error)
