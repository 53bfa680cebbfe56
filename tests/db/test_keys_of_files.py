"""Do services start where the keys do not fit the files that are stored, though they fit every message?"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from chat_db.encrypted_spans import EncryptedSpans, read_spans, spans_path
from chat_db.encryption import KeyRing
from chat_db.key_files import KeyRingError, new_key, read_keys, write_keys
from chat_db.keys import prepare_keys
from chat_db.messages import NewMessage, insert_messages
from stack import Stack
from tests.support.people import Person
from tests.support.shelf import Shelf
from tests.support.stored import keys_of


@pytest.fixture
def shelf(stack: Stack, ada: Person, chat: int, tmp_path: Path) -> Shelf:
    return Shelf(stack.database, tmp_path / "keys", ada.id, chat)


def say(shelf: Shelf, ring: KeyRing, bob: Person, count: int) -> None:
    messages = [NewMessage(shelf.chat, shelf.owner, bob.id, f"c{n}", "hello", seq=n) for n in range(1, count + 1)]
    for message in messages:
        message.sent_at = "2026-11-22 09:31:00"
    with contextlib.closing(shelf.database.connect()) as connection:
        insert_messages(connection, ring, messages)


def refusal(shelf: Shelf) -> str:
    """What a start says that the keys keep from starting."""
    before = shelf.keys.read_bytes() if shelf.keys.exists() else None
    with pytest.raises(KeyRingError) as refused:
        prepare_keys(shelf.pool, shelf.settings)
    assert (shelf.keys.read_bytes() if shelf.keys.exists() else None) == before
    return str(refused.value)


def test_no_key_is_made_beside_one_file_that_needs_the_lost_one(shelf: Shelf) -> None:
    shelf.upload("photo.png")
    shelf.keys.unlink()
    assert f"{shelf.keys} is missing, and there are files encrypted with key 1. Put the key file back" in refusal(shelf)


def test_every_table_that_needs_the_lost_key_is_named(shelf: Shelf, bob: Person) -> None:
    shelf.upload("photo.png")
    say(shelf, shelf.ring, bob, 1)
    shelf.database.query("UPDATE messages SET key_version = 2")
    shelf.keys.unlink()
    assert "there are messages encrypted with key 2 and files encrypted with key 1. Put" in refusal(shelf)


def test_a_key_that_only_files_need_is_missed(shelf: Shelf, bob: Person) -> None:
    for number in range(5):  # fewer might all be damaged
        shelf.upload(f"f{number}")
    first = read_keys(shelf.keys)
    write_keys(shelf.keys, {2: new_key()}, is_new=False)
    say(shelf, KeyRing(shelf.keys), bob, 5)
    wrong = r"message key 1 in \S+ is missing or wrong: stored files cannot be decrypted with it\. Put"
    assert re.match(wrong, refusal(shelf))
    write_keys(shelf.keys, {**read_keys(shelf.keys), 1: new_key()}, is_new=False)
    assert re.match(wrong, refusal(shelf))
    write_keys(shelf.keys, {**read_keys(shelf.keys), **first}, is_new=False)
    prepare_keys(shelf.pool, shelf.settings)


def test_messages_and_files_together_prove_a_key_wrong_or_right(shelf: Shelf, bob: Person) -> None:
    for number in range(3):
        shelf.upload(f"f{number}")
    say(shelf, shelf.ring, bob, 2)
    good = shelf.keys.read_bytes()
    write_keys(shelf.keys, {1: new_key()}, is_new=False)
    assert "stored messages and files cannot be decrypted with it" in refusal(shelf)
    shelf.keys.write_bytes(good)
    shelf.database.query("UPDATE files SET wrapped_key = 'damaged'")
    prepare_keys(shelf.pool, shelf.settings)  # the messages open, so the key is right


def test_each_service_notes_from_which_id_on_its_own_rows_are_encrypted(stack: Stack) -> None:
    for table in ("messages", "files"):
        assert read_spans(spans_path(keys_of(stack), table)) == EncryptedSpans((0,), (True,))
