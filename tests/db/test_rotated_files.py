"""What becomes of files while the message keys are exchanged? Their keys are wrapped anew, and their bytes stay."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from chat_db import reencryption, rotation
from chat_db.connection import execute
from chat_db.encryption import KeyRing
from chat_db.file_chunks import FileCipher
from chat_db.file_records import COMPLETE, StoredFile
from chat_db.uploads import complete_upload
from stack import Stack
from tests.support.people import Person
from tests.support.shelf import Shelf
from tests.support.waiting import wait_until


@pytest.fixture
def shelf(stack: Stack, ada: Person, chat: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)  # no other process writes with these keys
    return Shelf(stack.database, tmp_path / "keys", ada.id, chat)


def test_a_rotation_wraps_the_key_and_the_metadata_anew_and_leaves_the_bytes(shelf: Shelf) -> None:
    photo, note = shelf.upload("photo.png"), shelf.upload("note.txt", 0)
    stored = FileCipher(photo.key, photo.stored_name).seal(0, b"bytes", last=True)
    before = shelf.rows()
    shelf.rotate()
    assert "2 of 2 files encrypted with key 2" in shelf.told
    assert shelf.told[-1].startswith("done: everything is encrypted with key 2")
    assert shelf.kept() == {2}
    for old, new in zip(before, shelf.rows(), strict=True):
        assert {name for name in old if old[name] != new[name]} == {"wrapped_key", "metadata", "key_version"}
        assert new["key_version"] == 2
    found = shelf.find(photo)
    assert (found, shelf.find(note)) == (photo, note)
    assert found is not None
    assert FileCipher(found.key, found.stored_name).open(0, stored, last=True) == b"bytes"


@pytest.mark.parametrize("column", ["wrapped_key", "metadata"])
def test_a_damaged_file_stays_as_it_is_and_keeps_its_key(shelf: Shelf, column: str) -> None:
    whole, damaged, misnumbered = (shelf.upload(name) for name in ("whole", "damaged", "misnumbered"))
    good = shelf.rows()[1]
    shelf.write(damaged, **{column: good[column][:-8] + "AAAAAAA="})
    shelf.write(misnumbered, key_version=77)  # only the version is wrong
    row = shelf.rows()[1]
    for newest in (2, 3):
        shelf.rotate()
        assert "1 files are damaged: no key decrypts them, and they stay as they are" in shelf.told
        assert "keeps 1 for what is damaged" in shelf.told[-1]
        assert shelf.rows()[1] == row
        assert shelf.versions() == [newest, 1, newest]
        assert shelf.kept() == {1, newest}
        assert [shelf.find(file) for file in (whole, misnumbered)] == [whole, misnumbered]
    # Mended from a backup, it opens again, and the next rotation takes it along.
    shelf.write(damaged, **{column: good[column]})
    assert shelf.find(damaged) == damaged
    shelf.rotate()
    assert shelf.kept() == {4}
    assert shelf.find(damaged) == damaged


def test_a_rotation_that_was_cut_short_is_run_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencryption, "REENCRYPT_BATCH", 2)
    files = [shelf.upload(f"f{number}") for number in range(5)]

    def stop_within(text: str) -> None:
        if "files encrypted" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.rotate(stop_within)
    assert shelf.versions() == [2, 2, 1, 1, 1]
    assert [shelf.find(file) for file in files] == files
    shelf.rotate()
    assert shelf.versions() == [3] * 5
    assert shelf.kept() == {3}
    assert [shelf.find(file) for file in files] == files


def test_plain_rows_of_before_encryption_are_encrypted_and_a_forged_one_is_not(shelf: Shelf) -> None:
    shelf.switch(is_on=False)
    early = shelf.upload("early")
    shelf.switch(is_on=True)
    forged = shelf.upload("forged")
    shelf.write(forged, key_version=0, wrapped_key=shelf.rows()[0]["wrapped_key"], metadata='{"name":"forged"}')
    assert shelf.versions() == [0, 0]
    assert (shelf.find(early), shelf.find(forged)) == (early, None)
    shelf.rotate()
    assert "1 files could not be verified: they are plain among encrypted ones, and stay so" in shelf.told
    assert shelf.versions() == [2, 0]
    assert (shelf.find(early), shelf.find(forged)) == (early, None)
    # Nothing of before encryption is plain any more: from now on an old id makes nothing genuine, either.
    shelf.write(early, key_version=0, metadata='{"name":"forged"}')
    assert shelf.find(early) is None


def test_uploads_and_sends_go_on_beside_a_rotation(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 1.5)
    monkeypatch.setattr(reencryption, "REENCRYPT_BATCH", 3)
    uploaded: list[StoredFile] = []
    done = threading.Event()

    def upload() -> None:
        """With a ring that lives on, as that of `web` does."""
        while not done.is_set():
            file = shelf.upload(f"f{len(uploaded)}")
            shelf.pool.run(complete_upload, file.owner_id, file.id, "image/png", 1)
            shelf.pool.run(execute, "UPDATE files SET message_id = %s WHERE id = %s", file.id, file.id)
            uploaded.append(file)
            done.wait(0.005)

    uploader = threading.Thread(target=upload)
    uploader.start()
    try:
        for _ in range(2):
            wait_until(partial(grows_beyond, uploaded, len(uploaded) + 20))
            shelf.rotate()
    finally:
        done.set()
        uploader.join()
    assert len(uploaded) > 40
    assert shelf.kept() == {3}
    rows = shelf.rows()
    assert {(row["key_version"], row["state"], row["message_id"] == row["id"]) for row in rows} == {(3, COMPLETE, True)}
    found = [shelf.find(file) for file in uploaded]
    assert [file and (file.key, file.metadata) for file in found] == [(file.key, file.metadata) for file in uploaded]


def grows_beyond(files: list[StoredFile], count: int) -> bool:
    return len(files) > count


def test_a_ring_that_was_read_before_a_rotation_opens_what_it_wrapped(shelf: Shelf) -> None:
    ring = KeyRing(shelf.keys)
    file = shelf.upload("file")
    shelf.rotate()
    assert shelf.find(file, ring) == file
