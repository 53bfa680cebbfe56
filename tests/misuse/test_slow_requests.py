"""Nobody waits because many addresses begin requests and do not finish them."""

from __future__ import annotations

import pytest

from tests.conftest import StackMaker
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging

SECONDS = 4.0


@pytest.mark.parametrize("storm", ["half_headers", "slow_bodies"])
def test_requests_that_never_become_complete_stop_nobody(own_stack: StackMaker, storm: str) -> None:
    stack = own_stack()
    bystanders = Bystanders(stack)
    quiet = bystanders.pages(SECONDS)
    with raging(storm, stack):
        beside = bystanders.pages(SECONDS)
        health = bystanders.health(SECONDS)
    assert (beside.failures, health.failures) == (0, 0)
    # Not p99: on a busy machine the slowest of a few hundred requests waits for the machine.
    assert max(beside.p95, health.p95) <= 10 * quiet.p95 + 1000
