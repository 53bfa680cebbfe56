"""Who may read which file? As the message with which it was sent; before that its owner alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from chat_db import users
from chat_db.file_reads import ChatFile, Kind, find_readable, list_chat_files
from chat_db.file_records import FILE, FILM, PICTURE, SOUND, Metadata, SharedFile, StoredFile
from chat_db.uploads import complete_upload, find_upload, give_up
from stack import Stack
from tests.support.people import People, Person
from tests.support.uploads import Uploads


@pytest.fixture
def picture(uploads: Uploads, ada: Person, chat: int) -> StoredFile:
    """A whole picture of Ada's with a thumbnail, not sent yet."""
    file = uploads.complete(ada, chat)
    uploads.complete(ada, chat, thumbnail_of=file.id, size=500)
    return file


def readers(uploads: Uploads, file: StoredFile, people: Sequence[Person]) -> list[str]:
    """Return who reads a file; its thumbnail, where it has one, is read by the same."""
    small = uploads.database.query("SELECT id FROM files WHERE thumbnail_of = %s", file.id)
    found = [
        [
            person.name
            for person in people
            if find_readable(uploads.connection, uploads.ring, identity, person.id) is not None
        ]
        for identity in (file.id, *(row["id"] for row in small))
    ]
    assert all(each == found[0] for each in found)
    return found[0]


def listed(uploads: Uploads, chat: int, reader: Person, kind: Kind = "media") -> list[int]:
    page = list_chat_files(uploads.connection, uploads.ring, chat, reader.id, kind)
    assert page is not None
    return [one.file.id for one in page.files]


def test_a_file_is_its_owners_alone_until_it_is_sent_and_then_of_both(
    uploads: Uploads, ada: Person, bob: Person, eve: Person, chat: int, picture: StoredFile
) -> None:
    cast = (ada, bob, eve)
    assert readers(uploads, picture, cast) == ["ada"]
    assert listed(uploads, chat, ada) == listed(uploads, chat, bob) == []
    message = uploads.send(picture)
    assert readers(uploads, picture, cast) == ["ada", "bob"]
    assert listed(uploads, chat, ada) == listed(uploads, chat, bob) == [picture.id]
    assert list_chat_files(uploads.connection, uploads.ring, chat, eve.id, "media") is None
    found = find_readable(uploads.connection, uploads.ring, picture.id, bob.id)
    assert found == find_upload(uploads.connection, uploads.ring, ada.id, picture.id)
    assert found is not None
    assert (found.message_id, found.key, found.type) == (message, picture.key, "image/png")


def test_who_has_other_chats_only_reads_nothing(
    uploads: Uploads, people: People, ada: Person, eve: Person, picture: StoredFile
) -> None:
    uploads.send(picture)
    people.chat_between(ada, eve)
    assert readers(uploads, picture, (eve,)) == []


def test_what_is_not_whole_is_read_by_nobody(uploads: Uploads, ada: Person, chat: int) -> None:
    file = uploads.begin(ada, chat)
    assert readers(uploads, file, (ada,)) == []
    assert complete_upload(uploads.connection, file.owner_id, file.id, "image/png", PICTURE)
    assert readers(uploads, file, (ada,)) == ["ada"]
    assert give_up(uploads.connection, ada.id, file.id)
    assert readers(uploads, file, (ada,)) == []


def test_a_file_goes_with_its_message(
    stack: Stack, uploads: Uploads, ada: Person, bob: Person, chat: int, picture: StoredFile
) -> None:
    message = uploads.send(picture)
    stack.database.query("UPDATE messages SET deleted_at = NOW(3) WHERE id = %s", message)
    assert readers(uploads, picture, (ada, bob)) == []
    assert listed(uploads, chat, ada) == []
    stack.database.query("UPDATE messages SET deleted_at = NULL WHERE id = %s", message)
    assert readers(uploads, picture, (ada, bob)) == ["ada", "bob"]
    stack.database.query("DELETE FROM messages WHERE id = %s", message)
    assert readers(uploads, picture, (ada, bob)) == []
    assert listed(uploads, chat, ada) == []


def test_a_dying_file_is_read_by_nobody(
    stack: Stack, uploads: Uploads, ada: Person, bob: Person, chat: int, picture: StoredFile
) -> None:
    uploads.send(picture)
    stack.database.query("UPDATE files SET state = 2 WHERE id = %s", picture.id)
    assert readers(uploads, picture, (ada, bob)) == []
    assert listed(uploads, chat, ada) == []


