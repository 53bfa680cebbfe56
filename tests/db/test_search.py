"""Whose messages does a search read? Membership and floors are in the query that reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from chat_db.connection import Connection, connect
from chat_db.encryption import KeyRing
from chat_db.folding import fold
from chat_db.search import LEAST, SLICE, Searched, find_matches, find_moment, left_behind, list_searched, read_slice
from stack import Stack
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.rows import write
from tests.support.stored import ring_of


@pytest.fixture
def connection(stack: Stack) -> Iterator[Connection]:
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        yield connection


@pytest.fixture
def ring(stack: Stack) -> KeyRing:
    return ring_of(stack.database)


def seqs(connection: Connection, user: Person, chats: list[Searched]) -> list[int]:
    """Return what the next slice reads, in its order."""
    return [int(head.split(" ")[2]) for head, _ in read_slice(connection, user.id, chats).rows]


def test_what_is_cleared_or_purged_during_a_search_is_not_read(
    stack: Stack, connection: Connection, ada: Person, bob: Person, chat: int
) -> None:
    write(stack, chat, ada, 20)
    before = list_searched(connection, ada.id)
    of_short_ones = [chat._replace(last_seq=4, floor=2) for chat in before]
    assert seqs(connection, ada, before) == list(range(20, 0, -1))
    assert seqs(connection, ada, of_short_ones) == [4, 3]
    stack.database.query("UPDATE members SET cleared_seq = 3 WHERE chat_id = %s AND user_id = %s", chat, ada.id)
    assert seqs(connection, ada, before) == list(range(20, 3, -1))
    assert seqs(connection, ada, of_short_ones) == [4]
    assert seqs(connection, bob, before) == list(range(20, 0, -1))
    stack.database.query("UPDATE chats SET purged_seq = 4 WHERE id = %s", chat)
    for reader in (ada, bob):
        assert seqs(connection, reader, before) == list(range(20, 4, -1))
        assert seqs(connection, reader, of_short_ones) == []


def test_a_chat_of_others_is_not_read_whoever_names_it(
    stack: Stack, connection: Connection, ada: Person, eve: Person, chat: int
) -> None:
    write(stack, chat, ada, 20)
    theirs = list_searched(connection, ada.id)
    assert len(theirs) == 1
    assert list_searched(connection, eve.id) == list_searched(connection, eve.id, chat) == []
    assert seqs(connection, eve, theirs) == seqs(connection, eve, [theirs[0]._replace(last_seq=3)]) == []


def test_slices_go_through_chats_newest_first_and_leave_the_rest(
    stack: Stack, connection: Connection, people: People, ada: Person
) -> None:
    chats = [people.chat_between(ada, people.register(f"p{number}")) for number in range(3)]
    for chat, count in zip(chats, (5, SLICE + 200, 7), strict=True):
        write(stack, chat, ada, count)
    left = list_searched(connection, ada.id)
    found: list[tuple[int, int]] = []
    sizes = []
    while left:
        rows, left = read_slice(connection, ada.id, left)
        sizes.append(len(rows))
        found += [(int(head.split(" ")[1]), int(head.split(" ")[2])) for head, _ in rows]
    assert sizes == [SLICE, 212]
    counts = zip(chats[::-1], (7, SLICE + 200, 5), strict=True)
    assert found == [(chat, seq) for chat, count in counts for seq in range(count, 0, -1)]


def test_a_search_whose_time_is_up_goes_on_with_the_next_message(
    stack: Stack, connection: Connection, ring: KeyRing, ada: Person, bob: Person, chat: int
) -> None:
    """The clock is looked at for each message: what was looked at is neither looked at again nor left out."""
    write(stack, chat, ada, 400)
    chats, found, looks = list_searched(connection, ada.id), list[int](), 0

    def is_late() -> bool:
        nonlocal looks
        looks += 1
        return looks % 3 == 0

    while chats:
        rows, left = read_slice(connection, ada.id, chats, 150)
        assert len(rows) <= 150
        hits, count = find_matches(ring, rows, ada.id, {chat: bob.id}, "text", is_late)
        found += [seq for _, seq in hits]
        chats = left if count == len(rows) else left_behind(chats, rows[count - 1])
    assert found == list(range(400, 0, -1))


def test_what_was_read_is_not_thrown_away_however_late_it_is(
    stack: Stack, connection: Connection, ring: KeyRing, ada: Person, bob: Person, chat: int
) -> None:
    write(stack, chat, ada, LEAST + 3)
    rows, _ = read_slice(connection, ada.id, list_searched(connection, ada.id))
    found = [(chat, seq) for seq in range(LEAST + 3, 3, -1)]
    assert find_matches(ring, rows, ada.id, {chat: bob.id}, "text", lambda: True) == (found, LEAST)
    assert find_matches(ring, [], ada.id, {}, "text", lambda: True) == ([], 0)


def test_the_moment_of_a_place_is_that_of_the_next_message_there(
    stack: Stack, connection: Connection, ada: Person, chat: int
) -> None:
    write(stack, chat, ada, 3)
    stack.database.query("UPDATE messages SET sent_at = '2026-10-03 09:00:00.125' WHERE chat_id = %s AND seq = 3", chat)
    stack.database.query("DELETE FROM messages WHERE chat_id = %s AND seq = 2", chat)
    assert find_moment(connection, chat, 3) == find_moment(connection, chat, 2) == "2026-10-03T09:00:00.125Z"
    assert find_moment(connection, chat, 4) is None


def test_the_marks_of_every_script_are_known() -> None:
    for text, folded in (
        ("\U0001e94aa", "a"),
        ("A\u0300\u0301", "a"),
        ("שָׁלוֹם", "שלום"),
        ("ÿ", "y"),
        ("ﷺ", fold("صلى الله عليه وسلم")),
    ):
        assert fold(text) == folded
