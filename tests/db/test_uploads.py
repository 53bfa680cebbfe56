"""Who may begin an upload, what does it count, and what becomes of it before it is sent?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from chat_db import users
from chat_db.encryption import KeyRing
from chat_db.file_records import COMPLETE, DYING, FILM, OPEN, PICTURE, Metadata, StoredFile
from chat_db.file_sweep import end_file
from chat_db.file_use import LEAST_BYTES, Use, find_use
from chat_db.uploads import (
    MAX_THUMBNAIL,
    Limits,
    NewUpload,
    complete_upload,
    create_upload,
    find_upload,
    give_up,
    sum_of_open,
)
from stack import Stack
from tests.support.people import People, Person
from tests.support.uploads import KIB, LIMITS, Uploads, uploading

SMALL = {"size": 10 * KIB}


def refuse(uploads: Uploads, new: NewUpload, limits: Limits = LIMITS) -> str:
    """Return the code with which a creation is refused, which changed nothing."""
    before = uploads.rows()
    code = uploads.create(new, limits)
    assert isinstance(code, str)
    assert uploads.rows() == before
    return code


def at_once(stack: Stack, news: list[NewUpload], limits: Limits) -> list[StoredFile | str]:
    """Begin uploads at the same time, each on a connection of its own."""
    barrier = Barrier(len(news))

    def create(new: NewUpload) -> StoredFile | str:
        with uploading(stack.database) as uploads:
            uploads.rows()  # the connection is open
            barrier.wait()
            return create_upload(uploads.connection, uploads.ring, new, limits)

    with ThreadPoolExecutor(len(news)) as threads:
        return list(threads.map(create, news))


def test_an_upload_begins_open_and_its_owner_finds_it(uploads: Uploads, ada: Person, bob: Person, chat: int) -> None:
    file = uploads.begin(ada, chat, metadata=Metadata("a.png", peaks=[1, 31], thumbhash="abcd", duration=1.5))
    assert (file.state, file.message_id, file.size, file.owner_id, file.chat_id) == (
        OPEN,
        None,
        100 * KIB,
        ada.id,
        chat,
    )
    assert len(file.key) == 32
    assert find_upload(uploads.connection, uploads.ring, ada.id, file.id) == file
    assert find_upload(uploads.connection, uploads.ring, bob.id, file.id) is None


def test_keys_and_names_differ_and_neither_is_shown_by_chance(uploads: Uploads, ada: Person, chat: int) -> None:
    one, two = uploads.begin(ada, chat), uploads.begin(ada, chat)
    assert one.key != two.key
    assert one.stored_name != two.stored_name
    assert "a.png" not in repr(one)
    assert repr(one.key) not in repr(one)


def test_what_is_said_of_a_file_is_not_readable_in_the_database(uploads: Uploads, ada: Person, chat: int) -> None:
    uploads.begin(ada, chat, metadata=Metadata("the beach.png"))
    assert "beach" not in repr(uploads.rows())


def test_without_encryption_of_texts_a_file_has_a_key_all_the_same(
    uploads: Uploads, ada: Person, chat: int, tmp_path: Path
) -> None:
    uploads.ring = KeyRing(tmp_path / "message-keys", False)
    file = uploads.begin(ada, chat)
    [row, _] = uploads.rows()
    assert row["key_version"] == 0
    assert row["metadata"] == '{"name":"a.png","width":40,"height":30}'
    assert find_upload(uploads.connection, uploads.ring, ada.id, file.id) == file
    assert len(file.key) == 32


def test_an_outsider_begins_no_upload(uploads: Uploads, eve: Person, chat: int) -> None:
    assert refuse(uploads, uploads.new(eve, chat)) == "no_such_chat"
    assert refuse(uploads, uploads.new(eve, chat + 1)) == "no_such_chat"


def test_a_deleted_account_begins_no_upload(uploads: Uploads, ada: Person, chat: int) -> None:
    users.delete_user(uploads.connection, ada.id)
    assert refuse(uploads, uploads.new(ada, chat)) == "no_such_chat"


def test_a_creation_that_is_sent_again_finds_the_first(uploads: Uploads, ada: Person, chat: int) -> None:
    new = uploads.new(ada, chat)
    first = uploads.create(new)
    before = uploads.rows()
    assert uploads.create(new) == first
    assert uploads.create(new, Limits(0, 0)) == first  # it counts already
    assert uploads.rows() == before
    assert isinstance(first, StoredFile)
    assert complete_upload(uploads.connection, first.owner_id, first.id, "image/png", PICTURE)
    again = uploads.create(new)
    assert isinstance(again, StoredFile)
    assert (again.id, again.state, again.kind, again.type) == (first.id, COMPLETE, PICTURE, "image/png")


@pytest.mark.parametrize("other", [{"size": 1}, {"metadata": Metadata("b.png")}, {"thumbnail_of": 1}])
def test_a_client_id_is_not_taken_for_another_file(
    uploads: Uploads, ada: Person, chat: int, other: dict[str, Any]
) -> None:
    new = uploads.new(ada, chat)
    uploads.create(new)
    assert refuse(uploads, new._replace(**other)) == "client_id_reused"


def test_a_client_id_is_not_taken_for_another_chat_but_another_person_may_have_it(
    uploads: Uploads, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    new = uploads.new(ada, chat)
    first = uploads.create(new)
    assert refuse(uploads, new._replace(chat_id=people.chat_between(ada, eve))) == "client_id_reused"
    of_bob = uploads.create(new._replace(owner_id=bob.id))
    assert isinstance(of_bob, StoredFile)
    assert of_bob != first


def test_one_client_id_at_once_makes_one_row(stack: Stack, uploads: Uploads, ada: Person, chat: int) -> None:
    files = at_once(stack, [uploads.new(ada, chat)._replace(client_id="one")] * 6, Limits(10**9, 1))
    assert len({file.id for file in files if isinstance(file, StoredFile)}) == 1
    assert all(file == files[0] for file in files)
    assert len(uploads.rows()) == 2
    assert find_use(uploads.connection, ada.id) == Use(100 * KIB, 1)


def test_a_quota_holds_from_many_devices_at_once(stack: Stack, uploads: Uploads, ada: Person, chat: int) -> None:
    news = [uploads.new(ada, chat) for _ in range(6)]
    found = at_once(stack, news, Limits(user_bytes=250 * KIB, open_uploads=100))
    assert sum(isinstance(one, StoredFile) for one in found) == 2
    assert [one for one in found if isinstance(one, str)] == ["quota"] * 4
    assert find_use(uploads.connection, ada.id) == Use(200 * KIB, 2)


def test_the_number_of_open_uploads_holds_from_many_devices_at_once(
    stack: Stack, uploads: Uploads, ada: Person, chat: int
) -> None:
    news = [uploads.new(ada, chat) for _ in range(6)]
    found = at_once(stack, news, Limits(user_bytes=10**9, open_uploads=3))
    assert sum(isinstance(one, StoredFile) for one in found) == 3
    assert [one for one in found if isinstance(one, str)] == ["too_many_uploads"] * 3


def test_a_quota_is_used_up_to_the_last_byte_and_is_each_ones_own(
    uploads: Uploads, ada: Person, bob: Person, chat: int
) -> None:
    limits = Limits(user_bytes=100 * KIB, open_uploads=5)
    assert refuse(uploads, uploads.new(ada, chat, size=100 * KIB + 1), limits) == "quota"
    assert isinstance(uploads.create(uploads.new(ada, chat), limits), StoredFile)
    assert refuse(uploads, uploads.new(ada, chat, size=1), limits) == "quota"
    assert isinstance(uploads.create(uploads.new(bob, chat), limits), StoredFile)


def test_each_file_counts_64_kib_at_least(uploads: Uploads, ada: Person, chat: int) -> None:
    uploads.begin(ada, chat, size=0)
    assert find_use(uploads.connection, ada.id) == Use(LEAST_BYTES, 1)
    assert refuse(uploads, uploads.new(ada, chat, size=1), Limits(2 * LEAST_BYTES - 1, 9)) == "quota"


def test_a_complete_upload_makes_room_for_another_and_goes_on_counting(
    uploads: Uploads, ada: Person, chat: int
) -> None:
    one_open = Limits(10**9, 1)
    first = uploads.begin(ada, chat)
    assert refuse(uploads, uploads.new(ada, chat), one_open) == "too_many_uploads"
    assert sum_of_open(uploads.connection) == 100 * KIB
    assert complete_upload(uploads.connection, first.owner_id, first.id, "video/mp4", FILM)
    assert sum_of_open(uploads.connection) == 0
    assert find_use(uploads.connection, ada.id) == Use(100 * KIB, 0)
    found = find_upload(uploads.connection, uploads.ring, ada.id, first.id)
    assert found is not None
    whole = first._replace(state=COMPLETE, type="video/mp4", kind=FILM, changed_at=found.changed_at)
    assert found == whole
    assert found.changed_at >= first.changed_at
    assert isinstance(uploads.create(uploads.new(ada, chat), one_open), StoredFile)


def test_an_upload_becomes_complete_once(uploads: Uploads, ada: Person, chat: int) -> None:
    first, _ = uploads.complete(ada, chat), uploads.begin(ada, chat)
    before = uploads.rows()
    assert not complete_upload(uploads.connection, first.owner_id, first.id, "text/html", FILM)
    assert not complete_upload(uploads.connection, first.owner_id, first.id + 1_000, "text/html", FILM)
    assert uploads.rows() == before


def test_one_who_gives_up_finds_nothing_any_more_and_gets_the_bytes_back_when_they_are_gone(
    uploads: Uploads, ada: Person, bob: Person, chat: int
) -> None:
    connection = uploads.connection
    opened, whole = uploads.begin(ada, chat), uploads.complete(ada, chat)
    assert not give_up(connection, bob.id, opened.id)
    for file in (opened, whole):
        assert give_up(connection, ada.id, file.id)
        assert not give_up(connection, ada.id, file.id)
        assert find_upload(connection, uploads.ring, ada.id, file.id) is None
        assert not complete_upload(connection, file.owner_id, file.id, "image/png", PICTURE)
    assert find_use(connection, ada.id) == Use(200 * KIB, 1)
    assert end_file(connection, whole.id)
    assert find_use(connection, ada.id) == Use(100 * KIB, 1)
    assert end_file(connection, opened.id)
    assert not end_file(connection, opened.id)
    assert find_use(connection, ada.id) == Use(0, 0)


def test_what_was_sent_is_not_given_up(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.complete(ada, chat)
    small = uploads.complete(ada, chat, thumbnail_of=file.id, **SMALL)
    uploads.send(file)
    before = uploads.rows()
    assert not give_up(uploads.connection, ada.id, file.id)
    assert not give_up(uploads.connection, ada.id, small.id)
    assert uploads.rows() == before


def test_the_client_id_of_a_dying_file_is_not_taken_until_its_row_is_gone(
    uploads: Uploads, ada: Person, chat: int
) -> None:
    new = uploads.new(ada, chat)
    first = uploads.create(new)
    assert isinstance(first, StoredFile)
    assert give_up(uploads.connection, ada.id, first.id)
    assert refuse(uploads, new) == "client_id_reused"
    assert end_file(uploads.connection, first.id)
    assert isinstance(uploads.create(new), StoredFile)


def test_a_file_has_one_thumbnail_which_dies_with_it(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.begin(ada, chat)
    small = uploads.begin(ada, chat, thumbnail_of=file.id, **SMALL)
    assert small.thumbnail_of == file.id
    assert refuse(uploads, uploads.new(ada, chat, thumbnail_of=file.id, **SMALL)) == "bad_thumbnail"
    assert give_up(uploads.connection, ada.id, file.id)
    states = {row["id"]: row["state"] for row in uploads.database.query("SELECT id, state FROM files")}
    assert states == {file.id: DYING, small.id: DYING}


def test_a_thumbnail_belongs_to_an_own_unsent_file_of_the_same_chat(
    uploads: Uploads, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    of_bob, elsewhere = uploads.begin(bob, chat), uploads.begin(ada, people.chat_between(ada, eve))
    sent, dying, small = uploads.complete(ada, chat), uploads.begin(ada, chat), uploads.begin(ada, chat, **SMALL)
    uploads.send(sent)
    assert give_up(uploads.connection, ada.id, dying.id)
    small = uploads.begin(ada, chat, thumbnail_of=small.id, size=1)
    for original in (of_bob.id, elsewhere.id, sent.id, dying.id, small.id, 4_000_000_000):
        assert refuse(uploads, uploads.new(ada, chat, thumbnail_of=original, size=1)) == "bad_thumbnail", original


def test_a_thumbnail_is_small_and_an_outsider_makes_none(uploads: Uploads, ada: Person, eve: Person, chat: int) -> None:
    file = uploads.begin(ada, chat)
    of_eve = uploads.new(eve, chat, thumbnail_of=file.id, size=1)
    assert refuse(uploads, of_eve) == "no_such_chat"
    too_large = uploads.new(ada, chat, thumbnail_of=file.id, size=MAX_THUMBNAIL + 1)
    assert refuse(uploads, too_large) == "bad_thumbnail"
    assert isinstance(uploads.create(too_large._replace(size=MAX_THUMBNAIL)), StoredFile)


def test_two_thumbnails_at_once_are_one(stack: Stack, uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.begin(ada, chat)
    news = [uploads.new(ada, chat, thumbnail_of=file.id, **SMALL) for _ in range(4)]
    found = at_once(stack, news, Limits(10**9, 100))
    assert sum(isinstance(one, StoredFile) for one in found) == 1
    assert find_use(uploads.connection, ada.id) == Use(100 * KIB + LEAST_BYTES, 2)
