"""Does a file's row open as itself only? Each encrypted value is tied to its file, its owner and its chat."""

from __future__ import annotations

import logging

import pytest

from chat_db.file_reads import find_readable, list_chat_files
from chat_db.file_records import Metadata, StoredFile
from chat_db.uploads import find_upload
from stack import Stack
from tests.support.people import People, Person
from tests.support.uploads import Uploads


@pytest.fixture
def two(uploads: Uploads, ada: Person, chat: int) -> tuple[StoredFile, StoredFile]:
    """Two pictures of Ada's in one message."""
    files = [uploads.complete(ada, chat, metadata=Metadata(name)) for name in ("one.png", "two.png")]
    uploads.send(*files)
    return files[0], files[1]


def swap(stack: Stack, column: str, one: StoredFile, two: StoredFile) -> None:
    values = {row["id"]: row[column] for row in stack.database.query(f"SELECT id, {column} FROM files")}
    for file, other in ((one, two), (two, one)):
        stack.database.query(f"UPDATE files SET {column} = %s WHERE id = %s", values[other.id], file.id)


def test_a_key_opens_in_its_own_row_only(
    stack: Stack,
    uploads: Uploads,
    ada: Person,
    two: tuple[StoredFile, StoredFile],
    caplog: pytest.LogCaptureFixture,
) -> None:
    swap(stack, "wrapped_key", *two)
    for file in two:
        assert find_upload(uploads.connection, uploads.ring, ada.id, file.id) is None
        assert find_readable(uploads.connection, uploads.ring, file.id, ada.id) is None
    [first, *_] = caplog.records
    assert (first.name, first.levelno) == ("chatapp.files", logging.ERROR)
    assert f"event=file_damaged id={two[0].id}" in first.message
    assert "one.png" not in caplog.text


def test_a_name_shows_in_its_own_row_only(
    stack: Stack, uploads: Uploads, ada: Person, chat: int, two: tuple[StoredFile, StoredFile]
) -> None:
    swap(stack, "metadata", *two)
    found = [find_readable(uploads.connection, uploads.ring, file.id, ada.id) for file in two]
    assert [file and (file.metadata, file.key) for file in found] == [(None, file.key) for file in two]
    page = list_chat_files(uploads.connection, uploads.ring, chat, ada.id, "media")
    assert page is not None
    assert [one.file.name for one in page.files] == ["", ""]


@pytest.mark.parametrize("column", ["metadata", "wrapped_key"])
def test_neither_is_taken_for_the_other(
    stack: Stack, uploads: Uploads, ada: Person, two: tuple[StoredFile, StoredFile], column: str
) -> None:
    [row] = stack.database.query("SELECT metadata, wrapped_key FROM files WHERE id = %s", two[0].id)
    other = {"metadata": "wrapped_key", "wrapped_key": "metadata"}[column]
    stack.database.query(f"UPDATE files SET {column} = LEFT(%s, 128) WHERE id = %s", row[other], two[0].id)
    found = find_upload(uploads.connection, uploads.ring, ada.id, two[0].id)
    assert found is None or (column == "metadata" and found.metadata is None)


def test_a_row_of_another_chat_or_owner_does_not_open(
    stack: Stack,
    uploads: Uploads,
    people: People,
    ada: Person,
    bob: Person,
    eve: Person,
    two: tuple[StoredFile, StoredFile],
) -> None:
    elsewhere = people.chat_between(ada, eve)
    stack.database.query("UPDATE files SET chat_id = %s, message_id = NULL WHERE id = %s", elsewhere, two[0].id)
    stack.database.query("UPDATE files SET owner_id = %s, message_id = NULL WHERE id = %s", bob.id, two[1].id)
    assert find_readable(uploads.connection, uploads.ring, two[0].id, ada.id) is None
    assert find_readable(uploads.connection, uploads.ring, two[1].id, bob.id) is None


def test_the_bytes_of_one_row_are_not_shown_as_those_of_another(
    stack: Stack, uploads: Uploads, ada: Person, two: tuple[StoredFile, StoredFile]
) -> None:
    stack.database.query("UPDATE files SET stored_name = REVERSE(stored_name) WHERE id = %s", two[0].id)
    assert find_readable(uploads.connection, uploads.ring, two[0].id, ada.id) is None


def test_a_file_whose_key_is_lost_is_as_one_that_is_not_there(
    stack: Stack, uploads: Uploads, ada: Person, two: tuple[StoredFile, StoredFile]
) -> None:
    stack.database.query("UPDATE files SET key_version = 77")
    assert find_upload(uploads.connection, uploads.ring, ada.id, two[0].id) is None
    new = uploads.new(ada, two[0].chat_id, client_id=two[0].client_id, metadata=Metadata("one.png"))
    assert uploads.create(new) == "client_id_reused"


def test_a_plain_key_of_another_length_is_no_key(
    stack: Stack, uploads: Uploads, ada: Person, two: tuple[StoredFile, StoredFile]
) -> None:
    for key in ("", "AAAA", "no base64!"):
        stack.database.query("UPDATE files SET key_version = 0, wrapped_key = %s WHERE id = %s", key, two[0].id)
        assert find_upload(uploads.connection, uploads.ring, ada.id, two[0].id) is None
