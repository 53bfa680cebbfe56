"""Which messages go by themselves, which stay, and what is left of their chat?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chat_db import expiry
from chat_db.chat_lists import list_chats
from chat_db.chats import find_chat_state
from chat_db.connection import Connection, connect
from chat_db.encryption import KeyRing
from chat_db.expiry import Purged, delete_old_changes, find_due, purge_piece
from chat_db.keeping import Keep, Kept, set_keep
from stack import Stack
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.rows import write
from tests.support.stored import ring_of

NOW = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
HOUR, DAY = 3_600, 86_400


class Chat:
    """A chat whose messages are as old as a test says."""

    def __init__(self, stack: Stack, ring: KeyRing, ada: Person, bob: Person, chat: int) -> None:
        self.id, self.ada, self.bob = chat, ada.id, bob.id
        self.connection = connect(settings_of(stack.database))
        self._ring, self._stack, self._sender = ring, stack, ada
        self._last = 0

    def say(self, *seconds_ago: float) -> None:
        for ago in seconds_ago:
            self._last += 1
            at = (NOW - timedelta(seconds=ago)).strftime("%Y-%m-%d %H:%M:%S")
            write(self._stack, self.id, self._sender, 1, first=self._last, at=at)

    def keep(self, seconds: int | None, since: int = 2 * DAY) -> None:
        """Have messages kept for so long; `since` (seconds ago) this may count."""
        begin = (NOW - timedelta(seconds=since)).strftime("%Y-%m-%d %H:%M:%S")
        self.query("UPDATE chats SET keep_seconds = %s, keep_from = %s WHERE id = %s", seconds, begin, self.id)

    def clear(self, user: int, seq: int) -> None:
        self.query("UPDATE members SET cleared_seq = %s WHERE chat_id = %s AND user_id = %s", seq, self.id, user)

    def query(self, sql: str, *values: object) -> list[dict[str, object]]:
        return self._stack.database.query(sql, *values)

    def purge(self) -> list[Purged]:
        """Purge what is due, as ws-server does."""
        pieces = []
        for chat in find_due(self.connection, NOW):
            while (piece := purge_piece(self.connection, chat, NOW)) is not None:
                pieces.append(piece)
        assert find_due(self.connection, NOW) == []
        return pieces

    def left(self) -> list[object]:
        return [row["seq"] for row in self.query("SELECT seq FROM messages WHERE chat_id = %s ORDER BY seq", self.id)]

    def purged_seq(self) -> object:
        return self.query("SELECT purged_seq FROM chats WHERE id = %s", self.id)[0]["purged_seq"]


@pytest.fixture
def there(stack: Stack, ada: Person, bob: Person, chat: int) -> Iterator[Chat]:
    there = Chat(stack, ring_of(stack.database), ada, bob, chat)
    with contextlib.closing(there.connection):
        yield there


def test_nothing_goes_where_nothing_was_chosen(there: Chat) -> None:
    there.say(1000 * DAY)
    assert there.purge() == []
    assert purge_piece(there.connection, there.id, NOW) is None


def test_what_is_older_than_the_chat_keeps_goes_for_both(there: Chat) -> None:
    there.say(3 * DAY, 2 * DAY, DAY + 1, DAY - 1, 5)
    there.keep(DAY)
    assert there.purge() == [Purged(there.id, 3, [there.ada, there.bob], False)]
    assert (there.left(), there.purged_seq()) == ([4, 5], 3)
    assert there.purge() == []


def test_nothing_goes_before_the_choice_counts(there: Chat) -> None:
    there.say(3 * DAY)
    there.keep(DAY, since=-1)
    assert there.purge() == []
    assert purge_piece(there.connection, there.id, NOW) is None


def test_a_choice_counts_a_day_later_and_not_any_more_when_it_is_undone(there: Chat) -> None:
    there.say(1000 * DAY)
    ring = there._ring
    for seconds, client_id in ((HOUR, "k1"), (None, "k2")):
        keep = Keep(there.id, there.ada, "ada", there.bob, seconds, client_id)
        assert isinstance(set_keep(there.connection, ring, keep), Kept)
        [row] = there.query("SELECT keep_from FROM chats WHERE id = %s", there.id)
        soon, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (23.9, 24.1))
        assert find_due(there.connection, soon) == []
        assert find_due(there.connection, later) == ([there.id] if seconds else [])
        assert (row["keep_from"] is None) == (seconds is None)


def test_a_young_message_keeps_the_older_ones_behind_it(there: Chat) -> None:
    """Where a clock was set back: what is purged is everything up to a number."""
    there.say(3 * DAY, 10, 2 * DAY)
    there.keep(DAY)
    assert [piece.up_to for piece in there.purge()] == [1]


def test_nothing_that_is_younger_than_an_hour_goes(there: Chat) -> None:
    there.say(HOUR + 1, HOUR - 1)
    there.keep(60)
    there.clear(there.ada, 2)
    there.clear(there.bob, 2)
    assert [piece.up_to for piece in there.purge()] == [1]


def test_what_both_have_cleared_goes_without_a_word(there: Chat) -> None:
    there.say(*[2 * HOUR] * 5)
    there.clear(there.ada, 4)
    assert there.purge() == []
    there.clear(there.bob, 2)
    assert there.purge() == [Purged(there.id, 2, [], False)]
    assert there.left() == [3, 4, 5]


def test_a_deleted_account_has_cleared_all(there: Chat) -> None:
    there.say(*[2 * HOUR] * 5)
    there.query("UPDATE users SET username = NULL, deleted_at = NOW(3) WHERE id = %s", there.bob)
    assert there.purge() == []
    there.clear(there.ada, 3)
    assert there.purge() == [Purged(there.id, 3, [], False)]


def test_whoever_has_cleared_it_hears_nothing_of_it(there: Chat) -> None:
    there.say(*[2 * DAY] * 5)
    there.clear(there.ada, 5)
    there.keep(DAY)
    assert there.purge() == [Purged(there.id, 5, [there.bob], False)]


def test_much_goes_in_pieces(there: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "PIECE", 2)
    there.say(*[2 * DAY] * 5)
    there.keep(DAY)
    assert [(piece.up_to, piece.more) for piece in there.purge()] == [(2, True), (4, True), (5, False)]


def test_an_empty_chat_keeps_its_last_number(there: Chat) -> None:
    there.say(2 * DAY, 2 * DAY)
    there.keep(DAY)
    there.purge()
    state = find_chat_state(there.connection, there.id, there.ada)
    [summary] = list_chats(there.connection, there.ada)
    assert state is not None
    assert (state.last_seq, summary.last_seq, summary.floor) == (2, 2, 2)


@pytest.mark.parametrize("muted", [False, True])
def test_a_chat_that_was_brought_back_stays_so_when_the_message_goes(there: Chat, muted: bool) -> None:
    there.say(2 * DAY)
    until = "'9999-12-31'" if muted else "NULL"
    there.query(f"UPDATE members SET archived_at = '2026-11-01', muted_until = {until} WHERE user_id = %s", there.ada)
    there.keep(DAY)
    there.purge()
    [summary] = list_chats(there.connection, there.ada)
    assert (summary.archived_at is not None) == muted


def test_a_chat_that_is_archived_while_its_messages_go_is_archived(
    there: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.say(2 * DAY)
    there.query("UPDATE members SET archived_at = '2026-11-01' WHERE user_id = %s", there.ada)
    there.keep(DAY)
    delete = expiry._delete

    def archive_then_delete(connection: Connection, ids: list[int]) -> None:
        there.query("UPDATE members SET archived_at = '2037-01-01' WHERE user_id = %s", there.ada)
        delete(connection, ids)

    monkeypatch.setattr(expiry, "_delete", archive_then_delete)
    there.purge()
    [summary] = list_chats(there.connection, there.ada)
    assert summary.archived_at == "2037-01-01T00:00:00.000Z"


def test_changes_are_forgotten_after_30_days_the_oldest_first(there: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "PIECE", 2)
    for number, days in ((1, 40), (2, 35), (3, 31), (4, 29), (5, 0)):
        at = (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
        there.query(
            "INSERT INTO changes (chat_id, change_seq, seq, user_id, client_id, changed_at)"
            " VALUES (%s, %s, 1, %s, %s, %s)",
            *(there.id, number, there.ada, f"c{number}'\\", at),
        )
    left = []
    for _ in range(2):
        more = delete_old_changes(there.connection, NOW)
        left.append((more, [row["change_seq"] for row in there.query("SELECT change_seq FROM changes ORDER BY 1")]))
    assert left == [(True, [3, 4, 5]), (False, [4, 5])]
