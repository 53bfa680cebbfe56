"""How does a test wait for what nobody announces? With a deadline, looking often."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from stack import Database

POLL = 0.02

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found], deadline: float = 5) -> Found:
    """Return the first result that is true; fail when there is none by the deadline."""
    end = time.monotonic() + deadline
    while not (found := look()):
        assert time.monotonic() < end, f"not within {deadline:g} s"
        time.sleep(POLL)
    return found


def freeze(database: Database) -> None:
    """Freeze the database server and return when its last thread stands still: the signal takes its time."""
    database.pause()
    threads = Path(f"/proc/{database.process.pid}/task")
    wait_until(lambda: all(state_of(thread) == "T" for thread in threads.iterdir()))


def state_of(thread: Path) -> str:
    """Return the letter by which Linux names what a thread is doing; T: stopped."""
    return (thread / "stat").read_text().rpartition(")")[2].split()[0]
