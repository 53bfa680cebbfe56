"""Messages rest encrypted; a key that is lost or wrong stops the services with one clear line."""

from __future__ import annotations

import base64
import subprocess
import threading
from pathlib import Path

import pytest

from stack import Stack, StartFailed
from tests.conftest import StackMaker
from tests.support.command_line import flask, rotate_key_soon
from tests.support.people import People, Person
from tests.support.stored import add_members, ring_of


def keys_of(stack: Stack) -> Path:
    return Path(stack.database.environment()["MESSAGE_KEYS_FILE"])


def test_a_dump_of_the_database_holds_no_text(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "the treasure is under the old oak")
    bob.say(chat, "perché non l'hai detto prima? 🌳")
    tool = "mariadb-dump" if subprocess.run(["which", "mariadb-dump"], capture_output=True).returncode == 0 else ""
    if tool:
        dump = subprocess.run(
            [tool, "--no-defaults", f"--socket={stack.database.socket}", "--user=root", stack.database.name],
            capture_output=True,
            check=True,
        ).stdout
    else:  # the server alone is installed: what a dump would hold, from the server itself
        dump = str(stack.database.query("SELECT * FROM messages")).encode()
    for text in ("treasure", "old oak", "perché", "🌳"):
        assert text.encode() not in dump
        assert base64.b64encode(text.encode())[:-3] not in dump
    versions = stack.database.query("SELECT DISTINCT key_version FROM messages")
    assert [row["key_version"] for row in versions] == [1]
    key = keys_of(stack).read_text().split()[1]
    assert key.encode() not in dump
    assert [m["content"] for m in ada.chats()[0]["messages"]] == [
        "the treasure is under the old oak",
        "perché non l'hai detto prima? 🌳",
    ]


def test_the_longest_message_fits_encrypted(ada: Person, chat: int) -> None:
    longest = "漢" * 8000
    ada.say(chat, longest)
    assert ada.chats()[0]["messages"][0]["content"] == longest