def test_what_a_member_has_cleared_is_gone_for_that_member(
    stack: Stack, uploads: Uploads, ada: Person, bob: Person, chat: int, picture: StoredFile
) -> None:
    later = uploads.complete(ada, chat)
    uploads.send(picture, seq=1)
    uploads.send(later, seq=2)
    stack.database.query("UPDATE members SET cleared_seq = 1 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    assert readers(uploads, picture, (ada, bob)) == ["ada"]
    assert readers(uploads, later, (ada, bob)) == ["ada", "bob"]
    assert (listed(uploads, chat, ada), listed(uploads, chat, bob)) == ([later.id, picture.id], [later.id])


def test_what_is_purged_is_gone_for_both(
    stack: Stack, uploads: Uploads, ada: Person, bob: Person, chat: int, picture: StoredFile
) -> None:
    uploads.send(picture)
    stack.database.query("UPDATE chats SET purged_seq = 1 WHERE id = %s", chat)
    assert readers(uploads, picture, (ada, bob)) == []
    assert listed(uploads, chat, ada) == []


def test_a_deleted_account_reads_nothing_and_its_files_stay_with_the_other(
    uploads: Uploads, ada: Person, bob: Person, chat: int, picture: StoredFile
) -> None:
    unsent = uploads.complete(ada, chat)
    uploads.send(picture)
    users.delete_user(uploads.connection, ada.id)
    assert readers(uploads, picture, (ada, bob)) == ["bob"]
    assert readers(uploads, unsent, (ada, bob)) == []
    assert listed(uploads, chat, bob) == [picture.id]
    assert list_chat_files(uploads.connection, uploads.ring, chat, ada.id, "media") is None


def test_a_message_of_another_chat_opens_no_file(
    stack: Stack, uploads: Uploads, people: People, ada: Person, bob: Person, eve: Person, picture: StoredFile
) -> None:
    other = uploads.complete(ada, people.chat_between(ada, eve))
    message = uploads.send(other)
    stack.database.query("UPDATE files SET message_id = %s WHERE id = %s", message, picture.id)
    assert readers(uploads, picture, (ada, bob, eve)) == []


def test_a_listed_file_says_what_its_page_shows(uploads: Uploads, ada: Person, bob: Person, chat: int) -> None:
    file = uploads.complete(ada, chat, metadata=Metadata("a.png", 40, 30, thumbhash="abcd"))
    small = uploads.begin(ada, chat, thumbnail_of=file.id, size=500)
    message = uploads.send(file)

    def find() -> ChatFile:
        page = list_chat_files(uploads.connection, uploads.ring, chat, bob.id, "media")
        assert page is not None
        assert not page.more
        [one] = page.files
        return one

    shown = SharedFile(file.id, "a.png", "image/png", file.size, 40, 30, thumbhash="abcd")
    assert find() == ChatFile(message, 1, ada.id, find().sent_at, shown)
    assert find().sent_at.endswith("Z")
    assert complete_upload(uploads.connection, small.owner_id, small.id, "image/webp", PICTURE)
    assert find().file == msgspec.structs.replace(shown, thumbnail=small.id)


def test_files_are_listed_by_kind_newest_first_each_messages_in_its_order(
    uploads: Uploads, ada: Person, bob: Person, chat: int
) -> None:
    kinds = (PICTURE, FILE, FILM, SOUND, PICTURE)
    first = [uploads.complete(ada, chat, kind, size=1) for kind in kinds]
    uploads.send(*first[::-1], seq=1)
    second = [uploads.complete(bob, chat, kind, size=1) for kind in (PICTURE, FILE)]
    uploads.send(*second, seq=2)
    numbers = [file.id for file in first]
    assert listed(uploads, chat, ada, "media") == [second[0].id, numbers[4], numbers[2], numbers[0]]
    assert listed(uploads, chat, ada, "file") == [second[1].id, numbers[1]]
    assert listed(uploads, chat, ada, "sound") == [numbers[3]]


def test_pages_of_files_hold_each_once_and_divide_no_message(
    uploads: Uploads, ada: Person, bob: Person, chat: int
) -> None:
    sent = []
    for seq, count in enumerate((3, 1, 4, 2, 1), 1):
        files = [uploads.complete(ada, chat, (PICTURE, FILM)[at % 2], size=0) for at in range(count)]
        uploads.send(*files, seq=seq)
        sent.append([file.id for file in files])
    pages, before, more = [], None, True
    while more:
        page = list_chat_files(uploads.connection, uploads.ring, chat, bob.id, "media", before, 2)
        assert page is not None
        pages.append([one.file.id for one in page.files])
        before, more = page.files[-1].seq, page.more
    assert pages == [[*sent[4], *sent[3]], sent[2], [*sent[1], *sent[0]]]
    page = list_chat_files(uploads.connection, uploads.ring, chat, bob.id, "media", 1, 2)
    assert page == ([], False)
