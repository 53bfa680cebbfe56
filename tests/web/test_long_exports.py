"""What does a long conversation cost that is taken along, and what becomes of it where it is cut off in its middle?"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import socket
from pathlib import Path
from urllib.parse import urlencode

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer
from tests.support.people import People, Person
from tests.support.rows import write
from tests.support.waiting import wait_until

from .test_export import PATH, ask, unpack

SHORT, LONG = 10_000, 100_000  # messages


def fill(stack: Stack, chat: int, sender: Person, count: int) -> None:
    """Give a chat so many messages, whose texts no compression makes short, a minute apart: so many months."""
    copied = "SELECT chat_id, sender_id, seq + %s, CONCAT('c-', seq + %s), '', sent_at + INTERVAL %s MINUTE"
    while (filled := count_rows(stack)) < count:
        if filled == 0:
            write(stack, chat, sender, 2_000)
            continue
        stack.database.query(
            "INSERT INTO messages (chat_id, sender_id, seq, client_id, content, sent_at)"
            f" {copied} FROM messages WHERE seq <= %s",
            *(filled, filled, filled, count - filled),
        )
    digests = ", ".join(f"SHA2(CONCAT(id, '{letter}'), 512)" for letter in "xyz")
    stack.database.query(f"UPDATE messages SET content = CONCAT({digests})")


def count_rows(stack: Stack) -> int:
    return int(stack.database.query("SELECT COUNT(*) AS count FROM messages")[0]["count"])


def request(person: Person, fields: dict[str, object], form: bool) -> bytes:
    """Return what a client sends for an archive."""
    body = urlencode(fields) if form else json.dumps(fields)
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/{'x-www-form-urlencoded' if form else 'json'}\r\n"
        f"Content-Length: {len(body)}\r\nCookie: session={person.http.cookies['session']}\r\n\r\n{body}"
    ).encode()


@pytest.mark.timeout(300)
def test_a_conversation_ten_times_as_long_takes_no_more_memory(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)

    def export_all(length: int) -> int:
        """Take so many messages along in both forms; return the most bytes that web has had in memory."""
        fill(stack, chat, ada, length)
        for form in ("jsonl", "html"):
            answer = wait_until(functools.partial(ask_done, ada, chat, form), 30)
            assert answer is not None
            assert count_messages(unpack(answer)) == length
        return most_memory(stack)

    short = export_all(SHORT)
    assert export_all(LONG) < short + 8 * 2**20  # packed, they have 20 MB


def ask_done(person: Person, chat: int, form: str) -> Answer | None:
    """Return an archive; None where the one before has its turn still."""
    answer = ask(person, chat, form)
    return answer if answer.status == 200 else None


def count_messages(files: dict[str, str]) -> int:
    return sum(page.count('<p class="text"') + page.count('"seq":') for page in files.values())


def most_memory(stack: Stack) -> int:
    """Return how many bytes web's processes have had in memory at most, together."""
    process = stack.web.process.pid
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    peaks = (Path(f"/proc/{pid}/status").read_text() for pid in (process, *children))
    return sum(int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024 for status in peaks)


@pytest.mark.timeout(120)
def test_who_goes_away_leaves_nothing_behind(own_stack: StackMaker) -> None:
    """A long archive is cut off in its middle, again and again: nobody waits, and the turn is free afterwards."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    fill(stack, chat, ada, 12_000)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", stack.web.port), timeout=10) as connection:
            connection.sendall(request(ada, {"chat_id": chat, "format": "html"}, form=True))
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
            for _ in range(5):
                assert connection.recv(10_000)
            assert bob.http.get("/backend/get_session").status == 200
    whole = wait_until(lambda: ask_done(ada, chat, "html"), 30)
    assert whole is not None
    assert count_messages(unpack(whole)) == 12_000
    log = stack.web.log.read_text()
    assert "Traceback" not in log, log


def test_an_archive_that_cannot_be_finished_does_not_look_whole_and_is_logged_in_a_sentence(
    own_stack: StackMaker,
) -> None:
    """The database goes away in its middle: the client sees that the end is missing."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    fill(stack, chat, ada, 12_000)
    received = b""
    with socket.create_connection(("127.0.0.1", stack.web.port), timeout=10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(request(ada, {"chat_id": chat, "format": "jsonl"}, form=False))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        stack.database.kill()
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                received += part
    assert not received.endswith(b"0\r\n\r\n")
    assert b"PK\x05\x06" not in received  # the end of a ZIP's directory
    wait_until(lambda: "event=export_cut_off" in stack.web.log.read_text())
    log = stack.web.log.read_text()
    assert log.count("event=export_cut_off") == 1, log
    assert f"chat={chat}" in log
    assert "Traceback" not in log, log
