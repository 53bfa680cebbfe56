"""Tables that are away for some seconds, as in a restore, and a database that can only be read, end nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket
from tests.support.waiting import wait_until

AWAY = 7.0  # seconds
TABLES = ("messages", "users", "tokens", "chats", "blocks", "schema_version")


class Talker(threading.Thread):
    """Sends one message after another on one connection, each until it is acknowledged, as a client does."""

    def __init__(self, person: Person, chat: int) -> None:
        super().__init__()
        self.socket = person.connect()
        self.chat = chat
        self.acked: dict[str, int] = {}  # seq by client_id
        self.codes: set[str] = set()
        self.is_ending = threading.Event()

    def run(self) -> None:
        while not self.is_ending.is_set():
            client_id = f"m{len(self.acked)}"
            answer = self.send(client_id)
            if answer["type"] == "message_sent":
                self.acked[client_id] = answer["seq"]
            else:
                self.codes.add(answer["code"])
                self.is_ending.wait(0.05)

    def send(self, client_id: str) -> Frame:
        self.socket.send("send_message", chat_id=self.chat, message=client_id, client_id=client_id)
        while (frame := self.socket.receive(deadline=15)).get("client_id") != client_id:
            pass
        return frame

    def end(self) -> None:
        self.is_ending.set()
        self.join(20)
        assert not self.is_alive()


@contextlib.contextmanager
def renamed(stack: Stack, tables: tuple[str, ...]) -> Iterator[None]:
    stack.database.query("RENAME TABLE " + ", ".join(f"{table} TO {table}_away" for table in tables))
    try:
        yield
    finally:
        stack.database.query("RENAME TABLE " + ", ".join(f"{table}_away TO {table}" for table in tables))


@contextlib.contextmanager
def only_readable(stack: Stack) -> Iterator[None]:
    stack.database.query("SET GLOBAL read_only = 1")
    try:
        yield
    finally:
        stack.database.query("SET GLOBAL read_only = 0")


def outcome_of_auth(stack: Stack, person: Person) -> tuple[str, int]:
    """Return the code of the error that a login meets, and the close code."""
    with Socket(stack.ws_server.url) as socket:
        socket.send("auth", user_id=person.id, token=person.token)
        return socket.expect("error")["code"], socket.wait_closed()


def answer_to(socket: Socket, kind: str, **fields: object) -> str:
    """Send a frame; return the code of its error, or the type of its last answer."""
    socket.send(kind, **fields)
    while (frame := socket.receive())["type"] not in ("error", "sync_done", "chat_added"):
        pass
    return str(frame.get("code", frame["type"]))


def assert_all_is_stored(stack: Stack, talker: Talker) -> None:
    rows = stack.database.query("SELECT client_id, seq FROM messages")
    stored = {row["client_id"]: row["seq"] for row in rows}
    assert talker.acked.items() <= stored.items()
    assert len(stored) == len(rows)
    assert sorted(stored.values()) == list(range(1, len(stored) + 1))


@pytest.fixture
def restore(own_stack: StackMaker) -> Iterator[tuple[Stack, Talker, Person]]:
    """Ada talks with Bob without a pause, while the database is what the test makes of it."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    talker = Talker(ada, people.chat_between(ada, bob))
    talker.start()
    yield stack, talker, bob
    talker.end()
    people.leave()


def test_tables_that_are_away_for_a_while_end_nothing(restore: tuple[Stack, Talker, Person]) -> None:
    stack, talker, bob = restore
    bobs = bob.connect()
    bobs.wait_for("message")
    bobs.until_pong()  # the login is whole: half of one would be told to come back
    with renamed(stack, TABLES):
        began = time.monotonic()
        bobs.send("read", chat_id=talker.chat, seq=1)
        for kind, fields in (
            ("sync", {"chats": {}}),
            ("add_chat", {"username": "zoe"}),
            ("send_message", {"chat_id": 4_000_000_000, "message": "x"}),
        ):
            assert answer_to(bobs, kind, **fields) == "unavailable"
        assert outcome_of_auth(stack, bob) == ("unavailable", 1013)
        wait_until(lambda: stack.ws_server.health() == 503)
        wait_until(lambda: time.monotonic() > began + AWAY, deadline=AWAY + 1)
    wait_until(lambda: stack.ws_server.health() == 200)
    assert answer_to(bobs, "sync", chats={}) == "sync_done"
    so_far = len(talker.acked)
    wait_until(lambda: len(talker.acked) > so_far)
    talker.end()
    assert talker.codes <= {"unavailable"}
    assert_all_is_stored(stack, talker)
    wait_until(lambda: bob.chats()[0]["read_seq"] == 1)  # what was read meanwhile is not forgotten
    log = stack.ws_server.log.read_text()
    assert log.count("query=list_chats") == 1
    assert "Traceback" in log


@pytest.mark.parametrize("table", TABLES)
def test_each_table_alone_may_be_away(restore: tuple[Stack, Talker, Person], table: str) -> None:
    stack, talker, bob = restore
    bobs = bob.connect()
    bobs.until_pong()  # the login is whole: half of one would be told to come back
    with renamed(stack, (table,)):
        began = time.monotonic()
        assert answer_to(bobs, "sync", chats={}) in ("sync_done", "unavailable")
        wait_until(lambda: time.monotonic() > began + 1)
    so_far = len(talker.acked)
    wait_until(lambda: len(talker.acked) > so_far)
    talker.end()
    assert talker.codes <= {"unavailable"}
    assert_all_is_stored(stack, talker)
    assert bobs.until_pong() is not None
    assert bob.connect().until_pong() is not None


def test_messages_wait_for_a_database_that_can_only_be_read(restore: tuple[Stack, Talker, Person]) -> None:
    stack, talker, bob = restore
    bobs = bob.connect()
    with only_readable(stack):
        began = time.monotonic()
        assert answer_to(bobs, "sync", chats={}) == "sync_done"
        assert bob.connect().until_pong() is not None
        wait_until(lambda: time.monotonic() > began + 3)
    so_far = len(talker.acked)
    wait_until(lambda: len(talker.acked) > so_far)
    talker.end()
    assert talker.codes <= {"unavailable"}
    assert_all_is_stored(stack, talker)
