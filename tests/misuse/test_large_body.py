"""Nobody waits because somebody announces a large body."""

from __future__ import annotations

from tests.conftest import StackMaker
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging

SECONDS = 3.0


def test_a_body_of_4_gib_stops_nobody(own_stack: StackMaker) -> None:
    stack = own_stack()
    bystanders = Bystanders(stack)
    quiet = bystanders.pages(SECONDS)
    with raging("large_body", stack):
        beside = bystanders.pages(SECONDS)
    assert beside.failures == 0
    assert beside.p99 <= 10 * quiet.p99 + 100
