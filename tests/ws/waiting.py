"""How does a test wait for what nobody announces? With a deadline, looking often."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL = 0.02


def wait_until(condition: Callable[[], object], deadline: float = 5) -> None:
    """Return when the condition holds; fail when it does not by the deadline."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"not within {deadline:g} s"
        time.sleep(POLL)
