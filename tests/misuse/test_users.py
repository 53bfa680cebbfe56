"""Users who ask for as much as they may cost somebody else who logs in next to nothing."""

from __future__ import annotations

import pytest

from stack import Stack
from tests.misuse.__main__ import all_storms
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging

SECONDS = 4.0
SLACK = 150.0  # ms; storm and tests share the machine's processors


@pytest.mark.parametrize("name", ["sync_flood", "look_ups"])
def test_whoever_connects_and_asks_what_is_new_is_not_kept_waiting(name: str) -> None:
    storm = all_storms()[name]
    with Stack(environment=storm.settings) as stack:
        bystanders = Bystanders(stack)
        quiet = bystanders.syncs(SECONDS)
        with raging(name, stack, storm.people, **storm.order):
            beside = bystanders.syncs(SECONDS)
    assert not beside.failures
    assert beside.p50 <= 10 * quiet.p50 + SLACK
