"""Which files go, and when? Rows decide, and what was sent stays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chat_db import file_sweep
from chat_db.connection import Connection, connect, discard
from chat_db.file_marking import mark_files
from chat_db.file_records import COMPLETE, DYING, OPEN
from chat_db.file_sweep import StoredName, end_file, list_dying, list_names, mark_unsent, only_sweep
from chat_db.file_use import FileCount, Use, count_files, find_use
from chat_db.uploads import Limits, complete_upload, give_up
from stack import Stack
from tests.support.people import Person
from tests.support.room import settings_of
from tests.support.uploads import KIB, Uploads

DAY = timedelta(days=1)


def make_old(uploads: Uploads) -> None:
    """Let everything that there is have been changed two days ago."""
    uploads.database.query("UPDATE files SET changed_at = changed_at - INTERVAL 2 DAY")


def sweep(uploads: Uploads) -> int:
    return mark_unsent(uploads.connection, datetime.now(UTC) - DAY)


def states(uploads: Uploads) -> dict[int, int]:
    return {row["id"]: row["state"] for row in uploads.database.query("SELECT id, state FROM files")}


def test_what_is_never_sent_dies_with_its_thumbnail(uploads: Uploads, ada: Person, chat: int) -> None:
    whole, opened = uploads.complete(ada, chat), uploads.begin(ada, chat)
    small = uploads.complete(ada, chat, thumbnail_of=whole.id, size=1)
    small_open = uploads.begin(ada, chat, thumbnail_of=opened.id, size=1)
    assert sweep(uploads) == 0
    make_old(uploads)
    young = uploads.begin(ada, chat)
    assert sweep(uploads) == 3  # the thumbnail that is whole follows its original
    dying = dict.fromkeys((whole.id, opened.id, small.id, small_open.id), DYING)
    assert states(uploads) == {**dying, young.id: OPEN}
    assert sweep(uploads) == 0


def test_what_was_sent_stays_with_its_thumbnail_however_old(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.complete(ada, chat)
    small = uploads.complete(ada, chat, thumbnail_of=file.id, size=1)
    uploads.send(file)
    make_old(uploads)
    assert sweep(uploads) == 0
    assert states(uploads) == {file.id: COMPLETE, small.id: COMPLETE}


def test_a_thumbnail_that_never_became_whole_dies_alone(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.complete(ada, chat)
    small = uploads.begin(ada, chat, thumbnail_of=file.id, size=1)
    uploads.send(file)
    make_old(uploads)
    assert sweep(uploads) == 1
    assert states(uploads) == {file.id: COMPLETE, small.id: DYING}


def test_an_upload_that_has_become_whole_has_a_day_again(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.begin(ada, chat)
    make_old(uploads)
    assert complete_upload(uploads.connection, file.owner_id, file.id, "image/png", 1)
    assert sweep(uploads) == 0


def test_dying_files_are_listed_in_their_order_and_end_once(uploads: Uploads, ada: Person, chat: int) -> None:
    files = [uploads.complete(ada, chat) for _ in range(3)]
    for file in (files[2], files[0]):
        assert give_up(uploads.connection, ada.id, file.id)
    uploads.database.query("UPDATE files SET changed_at = changed_at - INTERVAL 1 HOUR WHERE id = %s", files[2].id)
    dying = list_dying(uploads.connection, 10)
    assert dying == [StoredName(file.id, file.stored_name, DYING) for file in (files[2], files[0])]
    assert list_dying(uploads.connection, 1) == dying[:1]
    assert [end_file(uploads.connection, one.id) for one in (*dying, *dying)] == [True, True, False, False]
    assert list_dying(uploads.connection, 10) == []
    assert find_use(uploads.connection, ada.id) == Use(100 * KIB, 0)


def test_a_file_that_does_not_die_is_not_ended(uploads: Uploads, ada: Person, chat: int) -> None:
    opened, whole = uploads.begin(ada, chat), uploads.complete(ada, chat)
    uploads.send(whole)
    before = uploads.rows()
    assert not end_file(uploads.connection, opened.id)
    assert not end_file(uploads.connection, whole.id)
    assert uploads.rows() == before


def test_files_that_are_marked_give_back_everything_when_they_end(uploads: Uploads, ada: Person, chat: int) -> None:
    whole, opened = uploads.complete(ada, chat), uploads.begin(ada, chat)
    uploads.begin(ada, chat, thumbnail_of=whole.id, size=1)
    uploads.send(whole)
    mark_files(uploads.connection, [])
    mark_files(uploads.connection, [whole.id, opened.id])
    assert find_use(uploads.connection, ada.id) == Use((100 + 100 + 64) * KIB, 2)
    for one in list_dying(uploads.connection, 10):
        assert end_file(uploads.connection, one.id)
    assert find_use(uploads.connection, ada.id) == Use(0, 0)
    assert states(uploads) == {}


def test_marking_again_does_not_put_a_dying_file_off(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.complete(ada, chat)
    mark_files(uploads.connection, [file.id])
    make_old(uploads)
    before = uploads.rows()
    mark_files(uploads.connection, [file.id])
    assert uploads.rows() == before


def test_every_name_is_listed_once(uploads: Uploads, ada: Person, chat: int) -> None:
    files = [uploads.create(uploads.new(ada, chat, size=0), Limits(10**9, 100)) for _ in range(20)]
    names = list_names(uploads.connection, "")
    assert {one.id: one.stored_name for one in names} == {file.id: file.stored_name for file in files}  # type: ignore[union-attr]
    assert [one.stored_name for one in names] == sorted(one.stored_name for one in names)
    assert list_names(uploads.connection, names[7].stored_name) == names[8:]
    assert list_names(uploads.connection, names[-1].stored_name) == []
    assert {one.state for one in names} == {OPEN}


def test_files_are_counted_by_state(uploads: Uploads, ada: Person, chat: int) -> None:
    zero = [FileCount(state, 0, 0) for state in (OPEN, COMPLETE, DYING)]
    assert count_files(uploads.connection) == zero
    for size in (1, 2):
        uploads.complete(ada, chat, size=size)
    uploads.begin(ada, chat, size=5)
    assert count_files(uploads.connection) == [FileCount(OPEN, 1, 5), FileCount(COMPLETE, 2, 3), zero[2]]


@pytest.fixture
def other(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """A second connection; the sweep's lock has a name of its own, since `web` sweeps here too."""
    monkeypatch.setattr(file_sweep, "LOCK", "'a test'")
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        yield connection


def test_one_sweeps_at_a_time(uploads: Uploads, other: Connection) -> None:
    with only_sweep(uploads.connection) as first, only_sweep(other) as second:
        assert (first, second) == (True, False)
    with only_sweep(other) as second, only_sweep(uploads.connection) as first:
        assert (first, second) == (False, True)


def test_a_sweep_that_breaks_off_lets_another_one_begin(uploads: Uploads, other: Connection) -> None:
    with contextlib.suppress(LookupError), only_sweep(other):
        raise LookupError
    with only_sweep(uploads.connection) as is_only:
        assert is_only


def test_a_sweep_whose_connection_breaks_says_what_broke_it(other: Connection) -> None:
    def break_off() -> None:
        with only_sweep(other):
            discard(other)
            raise LookupError

    with pytest.raises(LookupError):
        break_off()
