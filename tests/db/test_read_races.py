"""Is a page true that is read in steps, while messages change and go between two of them?"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat_db import changed_messages, message_pages, message_windows
from chat_db.connection import connect, fetch_all
from chat_db.expiry import purge_piece
from chat_db.message_pages import read_nearest
from chat_db.message_rows import read_seqs
from stack import Stack
from tests.support.people import Person
from tests.support.room import Room, settings_of
from tests.support.stored import ring_of


@pytest.fixture
def room(stack: Stack, ada: Person, bob: Person, chat: int) -> Room:
    return Room(stack.database, ring_of(stack.database), ada, bob, chat)


def test_a_long_text_that_is_edited_while_a_page_is_read_is_listed_as_one_of_the_two(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long texts are read after the rows: text, key and numbers must be those of one moment."""
    room.make(room.edit("x" * 4_000))

    def fetch_all_then_edit(*args: Any) -> Any:
        rows = fetch_all(*args)
        if "BETWEEN" in args[1]:
            monkeypatch.undo()
            room.make(room.edit("y" * 4_000))
        return rows

    monkeypatch.setattr(message_pages, "fetch_all", fetch_all_then_edit)
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        page = message_pages.list_messages(connection, room.ring, room.chat, room.bob, 10)
    assert page is not None
    [message] = page.messages
    assert (message.content, message.text_seq, message.change_seq, message.problem) == ("y" * 4_000, 2, 2, None)


def test_a_page_has_no_hole_where_a_long_text_is_purged_while_it_is_read(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of rows that were read before the purge, short texts had come already."""
    for text in ("x" * 4_000, "short", "stays"):
        room.say(text)
    room.database.query("UPDATE messages SET sent_at = NOW() - INTERVAL 2 HOUR WHERE seq < 4")
    room.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = NOW() WHERE id = %s", room.chat)

    def fetch_all_then_purge(*args: Any) -> Any:
        rows = fetch_all(*args)
        if "BETWEEN" in args[1]:
            monkeypatch.undo()
            assert purge(room, hours=0) == 3
        return rows

    monkeypatch.setattr(message_pages, "fetch_all", fetch_all_then_purge)
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        page = message_pages.list_messages(connection, room.ring, room.chat, room.bob, 10)
    assert page is not None
    assert [message.seq for message in page.messages] == [3, 4]


@pytest.mark.parametrize("is_around", [False, True])
def test_a_page_of_which_all_is_purged_while_it_is_read_begins_behind_that(
    room: Room, monkeypatch: pytest.MonkeyPatch, is_around: bool
) -> None:
    """An empty page would say that nothing follows."""
    for text in ("two", "three", "stays", "stays, too"):
        room.say(text)
    room.database.query("UPDATE messages SET sent_at = NOW() - INTERVAL 2 HOUR WHERE seq < 4")
    room.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = NOW() WHERE id = %s", room.chat)

    def purge_then_read(*args: Any) -> Any:
        monkeypatch.undo()
        assert purge(room, hours=0) == 3
        return read_nearest(*args)

    module = message_windows if is_around else message_pages
    monkeypatch.setattr(module, "read_nearest", purge_then_read)
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        if is_around:
            page = message_windows.list_around(connection, room.ring, room.chat, room.bob, 1, 2)
        else:
            page = message_pages.list_messages(connection, room.ring, room.chat, room.bob, 1, after_seq=0)
    assert page is not None
    assert ([message.seq for message in page.messages], page.more_after or page.more) == ([4], True)


def test_what_is_purged_while_changes_are_read_is_told_with_them(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client will hold all changes up to the number: it must not take the old text for one that it has proof of."""
    room.make(room.edit("changed"))

    def purge_then_read(*args: Any) -> Any:
        assert purge(room, hours=2) == room.seq
        return read_seqs(*args)

    room.database.query("UPDATE chats SET keep_seconds = 3600, keep_from = NOW() WHERE id = %s", room.chat)
    monkeypatch.setattr(changed_messages, "read_seqs", purge_then_read)
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        changes = changed_messages.list_changed(connection, room.ring, room.chat, room.bob, room.seq, 0)
    assert changes is not None
    assert (changes.messages, changes.change_seq, changes.floor) == ([], 1, room.seq)


def purge(room: Room, hours: int) -> int:
    """Purge what is due so many hours from now; return up to where."""
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        purged = purge_piece(connection, room.chat, datetime.now(UTC) + timedelta(hours=hours))
    assert purged is not None
    return purged.up_to
