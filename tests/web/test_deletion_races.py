"""Both delete their accounts while both are writing: nothing of the conversation stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import ConnectionClosed

from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Socket
from tests.support.waiting import wait_until


def talk(socket: Socket, chat: int, go: threading.Event) -> int:
    """Write one message after the other until the login has ended; return the close code."""
    try:
        while True:
            socket.send("send_message", chat_id=chat, message="secret")
            while socket.receive()["type"] not in ("message_sent", "error"):
                pass
            go.set()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def delete(person: Person) -> int:
    return person.http.post_json("/backend/e_delete_account", {"password": person.password}).status


@pytest.mark.timeout(120)
def test_what_is_written_while_both_delete_their_accounts_goes_too(stack: Stack, people: People) -> None:
    """It stayed for up to an hour: the purge was done before the last message came."""
    for number in range(4):
        pair = people.register(f"one{number}"), people.register(f"two{number}")
        chat = people.chat_between(*pair)
        go = threading.Event()
        with ThreadPoolExecutor(4) as threads:
            talks = [threads.submit(talk, person.connect(), chat, go) for person in pair]
            go.wait(5)
            assert list(threads.map(delete, pair)) == [200, 200]
            assert [one.result() for one in talks] == [4401, 4401]
    wait_until(lambda: not stack.database.query("SELECT id FROM chats"), 25)
    assert not stack.database.query("SELECT id FROM messages")
