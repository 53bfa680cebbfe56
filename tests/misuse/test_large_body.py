"""Nobody waits because somebody sends, or announces, more than anybody wants."""

from __future__ import annotations

import pytest

from tests.conftest import StackMaker
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging

SECONDS = 3.0


@pytest.mark.parametrize(("storm", "slack_ms"), [("large_body", 100), ("small_chunks", 1000), ("pipelined", 1000)])
def test_who_sends_too_much_stops_nobody(own_stack: StackMaker, storm: str, slack_ms: float) -> None:
    stack = own_stack()
    bystanders = Bystanders(stack)
    quiet = bystanders.pages(SECONDS)
    with raging(storm, stack):
        beside = bystanders.pages(SECONDS)
    assert beside.failures == 0
    assert beside.p99 <= 10 * quiet.p99 + slack_ms
