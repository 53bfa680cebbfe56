"""What becomes of changed messages while their keys are exchanged?"""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest

from chat_db import encrypted_columns, message_pages, reencryption
from chat_db.connection import connect
from chat_db.encrypted_columns import MESSAGES
from chat_db.encryption import RELOAD_SECONDS, KeyRing
from chat_db.key_files import new_key, read_keys, write_keys
from tests.conftest import StackMaker
from tests.support.people import People
from tests.support.room import Room, settings_of
from tests.support.stored import ring_of


@pytest.fixture
def room(own_stack: StackMaker) -> Room:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    return Room(stack.database, ring_of(stack.database), ada, bob, people.chat_between(ada, bob))


def test_a_rotation_encrypts_reactions_too_and_leaves_deleted_messages_alone(room: Room) -> None:
    room.say("second")
    room.make(room.react("👍", seq=1))
    room.make(room.react("🎉", user=room.ada, seq=1))
    room.make(room.delete(seq=2))
    tally = rotate(room)
    assert (tally.encrypted, tally.damaged, tally.not_verified) == (1, 0, 0)
    first, second = room.rows()
    assert (first["key_version"], second["key_version"], second["content"]) == (2, 0, "")
    message = room.make(room.edit("still here", seq=1)).message
    assert (message.other_reaction, message.sender_reaction) == ("👍", "🎉")


@pytest.mark.parametrize(("what", "is_late"), [("edit", False), ("edit", True), ("delete", False), ("react", True)])
def test_a_change_during_a_rotation_is_not_undone_by_it(
    room: Room, monkeypatch: pytest.MonkeyPatch, what: str, is_late: bool
) -> None:
    """The rotation has read the row, and not yet written it. One that is late encrypts with the old key still."""
    room.make(room.react("👍"))
    if is_late:
        room.ring._looked_at = math.inf
    changes = {"edit": room.edit("changed"), "delete": room.delete(), "react": room.react(None)}
    real = encrypted_columns.decrypt_row

    def change_then_decrypt(*of_row: Any) -> list[str | None] | None:
        if change := changes.pop(what, None):
            room.make(change)
        return real(*of_row)

    monkeypatch.setattr(reencryption, "decrypt_row", change_then_decrypt)
    rotate(room)
    [row] = room.rows()
    assert row["change_seq"] == 2
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        page = message_pages.list_messages(connection, room.ring, room.chat, room.bob, 10)
    assert page is not None
    [message] = page.messages
    assert message.problem is None
    assert message.content == {"edit": "changed", "delete": "", "react": "hello"}[what]
    assert bool(message.reactions) is (what == "edit")


def rotate(room: Room) -> reencryption.Tally:
    """Encrypt the messages again with a new key, until there are no more."""
    path = room.ring.path
    write_keys(path, {**read_keys(path), 2: new_key()}, is_new=False)
    ring = KeyRing(path)
    room.ring._looked_at -= RELOAD_SECONDS  # as a process that reads the new key now
    tally = reencryption.Tally()
    with contextlib.closing(connect(settings_of(room.database))) as connection:
        while batch := reencryption.reencrypt_batch(connection, ring, MESSAGES, 1, 2, tally.last_id):
            tally = tally.and_then(batch)
    return tally
