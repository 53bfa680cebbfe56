"""Is a message that is sent again stored once and shown once, whatever way it comes?"""

from __future__ import annotations

from typing import Any

from chat_db.messages import NewMessage
from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket
from tests.support.stored import store_messages, stored_messages


def stored(stack: Stack) -> list[dict[str, Any]]:
    columns = ("id", "chat_id", "seq", "client_id", "content")
    return sorted(
        ({name: row[name] for name in columns} for row in stored_messages(stack.database)), key=lambda row: row["id"]
    )


def send(socket: Socket, chat: int, message: str = "hi", client_id: str = "c1") -> Frame:
    socket.send("send_message", chat_id=chat, message=message, client_id=client_id)
    return socket.expect("message_sent")


def test_the_same_client_id_gets_the_first_answer_again(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    first = send(adas, chat)
    assert "duplicate" not in first
    for text in ("hi", " hi\n", "hi"):  # what is compared is what is stored
        assert send(adas, chat, text) == {**first, "duplicate": True}
    assert len(stored(stack)) == 1
    assert len(bobs.until_pong()) == 1
    assert send(adas, chat, client_id="c2")["seq"] == 2


def test_what_an_earlier_release_stored_with_control_characters_is_known_again(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """Sent before the upgrade, and again after it: once cleaned it is the same message."""
    typed = "\x01 one\r\ntwo\x1b[2J "
    row = NewMessage(chat, ada.id, bob.id, "c1", typed.strip(" "), "2026-11-22 09:31:00.000", 1)
    identity = store_messages(stack.database, [row])
    socket = ada.connect()
    answer = send(socket, chat, typed)
    assert (answer["message_id"], answer["seq"], answer["duplicate"]) == (identity, 1, True)
    socket.send("send_message", chat_id=chat, message="another", client_id="c1")
    assert socket.expect("error")["code"] == "client_id_reused"


def test_the_same_client_id_twice_in_one_batch(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    for client_id in ("c1", "c1", "c2", "c1", "c2"):
        adas.send("send_message", chat_id=chat, message="hi", client_id=client_id)
    # One connection is answered once for each time that it asks before the answer, or with duplicates after it.
    answers: dict[str, set[int]] = {}
    for frame in adas.until_pong():
        answers.setdefault(frame["client_id"], set()).add(frame["message_id"])
    adas_last = [send(adas, chat, client_id=client_id) for client_id in ("c1", "c2")]
    for frame in adas_last:
        answers.setdefault(frame["client_id"], set()).add(frame["message_id"])
    rows = stored(stack)
    assert [row["client_id"] for row in rows] == ["c1", "c2"]
    assert answers == {row["client_id"]: {row["id"]} for row in rows}
    assert [frame["seq"] for frame in bobs.until_pong()] == [1, 2]


def test_another_device_may_send_it_again(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    phone, laptop, bobs = ada.connect(), ada.connect(), bob.connect()
    first = send(phone, chat)
    assert laptop.expect("message")["client_id"] == "c1"
    assert send(laptop, chat) == {**first, "duplicate": True}
    phone.close()
    later = ada.connect()
    assert send(later, chat) == {**first, "duplicate": True}
    assert len(stored(stack)) == 1
    assert len(bobs.until_pong()) == 1
    assert laptop.until_pong() == []


def test_two_sockets_send_the_same_messages_at_once(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    sockets, bobs = [ada.connect(), ada.connect()], bob.connect()
    for number in range(100):
        for socket in sockets:
            socket.send("send_message", chat_id=chat, message=str(number), client_id=f"c{number}")
    answers = []
    for socket in sockets:
        heard: dict[str, int] = {}
        while len(heard) < 100:
            frame = socket.receive()
            if frame["type"] == "message_sent":
                assert heard.setdefault(frame["client_id"], frame["message_id"]) == frame["message_id"]
            assert frame["type"] in ("message_sent", "message", "presence")
        answers.append(heard)
    assert answers[0] == answers[1] == {row["client_id"]: row["id"] for row in stored(stack)}
    assert [frame["seq"] for frame in bobs.until_pong()] == list(range(1, 101))


def test_after_a_restart_the_first_answer_is_still_known(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    with stack.another_ws_server() as server:
        first = send(ada.connect(url=server.url), chat)
        server.restart()
        again = ada.connect(url=server.url)
        assert send(again, chat) == {**first, "duplicate": True}
        assert send(again, chat) == {**first, "duplicate": True}
        again.send("send_message", chat_id=chat, message="something else", client_id="c1")
        assert again.wait_for("error")["code"] == "client_id_reused"
        assert send(again, chat, client_id="c2")["seq"] == 2
        ada.leave()
    assert [row["client_id"] for row in stored(stack)] == ["c1", "c2"]


def test_a_client_id_stays_with_its_chat_and_text(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    adas, bobs, eves = ada.connect(), bob.connect(), eve.connect()
    send(adas, chat)
    bobs.expect("message")
    for target, text in ((chat, "Hi"), (chat, "hi!"), (chat, "h\u00ed"), (other, "hi")):
        adas.send("send_message", chat_id=target, message=text, client_id="c1")
        error = adas.expect("error")
        assert (error["code"], error["client_id"], error["chat_id"]) == ("client_id_reused", "c1", target)
    for text in ("one", "two"):  # in one batch as well
        adas.send("send_message", chat_id=chat, message=text, client_id="c2")
    kinds = {adas.receive()["type"] for _ in range(2)}
    assert kinds == {"error", "message_sent"}
    assert [row["client_id"] for row in stored(stack)] == ["c1", "c2"]
    assert len(bobs.until_pong()) == 1
    assert eves.until_pong() == []


def test_client_ids_belong_to_their_sender_and_mind_capitals(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    assert "duplicate" not in send(adas, chat, client_id="c1")
    assert "duplicate" not in send(adas, chat, client_id="C1")
    bobs.send("send_message", chat_id=chat, message="hi", client_id="c1")
    assert "duplicate" not in bobs.wait_for("message_sent")
    assert [row["seq"] for row in stored(stack)] == [1, 2, 3]
