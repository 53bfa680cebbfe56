"""How does a test wait for what nobody announces? With a deadline, looking often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

POLL = 0.02

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found], deadline: float = 5) -> Found:
    """Return the first result that is true; fail when there is none by the deadline."""
    end = time.monotonic() + deadline
    while not (found := look()):
        assert time.monotonic() < end, f"not within {deadline:g} s"
        time.sleep(POLL)
    return found
