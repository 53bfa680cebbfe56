"""Whose query is next, and what becomes of those that nobody answers?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from chat_db import Database, DatabaseUnavailable, NoSuchUser, QueryFailed
from chat_db.connection import Connection
from chat_ws import queries
from chat_ws.queries import Queries

Connected = cast(Connection, None)


class Answers:
    """Stands for the database: notes who asks, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Semaphore(0)

    def run(self, query: Callable[..., Any], *args: Any) -> Any:
        return query(Connected, *args)

    def query(self, connection: Connection, name: str) -> str:
        self.asked.append(name)
        self.gate.acquire(timeout=10)
        return name


async def settle(until: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not until():  # noqa: ASYNC110  # threads are waited for
            await asyncio.sleep(0.001)


def play(scene: Callable[[Answers, Queries], Awaitable[None]], threads: int = 2) -> None:
    answers = Answers()
    asyncio.run(cast(Any, scene)(answers, Queries(cast(Database, answers), threads, "test")))


def test_who_asks_much_waits_for_themselves() -> None:
    async def scene(answers: Answers, queue: Queries) -> None:
        greedy = [asyncio.create_task(queue.ask("greedy", answers.query, f"greedy {n}")) for n in range(5)]
        await settle(lambda: len(answers.asked) == 1)
        others = [asyncio.create_task(queue.ask(name, answers.query, name)) for name in ("ada", "bob", "cyd")]
        await settle(lambda: answers.asked == ["greedy 0", "ada"])
        answers.gate.release(8)
        assert await asyncio.gather(*greedy, *others) == [*(f"greedy {n}" for n in range(5)), "ada", "bob", "cyd"]
        assert set(answers.asked[2:5]) == {"greedy 1", "bob", "cyd"}
        assert [name for name in answers.asked if "greedy" in name] == [f"greedy {n}" for n in range(5)]

    play(scene)


def test_a_query_that_is_cancelled_gives_its_turn_to_the_next() -> None:
    async def scene(answers: Answers, queue: Queries) -> None:
        running = asyncio.create_task(queue.ask("ada", answers.query, "running"))
        await settle(lambda: answers.asked == ["running"])
        waiting = [asyncio.create_task(queue.ask("bob", answers.query, str(n))) for n in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        running.cancel()  # its thread goes on, and nobody else has it
        await asyncio.wait({waiting[0], running})
        assert answers.asked == ["running"]
        answers.gate.release(3)
        assert await asyncio.gather(*waiting[1:]) == ["1", "2"]
        assert answers.asked == ["running", "1", "2"]

    play(scene, threads=1)


def test_nobody_waits_for_ever_and_a_late_answer_frees_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ANSWER_SECONDS", 0.05)

    async def scene(answers: Answers, queue: Queries) -> None:
        asked = [asyncio.create_task(queue.ask(n, answers.query, str(n))) for n in range(10)]
        for outcome in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(outcome, DatabaseUnavailable)
        assert len(answers.asked) == 2
        answers.gate.release(3)
        monkeypatch.setattr(queries, "ANSWER_SECONDS", 5)
        assert await queue.ask("later", answers.query, "later") == "later"

    play(scene)


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_WAITING", 3)

    async def scene(answers: Answers, queue: Queries) -> None:
        asked = [asyncio.create_task(queue.ask(n, answers.query, str(n))) for n in range(5)]
        await settle(lambda: len(answers.asked) == 2)
        with pytest.raises(DatabaseUnavailable):
            await queue.ask("one too many", answers.query, "no")
        answers.gate.release(5)
        assert await asyncio.gather(*asked) == [str(n) for n in range(5)]

    play(scene)


def test_an_error_that_is_no_outage_is_logged_once_and_means_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    def broken(connection: Connection) -> None:
        raise QueryFailed(1146)

    def refused(connection: Connection) -> None:
        raise NoSuchUser

    async def scene(answers: Answers, queue: Queries) -> None:
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                await queue.ask("ada", broken)
        with pytest.raises(NoSuchUser):
            await queue.ask("ada", refused)

    play(scene)
    assert [record.getMessage() for record in caplog.records] == ["event=query_failed query=broken code=1146"]
    assert caplog.records[0].exc_info
