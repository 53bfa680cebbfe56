"""What takes longer than a frame may? A connection's tasks, one after another, and the wait for an end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

MAX_TASKS = 4  # that may wait for one another


class TaskQueue:
    """The tasks of one connection. `on_failure` is told of what went wrong in one, for the client to hear of."""

    def __init__(self, on_failure: Callable[[Exception], None]) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= MAX_TASKS

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have something done after what was started before it."""
        task = asyncio.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        async with self._turn:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  # logged where it becomes an answer
                self._on_failure(error)


async def wait_while(is_busy: Callable[[], bool], latest: float) -> None:
    """Wait until something has ended that tells nobody of it, until `latest` (time.monotonic) at most."""
    while is_busy() and time.monotonic() < latest:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
