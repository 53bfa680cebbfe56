"""How much does one search look at? So much that its time is kept, on a machine that is idle and on a busy one."""

from __future__ import annotations

import pytest

from chat_db.search import SLICE
from chat_web.backend.search import FIRST_SLICE, MOST_SEARCHED, SMALLEST_SLICE, WORK_SECONDS, Budget


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def slices(seconds_a_message: float, seconds_before: float = 0.0) -> tuple[list[int], float]:
    """Return the slices of a search that costs so much, and how long it took."""
    clock = Clock()
    budget = Budget(clock)
    clock.now += seconds_before
    sizes = []
    while size := budget.next_slice():
        sizes.append(size)
        clock.now += size * seconds_a_message
    return sizes, clock.now - 100.0


@pytest.mark.parametrize("microseconds", [1, 15, 40, 150, 900])
def test_no_slice_takes_longer_than_the_time_that_is_left(microseconds: int) -> None:
    sizes, took = slices(microseconds / 1e6)
    assert sizes[0] == FIRST_SLICE
    assert max(sizes) <= SLICE
    assert took <= WORK_SECONDS + 1e-9
    assert sum(sizes) == MOST_SEARCHED or took > WORK_SECONDS - SMALLEST_SLICE * microseconds / 1e6


def test_a_request_looks_at_one_slice_at_least() -> None:
    assert slices(0.01)[0] == [FIRST_SLICE]
    assert slices(0.0001, seconds_before=3)[0] == [FIRST_SLICE]


def test_a_clock_that_stands_still_ends_with_the_number_of_messages() -> None:
    sizes, _ = slices(0)
    assert sum(sizes) == MOST_SEARCHED


def test_the_time_is_up_at_its_end() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += WORK_SECONDS - 0.001
    assert not budget.is_late()
    clock.now += 0.002
    assert budget.is_late()