def test_a_row_moved_to_another_chat_does_not_open(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    ada.say(chat, "for bob only")
    stack.database.query("UPDATE messages SET chat_id = %s", other)
    answer = eve.http.get("/backend/get_chats")
    assert answer.status == 200
    assert "for bob" not in answer.text
    socket = eve.connect()
    socket.send("sync", chats={})
    pages = [answer.json()[0]["messages"], socket.expect("sync_chat")["messages"]]
    assert [[(m["content"], m["problem"]) for m in page] for page in pages] == [[("", "damaged")]] * 2


def make_members(stack: Stack, one: Person, two: Person) -> None:
    """Give the only chat other members, as who can write into the database may."""
    stack.database.query("UPDATE chats SET user1_id = %s, user2_id = %s", one.id, two.id)
    stack.database.query("DELETE FROM members")
    add_members(stack.database)


def test_whoever_is_made_a_member_of_a_chat_reads_nothing_of_before(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    """Who can write into the database swapped a member of the chat; the server opened everything for the new one."""
    ada.say(chat, "for bob only")
    bob.say(chat, "for ada only")
    for user1, user2 in ((eve, bob), (ada, eve), (bob, eve), (eve, ada)):
        make_members(stack, user1, user2)
        socket = eve.connect()
        socket.send("sync", chats={})
        for page in (eve.chats()[0]["messages"], socket.expect("sync_chat")["messages"]):
            assert [(m["content"], m["problem"]) for m in page] == [("", "damaged")] * 2
        socket.close()
    make_members(stack, bob, ada)
    assert [m["content"] for m in ada.chats()[0]["messages"]] == ["for bob only", "for ada only"]


@pytest.mark.timeout(120)
def test_messages_that_1_0_encrypted_open_and_are_tied_to_both_members_by_a_rotation(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob, eve = (people.register(name) for name in ("ada", "bob", "eve"))
    chat = people.chat_between(ada, bob)
    sent = ada.say(chat, "for bob only", client_id="c1")
    encrypted = ring_of(stack.database).encrypt(1, [("for bob only", f"{chat}:{ada.id}:c1")])[0]
    stack.database.query("UPDATE messages SET content = %s", encrypted)
    assert [m["content"] for m in bob.chats()[0]["messages"]] == ["for bob only"]
    assert ada.say(chat, "for bob only", client_id="c1") == {**sent, "duplicate": True}
    assert rotate_key_soon(stack).returncode == 0
    assert [m["content"] for m in bob.chats()[0]["messages"]] == ["for bob only"]
    make_members(stack, eve, bob)
    assert [m["problem"] for m in eve.chats()[0]["messages"]] == ["damaged"]
    people.leave()


def test_the_key_file_is_private_and_encrypting_the_same_text_twice_looks_different(
    stack: Stack, ada: Person, chat: int
) -> None:
    assert keys_of(stack).stat().st_mode & 0o077 == 0
    ada.say(chat, "again")
    ada.say(chat, "again")
    contents = [row["content"] for row in stack.database.query("SELECT content FROM messages")]
    assert len(set(contents)) == 2


@pytest.mark.parametrize("harm", ["lost", "wrong", "garbage"])
def test_a_lost_or_wrong_key_is_one_clear_error_at_start(own_stack: StackMaker, harm: str) -> None:
    stack = own_stack()
    ada, bob = People(stack).register("ada"), People(stack).register("bob")
    chat = People(stack).chat_between(ada, bob)
    for number in range(5):  # fewer might all be damaged
        ada.say(chat, f"precious {number}")
    stack.web.stop()
    stack.ws_server.stop()
    path = keys_of(stack)
    good = path.read_bytes()
    path.unlink()
    if harm == "wrong":
        path.write_text(f"1 {base64.b64encode(bytes(32)).decode()}\n")
    if harm == "garbage":
        path.write_text("not a key\n")
    for service in (stack.web, stack.ws_server):
        with pytest.raises(StartFailed):
            service.start()
        tail = [line for line in service.log.read_text().splitlines() if "message-keys" in line]
        assert tail, service.log.read_text()
        assert "Traceback" not in service.log.read_text()
    assert path.exists() == (harm != "lost")  # no new key beside encrypted rows
    path.write_bytes(good)
    stack.web.start()
    stack.ws_server.start()
    assert ada.chats()[0]["messages"][0]["content"] == "precious 0"


def test_keys_are_exchanged_while_people_talk(own_stack: StackMaker) -> None:
    stack = own_stack()
    ada, bob = People(stack).register("ada"), People(stack).register("bob")
    chat = People(stack).chat_between(ada, bob)
    before = keys_of(stack).read_text()
    talking, listening = ada.connect(), bob.connect()
    sent: list[str] = []
    done = threading.Event()

    def talk() -> None:
        while not done.is_set():
            text = f"message {len(sent)}"
            talking.send("send_message", chat_id=chat, message=text)
            talking.expect("message_sent")
            assert listening.expect("message")["message"] == text
            sent.append(text)
            done.wait(0.02)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        result = flask(stack, "rotate-key")
    finally:
        done.set()
        talker.join()
    assert result.returncode == 0, result.stderr
    assert "encrypted with key 2" in result.stdout
    rows = stack.database.query("SELECT key_version, COUNT(*) AS n FROM messages GROUP BY key_version")
    assert [(row["key_version"], row["n"]) for row in rows] == [(2, len(sent))]
    after = keys_of(stack).read_text()
    assert after.startswith("2 ")
    assert before.split()[1] not in after
    page = ada.http.get("/backend/get_messages", {"chat_id": chat, "limit": 200}).json()["messages"]
    assert [m["content"] for m in page] == sent[-200:]
    stack.ws_server.restart()
    stack.web.restart()
    assert ada.chats()[0]["messages"][-1]["content"] == sent[-1]


def test_plain_messages_of_an_earlier_release_stay_readable_and_are_encrypted_by_a_rotation(
    own_stack: StackMaker,
) -> None:
    stack = own_stack(SEAL_MESSAGES="off")
    ada, bob = People(stack).register("ada"), People(stack).register("bob")
    chat = People(stack).chat_between(ada, bob)
    ada.say(chat, "in the clear", client_id="one")
    assert stack.database.query("SELECT content FROM messages")[0]["content"] == "in the clear"
    encrypted = Stack(stack.folder / "encrypted", database=stack.database, environment={"RATE_LIMITS": "off"})
    encrypted.web.start()
    encrypted.ws_server.start()
    try:
        assert rotate_key_soon(encrypted).returncode == 0
        rows = stack.database.query("SELECT key_version, content FROM messages")
        assert rows[0]["key_version"] == 2
        assert "clear" not in rows[0]["content"]
        of_bob = People(encrypted).register("zoe")
        assert of_bob.chats() == []
        ada.stack = encrypted
        assert ada.connect().until_pong() == []
        assert ada.say(chat, "in the clear", client_id="one")["duplicate"] is True
    finally:
        encrypted.ws_server.stop()
        encrypted.web.stop()
