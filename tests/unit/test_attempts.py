"""How are tries counted, and how much memory do they take at most?"""

from __future__ import annotations

from limits import parse_many

from chat_web.attempts import Attempts

LIMITS = parse_many("2/minute;3/hour")


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_every_window_counts_and_says_when_the_next_try_may_be() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    assert [attempts.wait("ada", LIMITS) for _ in range(2)] == [0, 0]
    for _ in range(2):
        attempts.count("ada", LIMITS)
    assert attempts.wait("ada", LIMITS) == 60
    assert attempts.wait("bob", LIMITS) == 0
    clock.now += 60
    assert attempts.wait("ada", LIMITS) == 0
    attempts.count("ada", LIMITS)
    assert attempts.wait("ada", LIMITS) == 3600 - 60
    clock.now += 3600
    assert attempts.wait("ada", LIMITS) == 0


def test_a_try_is_taken_back_and_all_are_forgotten() -> None:
    attempts = Attempts(clock=Clock())
    for _ in range(2):
        attempts.count("ada", LIMITS)
    attempts.take_back("ada")
    assert attempts.wait("ada", LIMITS) == 0
    attempts.count("ada", LIMITS)
    attempts.forget("ada")
    assert attempts.wait("ada", LIMITS) == 0
    attempts.take_back("nobody")


def test_the_memory_is_bounded_and_the_one_not_tried_for_longest_goes() -> None:
    attempts = Attempts(most_keys=100, clock=Clock())
    for _ in range(50):
        attempts.count("ada", LIMITS)
    for number in range(99):
        attempts.count(f"stranger {number}", LIMITS)
    attempts.count("ada", LIMITS)
    attempts.count("one more", LIMITS)
    assert attempts.size() == (100, 3)
    assert attempts.wait("ada", LIMITS) > 0
    assert attempts.wait("stranger 0", parse_many("1/minute")) == 0
