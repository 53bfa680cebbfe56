"""Do two ws-server processes on one database keep every chat whole?"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Socket
from tests.ws.test_sync import sync

UNLIMITED = {"WS_MESSAGE_RATE": "0", "WS_FRAME_RATE": "0", "WS_LOOKUP_RATE": "0", "WS_SYNC_RATE": "0"}


def send_all(
    socket: Socket, chats: list[int], name: str, count: int, in_flight: int = 20
) -> dict[str, tuple[int, int]]:
    """Send `count` messages to the chats in turn; return each client_id's chat and seq. No error may come."""
    answers: dict[str, tuple[int, int]] = {}
    sent = 0
    while len(answers) < count:
        while sent < count and sent - len(answers) < in_flight:
            chat = chats[sent % len(chats)]
            socket.send("send_message", chat_id=chat, message=f"{name}-{sent}", client_id=f"{name}-{sent}")
            sent += 1
        frame = socket.receive(10)
        assert frame["type"] in ("message_sent", "message", "presence"), frame
        if frame["type"] == "message_sent":
            assert frame["client_id"] not in answers
            answers[frame["client_id"]] = (frame["chat_id"], frame["seq"])
    return answers


def test_both_write_the_same_chats_without_hole_or_double(stack: Stack, people: People, ada: Person) -> None:
    partners = [people.register(f"p{number}") for number in range(4)]
    chats = [people.chat_between(ada, partner) for partner in partners]
    with stack.another_ws_server(UNLIMITED) as other:
        here, there = ada.connect(), ada.connect(url=other.url)
        writers: list[tuple[Socket, list[int], str]] = [(here, chats, "here"), (there, chats[::-1], "there")]
        for partner, chat in zip(partners[:2], chats[:2], strict=True):
            writers.append((partner.connect(url=other.url), [chat], partner.name))
        with ThreadPoolExecutor(len(writers)) as threads:
            answers = list(threads.map(lambda writer: send_all(writer[0], writer[1], writer[2], 300), writers))
        rows = stack.database.query("SELECT chat_id, seq, client_id FROM messages ORDER BY chat_id, seq")
        assert len(rows) == 1_200
        counted = Counter(row["chat_id"] for row in rows)
        assert [row["seq"] for row in rows] == [seq for chat in chats for seq in range(1, counted[chat] + 1)]
        table = {row["client_id"]: (row["chat_id"], row["seq"]) for row in rows}
        assert {client_id: place for found in answers for client_id, place in found.items()} == table

        # What the two did not tell each other, `sync` finds on either.
        for url in (stack.ws_server.url, other.url):
            pages, done = sync(ada.connect(url=url), {chats[0]: counted[chats[0]] - 5})
            (page,) = [page for page in pages if page["chat"]["id"] == chats[0]]
            assert len(page["messages"]) == 5
            assert {chat["id"]: chat["last_seq"] for chat in done} == counted
        people.leave()


def test_one_message_that_comes_in_through_both_is_stored_once(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    with stack.another_ws_server(UNLIMITED) as other:
        sockets = [ada.connect(), ada.connect(url=other.url)]
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda socket: send_all(socket, [chat], "same", 200), sockets))
        assert answers[0] == answers[1]
        rows = stack.database.query("SELECT client_id, seq FROM messages ORDER BY seq")
        assert [row["seq"] for row in rows] == list(range(1, 201))
        assert {row["client_id"]: (chat, row["seq"]) for row in rows} == answers[0]
        for socket in sockets:  # and with another text it is refused by both
            socket.send("send_message", chat_id=chat, message="other", client_id="same-7")
            assert socket.wait_for("error")["code"] == "client_id_reused"
        ada.leave()


def test_receipts_of_one_are_seen_by_the_other(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    with stack.another_ws_server(UNLIMITED) as other:
        here, there = ada.connect(), bob.connect(url=other.url)
        here.send("send_message", chat_id=chat, message="hi")
        here.expect("message_sent")
        there.send("read", chat_id=chat, seq=1)  # of a message that this process has not seen
        _, (found,) = sync(there, {chat: 1})
        assert (found["read_seq"], found["unread"]) == (1, 0)
        _, (found,) = sync(here, {chat: 1})
        assert found["other_read_seq"] == 1
        ada.leave()
        bob.leave()
