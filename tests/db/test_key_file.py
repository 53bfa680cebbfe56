"""The key file while the services run: damaged, exchanged twice at once, and after a power cut."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_db.encryption import KeyRing
from chat_db.key_files import new_key, write_keys
from tests.conftest import StackMaker
from tests.support.command_line import FLASK, environment_of, flask, rotate_key_soon
from tests.support.people import People
from tests.support.stored import keys_of, versions_of
from tests.support.waiting import wait_until


def test_a_damaged_key_file_stops_nobody_who_runs(own_stack: StackMaker) -> None:
    """Putting a file back with `cp` shows half a file for a moment; it ended ws-server, and get_chats failed."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "before")
    path = keys_of(stack)
    good = path.read_bytes()
    socket = ada.connect()
    path.write_bytes(good[: len(good) // 2])
    said = ["before"]

    def has_read_the_half() -> bool:
        said.append(f"meanwhile {len(said)}")
        socket.send("send_message", chat_id=chat, message=said[-1])
        socket.expect("message_sent")
        assert [m["content"] for m in bob.chats()[0]["messages"]] == said[-30:]
        return "event=keys_unreadable" in stack.ws_server.log.read_text(encoding="utf-8")

    wait_until(has_read_the_half)
    path.write_bytes(good)
    said.append("after")
    socket.send("send_message", chat_id=chat, message="after")
    socket.expect("message_sent")
    assert [m["content"] for m in bob.chats()[0]["messages"]] == said[-30:]
    people.leave()


def test_a_damaged_key_file_takes_no_key_out_of_a_ring(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    write_keys(path, {1: new_key()}, is_new=True)
    ring = KeyRing(path)
    encrypted = ring.encrypt(1, [("text", "1:2:c")])[0]
    path.write_text("1 damaged")
    ring._looked_at = 0
    assert ring.current == 1
    assert ring.decrypt(1, encrypted, ["1:2:c"]) == "text"


def test_a_new_key_file_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages are on the disk when they are acknowledged; so must be the name of the file that opens them."""
    synced = []

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))

    monkeypatch.setattr(os, "fsync", fsync)
    write_keys(tmp_path / "keys", {1: new_key()}, is_new=True)
    write_keys(tmp_path / "keys", {2: new_key()}, is_new=False)
    assert synced == [False, True, False, True]


@pytest.mark.timeout(120)
def test_two_rotations_at_once_are_one(own_stack: StackMaker) -> None:
    """Each could drop the key that the other one was encrypting with; now the second one says so and does nothing."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "hello")
    with ThreadPoolExecutor(2) as threads:
        runs = list(threads.map(lambda _: flask(stack, "rotate-key"), range(2)))
    assert sorted(run.returncode for run in runs) == [0, 1], runs
    assert [run.stderr for run in runs if run.returncode] == ["Error: another rotate-key is under way\n"]
    assert [version.split()[0] for version in keys_of(stack).read_text().splitlines()] == ["2"]
    assert [m["content"] for m in bob.chats()[0]["messages"]] == ["hello"]
    people.leave()


@pytest.mark.timeout(120)
def test_a_rotation_that_was_killed_is_run_again(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    socket = ada.connect()
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        for number in range(700):
            socket.send("send_message", chat_id=chat, message=f"m{number}")
        for _ in range(700):
            socket.expect("message_sent")
        # The second batch waits for this row, and there the rotation is killed.
        connection.begin()
        cursor.execute("SELECT id FROM messages WHERE chat_id = %s AND seq = 650 FOR UPDATE", (chat,))
        with subprocess.Popen([*FLASK, "rotate-key"], env=environment_of(stack), stdout=subprocess.PIPE) as rotation:
            wait_until(lambda: versions_of(stack) == {1, 2}, 40)
            rotation.kill()
        connection.rollback()
    assert versions_of(stack) == {1, 2}
    assert bob.http.get("/backend/get_messages", {"chat_id": chat, "limit": 200}).status == 200
    again = rotate_key_soon(stack)
    assert again.returncode == 0, again.stderr
    assert versions_of(stack) == {3}
    found = bob.http.get("/backend/get_messages", {"chat_id": chat, "after_seq": 500, "limit": 200}).json()
    assert [message["content"] for message in found["messages"]] == [f"m{number}" for number in range(500, 700)]
    people.leave()
