"""Who can write into the database can store a plain row; once messages are encrypted, it is not shown as anybody's."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from chat_db.connection import connect
from chat_db.encrypted_spans import EncryptedSpans, read_spans, spans_path, write_spans
from chat_db.file_reads import list_chat_files
from chat_db.key_files import KeyRingError
from stack import Stack
from tests.conftest import StackMaker
from tests.support.command_line import rotate_key_soon
from tests.support.files import upload
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.rows import FORGED, forge
from tests.support.socket import Frame
from tests.support.stored import keys_of, ring_of


def problems(person: Person, chat: int) -> list[str | None]:
    """What is wrong with each message of a chat, the same wherever it is listed."""
    page = person.http.get("/backend/get_messages", {"chat_id": chat, "limit": 200}).json()["messages"]
    socket = person.connect()
    socket.send("sync", chats={})
    found: list[list[Frame]] = [page, person.chats()[0]["messages"], socket.expect("sync_chat")["messages"]]
    socket.close()
    first, *others = [[message.get("problem") for message in messages] for messages in found]
    assert others == [first, first]
    return first


def restarted(stack: Stack, **settings: str) -> None:
    """Start both services again with other settings, as `docker compose up` does."""
    for service in (stack.ws_server, stack.web):
        service.stop()
        service.process.environment.update(settings)
        service.start()


def test_a_plain_row_among_encrypted_ones_is_not_verified(
    stack: Stack, people: People, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "hello")
    forge(stack, chat, ada, 2)
    bob.say(chat, "what?")
    for person in (ada, bob):
        assert problems(person, chat) == [None, "not_verified", None]
    assert bob.chats()[0]["messages"][1]["content"] == FORGED


def test_a_text_that_is_not_verified_is_quoted_as_nobodys(
    stack: Stack, people: People, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "hello")
    forge(stack, chat, ada, 2)
    tablet = ada.connect()
    socket = bob.connect(features=["changes"])
    socket.send("send_message", chat_id=chat, message="what?", client_id="answer", reply_to_seq=2)
    assert socket.expect("message_sent")["seq"] == 3
    quotes = [tablet.expect("message")["reply_to"]]
    for person in (ada, bob):
        quotes += [person.chats()[0]["messages"][2]["reply_to"]]
    socket.send("edit_message", chat_id=chat, seq=3, message="pardon?", client_id="edit")
    quotes += [socket.expect("changed")["message"]["reply_to"]]
    found = bob.http.post_json("/backend/search", {"q": "pardon"}).json()["found"]
    quotes += [found[0]["reply_to"]]
    assert quotes == [{"seq": 2, "sender_id": ada.id}] * 5


def test_a_name_that_was_written_past_the_services_is_no_files_name(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    photo = upload(stack, ada, chat, "photo.jpg")
    socket = ada.connect()
    socket.send("send_message", chat_id=chat, message="", client_id="photo", files=[photo])
    socket.expect("message_sent")

    def names() -> list[str]:
        listed = [file["name"] for file in bob.chats()[0]["messages"][0]["files"]]
        with contextlib.closing(connect(settings_of(stack.database))) as connection:
            page = list_chat_files(connection, ring_of(stack.database), chat, bob.id, "media")
        assert page is not None
        return listed + [one.file.name for one in page.files]

    assert names() == ["photo.jpg", "photo.jpg"]
    stack.database.query("UPDATE files SET key_version = 0, metadata = %s", f'{{"name":"{FORGED}"}}')
    assert names() == ["", ""]


def test_no_id_is_low_enough_where_all_was_encrypted_from_the_first_message_on(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    stack.database.query("ALTER TABLE messages AUTO_INCREMENT = 1000")
    ada.say(chat, "hello")
    forge(stack, chat, ada, 2, identity=1)
    assert problems(bob, chat) == [None, "not_verified"]
    people.leave()


@pytest.mark.timeout(120)
def test_a_rotation_makes_no_forged_message_genuine(own_stack: StackMaker) -> None:
    stack = own_stack(SEAL_MESSAGES="off")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "of before encryption")
    restarted(stack, SEAL_MESSAGES="on")
    bob.say(chat, "encrypted")
    for seq in range(3, 156):
        forge(stack, chat, ada, seq)
    run = rotate_key_soon(stack)
    assert run.returncode == 0, run.stderr
    assert "153 messages could not be verified" in run.stdout
    versions = stack.database.query("SELECT key_version FROM messages ORDER BY seq")
    assert [row["key_version"] for row in versions] == [2, 2, *[0] * 153]
    page = bob.http.get("/backend/get_messages", {"chat_id": chat, "limit": 200}).json()["messages"]
    assert [message.get("problem") for message in page] == [None, None, *["not_verified"] * 153]
    # Nothing of before encryption is plain any more: from now on an old id makes nothing genuine, either.
    stack.database.query("DELETE FROM messages WHERE seq >= 2")
    stack.database.query("UPDATE messages SET key_version = 0, content = %s", FORGED)
    stack.ws_server.restart()
    stack.web.restart()
    assert problems(bob, chat) == ["not_verified"]
    people.leave()


def test_what_was_plain_while_encryption_was_off_stays_genuine(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "encrypted")
    restarted(stack, SEAL_MESSAGES="off")
    ada.say(chat, "plain")
    restarted(stack, SEAL_MESSAGES="on")
    ada.say(chat, "encrypted again")
    forge(stack, chat, ada, 4)
    assert problems(bob, chat) == [None, None, None, "not_verified"]
    assert read_spans(spans_path(keys_of(stack), "messages")).states == (True, False, True)
    people.leave()


def test_a_release_that_kept_no_ids_goes_by_the_first_encrypted_message(own_stack: StackMaker) -> None:
    stack = own_stack(SEAL_MESSAGES="off")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "of before encryption")
    restarted(stack, SEAL_MESSAGES="on")
    ada.say(chat, "encrypted")
    forge(stack, chat, ada, 3)
    spans_path(keys_of(stack), "messages").unlink()
    restarted(stack)
    assert problems(bob, chat) == [None, None, "not_verified"]
    people.leave()


def test_a_restored_backup_with_lower_ids_changes_nothing(own_stack: StackMaker) -> None:
    stack = own_stack(SEAL_MESSAGES="off")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    for number in range(4):
        ada.say(chat, f"plain {number}")
    restarted(stack, SEAL_MESSAGES="on")
    stack.database.query("DELETE FROM messages WHERE seq > 2")
    stack.database.query("ALTER TABLE messages AUTO_INCREMENT = 1")
    restarted(stack)
    ada.say(chat, "encrypted")
    assert problems(bob, chat) == [None, None, None]
    restarted(stack, SEAL_MESSAGES="off")
    ada.say(chat, "plain again")
    assert problems(bob, chat) == [None, None, None, None]
    people.leave()


def test_the_log_names_a_message_that_cannot_be_verified_and_not_its_text(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    forge(stack, chat, ada, 1, identity=7)
    for _ in range(3):
        bob.chats()
    lines = [line for line in stack.web.log.read_text().splitlines() if "not_verified" in line]
    assert [f"id=7 chat={chat}" in line for line in lines] == [True]
    assert FORGED not in stack.web.log.read_text()
    people.leave()


def test_spans_say_which_ids_must_be_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "spans"
    spans = EncryptedSpans().switched(5, True).switched(9, False).switched(20, True)
    write_spans(path, spans)
    assert read_spans(path) == spans
    assert [identity for identity in range(25) if spans.demands(identity)] == [*range(5, 9), *range(20, 25)]
    assert spans.switched(9, True) == EncryptedSpans((5,), (True,))  # nothing was written while it was off
    assert path.stat().st_mode & 0o077 == 0
    for nonsense in ("x", "1 maybe\n", "1 on\n1 off\n", "2 on\n1 off\n", "1\n", ""):
        path.write_text(nonsense)
        with pytest.raises(KeyRingError, match="spans"):
            read_spans(path)


def test_beside_a_read_only_secret_the_ids_are_in_the_volume_of_the_keys(tmp_path: Path) -> None:
    assert spans_path(tmp_path / "message-keys", "messages") == tmp_path / "message-keys.sealing"
    secret = Path("/proc/self/message-keys")  # nobody can write there, root included
    assert spans_path(secret, "messages") == Path("/var/lib/chatapp/keys/message-keys.sealing")
    assert spans_path(secret, "files") == Path("/var/lib/chatapp/keys/message-keys.sealing-files")
