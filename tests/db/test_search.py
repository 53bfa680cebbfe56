"""Whose messages does a search read? Membership and floors are in the query that reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from chat_db.connection import Connection, connect
from chat_db.folding import fold
from chat_db.search import SLICE, Searched, list_searched, read_slice
from stack import Stack
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.rows import write


@pytest.fixture
def connection(stack: Stack) -> Iterator[Connection]:
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        yield connection


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


def test_the_marks_of_every_script_are_known() -> None:
    for text, folded in (
        ("\U0001e94aa", "a"),
        ("A\u0300\u0301", "a"),
        ("שָׁלוֹם", "שלום"),
        ("ÿ", "y"),
        ("ﷺ", fold("صلى الله عليه وسلم")),
    ):
        assert fold(text) == folded
