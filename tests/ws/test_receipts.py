"""Who has received and read what, and who hears of it?"""

from __future__ import annotations

from typing import Any

from stack import Stack
from tests.support.people import Person
from tests.support.rows import write
from tests.support.socket import Socket
from tests.support.waiting import wait_until


def stored(stack: Stack) -> list[int]:
    """Ada's delivered and read, then Bob's: Ada registered first."""
    rows = stack.database.query("SELECT delivered_seq, read_seq FROM members ORDER BY user_id")
    return [seq for row in rows for seq in row.values()]


def receipt(chat: int, person: Person, delivered: int, read: int) -> dict[str, Any]:
    return {"type": "receipt", "chat_id": chat, "user_id": person.id, "delivered_seq": delivered, "read_seq": read}


def tell(socket: Socket, kind: str, chat: object, seq: int) -> None:
    """Send a receipt; it has no answer of its own."""
    socket.send(kind, chat_id=chat, seq=seq)
    assert socket.until_pong() == []


def test_every_other_socket_of_both_hears_of_a_receipt(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    write(stack, chat, ada, 5)
    bobs, phone, adas, eves = bob.connect(), bob.connect(), [ada.connect(), ada.connect()], eve.connect()
    tell(bobs, "delivered", chat, 3)
    for socket in (phone, *adas):
        assert socket.until_pong() == [receipt(chat, bob, 3, 0)]
    tell(bobs, "read", str(chat), 2)
    for socket in (phone, *adas):
        assert socket.until_pong() == [receipt(chat, bob, 3, 2)]
    tell(phone, "read", chat, 5)  # read implies delivered
    for socket in (bobs, *adas):
        assert socket.until_pong() == [receipt(chat, bob, 5, 5)]
    assert eves.until_pong() == phone.until_pong() == []
    wait_until(lambda: stored(stack) == [0, 0, 5, 5])
    assert (bob.chats()[0]["unread"], ada.chats()[0]["other_read_seq"]) == (0, 5)


def test_a_receipt_only_ever_moves_forward(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 5)
    bobs, adas = bob.connect(), ada.connect()
    tell(bobs, "read", chat, 4)
    adas.expect("receipt")
    for kind, seq in (("read", 4), ("read", 3), ("read", 0), ("delivered", 4), ("delivered", 1), ("delivered", 0)):
        tell(bobs, kind, chat, seq)
        assert adas.until_pong() == [], (kind, seq)
    tell(bobs, "delivered", chat, 5)
    assert adas.until_pong() == [receipt(chat, bob, 5, 4)]
    wait_until(lambda: stored(stack) == [0, 0, 5, 4])


def test_a_receipt_beyond_the_last_message_stops_at_it(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    bobs, adas = bob.connect(), ada.connect()
    tell(bobs, "read", chat, 7)  # nothing was said yet
    assert adas.until_pong() == []
    write(stack, chat, ada, 5)
    tell(bobs, "delivered", chat, 2**53 - 1)
    assert adas.until_pong() == [receipt(chat, bob, 5, 0)]
    tell(bobs, "read", chat, 6)
    assert adas.until_pong() == [receipt(chat, bob, 5, 5)]
    adas.send("send_message", chat_id=chat, message="the sixth")
    bobs.expect("message")
    tell(bobs, "read", chat, 6)
    assert adas.wait_for("receipt") == receipt(chat, bob, 6, 6)
    wait_until(lambda: stored(stack) == [0, 0, 6, 6])


def test_sending_marks_nothing_as_read(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 2)
    bob.say(chat, "an answer")
    assert bob.chats()[0]["unread"] == 2
    assert stored(stack) == [0, 0, 0, 0]


def test_each_members_receipts_are_his_own(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 3)
    write(stack, chat, bob, 3, first=4)
    bobs, adas = bob.connect(), ada.connect()
    tell(bobs, "read", chat, 3)
    assert adas.until_pong() == [receipt(chat, bob, 3, 3)]
    tell(adas, "read", chat, 6)
    assert bobs.until_pong() == [receipt(chat, ada, 6, 6)]
    wait_until(lambda: stored(stack) == [6, 6, 3, 3])
    (adas_view,), (bobs_view,) = ada.chats(), bob.chats()
    assert (adas_view["read_seq"], adas_view["other_read_seq"], adas_view["unread"]) == (6, 3, 0)
    assert (bobs_view["read_seq"], bobs_view["other_read_seq"], bobs_view["unread"]) == (3, 6, 0)


def test_sync_tells_the_receipts_of_a_moment_ago(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 3)
    bobs = bob.connect()
    for seq in (1, 2, 3):
        bobs.send("read", chat_id=chat, seq=seq)
        bobs.send("sync", chats={chat: 3})
        (found,) = bobs.expect("sync_done")["chats"]
        assert (found["read_seq"], found["unread"]) == (seq, 3 - seq)


def test_receipts_outlive_the_process(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 5)
    with stack.another_ws_server() as server:
        bobs = bob.connect(url=server.url)
        tell(bobs, "read", chat, 3)
        assert server.stop() == 0  # at once: what was noted is written first
        assert stored(stack) == [0, 0, 3, 3]
        server.start()
        bobs, adas = bob.connect(url=server.url), ada.connect(url=server.url)
        tell(bobs, "read", chat, 2)
        assert adas.until_pong() == []
        tell(bobs, "delivered", chat, 4)
        assert adas.until_pong() == [receipt(chat, bob, 4, 3)]
