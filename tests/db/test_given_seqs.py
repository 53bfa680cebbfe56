"""Which numbers does a process know that it has given out?"""

from __future__ import annotations

from chat_db.given_seqs import MAX_CHATS, MAX_RANGES, GivenSeqs


def given(*seqs: int) -> GivenSeqs:
    """Return what remembers that these numbers were given out in chat 1."""
    numbers = GivenSeqs()
    for seq in seqs:
        numbers.add(1, seq)
    return numbers


def included(numbers: GivenSeqs, up_to: int) -> list[int]:
    return [seq for seq in range(1, up_to + 1) if numbers.includes(1, seq)]


def test_numbers_on_both_sides_of_a_gap_are_remembered() -> None:
    numbers = given(3, 4, 6, 7)
    assert included(numbers, 9) == [3, 4, 6, 7]
    assert numbers.last(1) == 7
    assert not numbers.includes(2, 3)


def test_a_number_may_come_after_a_later_one() -> None:
    """A message that was found only after later ones were given out."""
    numbers = given(2, 3, 7, 5, 4, 3)
    assert included(numbers, 9) == [2, 3, 4, 5, 7]
    assert numbers.last(1) == 7
    numbers.add(1, 6)
    assert included(numbers, 9) == [2, 3, 4, 5, 6, 7]


def test_a_number_before_the_last_one_ends_no_doubt() -> None:
    numbers = given(2, 5)
    numbers.doubt([1])
    numbers.add(1, 3)
    assert numbers.last(1) is None
    numbers.add(1, 6)
    assert numbers.last(1) == 6


def test_of_very_many_ranges_the_latest_are_remembered() -> None:
    numbers = given(*range(1, 4 * MAX_RANGES, 2))
    assert included(numbers, 4 * MAX_RANGES) == list(range(2 * MAX_RANGES + 1, 4 * MAX_RANGES, 2))
    numbers.add(1, 1)  # too old to be worth it
    assert not numbers.includes(1, 1)


def test_where_there_are_too_many_chats_all_are_forgotten() -> None:
    numbers = given(1)
    for chat in range(2, MAX_CHATS + 1):
        numbers.add(chat, 1)
    assert numbers.includes(1, 1)
    numbers.add(MAX_CHATS + 1, 1)
    assert not numbers.includes(1, 1)
    assert numbers.includes(MAX_CHATS + 1, 1)
