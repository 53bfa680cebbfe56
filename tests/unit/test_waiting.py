"""Who makes room where many connections wait for their clients?"""

from __future__ import annotations

import contextlib
from typing import cast

from chat_web.connections import MOST_DISPLACED, Connection, Waiting


class Waiter:
    """Stands for a connection."""

    def __init__(self, address: str | None, untaken: int = 0) -> None:
        self.address = address
        self.untaken = untaken
        self.was_given_up = False

    def give_up(self) -> None:
        self.was_given_up = True


def wait_all(waiting: Waiting, waiters: list[Waiter]) -> list[int]:
    """Let all wait, one after another; return the places in the list of those that had to make room."""
    with contextlib.ExitStack() as places:
        for waiter in waiters:
            places.enter_context(waiting.place(cast("Connection", waiter)))
        return [number for number, waiter in enumerate(waiters) if waiter.was_given_up]


def test_the_oldest_of_the_address_with_the_most_makes_room() -> None:
    waiters = [Waiter(address) for address in ("a", "b", "b", "a", "b", "c")]
    assert wait_all(Waiting(5, 5, 1000), waiters) == [1]


def test_an_address_at_its_own_limit_makes_room_for_itself() -> None:
    waiters = [Waiter(address) for address in ("b", "a", "a", "a", "b")]
    assert wait_all(Waiting(100, 2, 1000), waiters) == [1]


def test_the_largest_answer_of_the_address_with_the_most_bytes_makes_room() -> None:
    waiters = [Waiter("a", 30), Waiter("b", 25), Waiter("b", 26), Waiter("b"), Waiter("c", 29)]
    assert wait_all(Waiting(100, 100, 100), waiters) == [2]


def test_what_has_left_or_made_room_holds_nothing() -> None:
    waiting = Waiting(2, 2, 100)
    for _ in range(3):
        assert wait_all(waiting, [Waiter("a", 60), Waiter("b", 60)]) == [0]
    assert wait_all(waiting, [Waiter("a"), Waiter("b"), Waiter(None)]) == []


def test_an_address_displaces_only_so_many_in_a_second() -> None:
    waiting = Waiting(MOST_DISPLACED, MOST_DISPLACED, 100)
    with contextlib.ExitStack() as places:
        for _ in range(2 * MOST_DISPLACED):
            assert waiting.admits("a")
            places.enter_context(waiting.place(cast("Connection", Waiter("a"))))
        assert not waiting.admits("a")
        assert waiting.admits("b")
    assert waiting.admits("a")
