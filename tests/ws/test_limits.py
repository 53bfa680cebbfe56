"""How much may one connection, one user and one address do, and what does it cost the others?"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stack import Stack, WsServer
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def usual_server(session_stack: Stack) -> Iterator[WsServer]:
    """A ws-server with the limits that a product has that nobody set."""
    with session_stack.another_ws_server() as server:
        yield server


def test_a_user_sends_30_messages_at_once_and_5_a_second_after_that(
    stack: Stack, usual_server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    adas, tab = ada.connect(url=usual_server.url), ada.connect(url=usual_server.url)
    bobs = bob.connect(url=usual_server.url)
    for number in range(34):  # from two sockets: the user counts
        (tab if number % 2 else adas).send("send_message", chat_id=chat, message="x", client_id=f"c{number}")
    answers: list[Frame] = []
    while len(answers) < 34:
        for socket in (adas, tab):
            answers += [frame for frame in socket.until_pong() if frame["type"] != "message"]
    refused = [frame for frame in answers if frame["type"] != "message_sent"]
    rows = stack.database.query("SELECT client_id FROM messages")
    assert 30 <= len(rows) <= 33
    assert len(rows) + len(refused) == 34
    for error in refused:
        assert (error["type"], error["code"], error["chat_id"]) == ("error", "rate_limited", chat)
        assert 0 < error["retry_after"] <= 0.2
        assert error["client_id"] not in {row["client_id"] for row in rows}
    bobs.send("send_message", chat_id=chat, message="I may")
    assert bobs.wait_for("message_sent")
    end = time.monotonic() + refused[-1]["retry_after"]
    wait_until(lambda: time.monotonic() > end + 0.05)
    adas.send("send_message", chat_id=chat, message="x", client_id=refused[-1]["client_id"])
    assert "duplicate" not in adas.wait_for("message_sent", client_id=refused[-1]["client_id"])


def test_look_ups_of_people_are_counted(stack: Stack, usual_server: WsServer, ada: Person, bob: Person) -> None:
    adas = ada.connect(url=usual_server.url)
    for number in range(15):
        adas.send("add_chat", username=f"nobody{number}")
        assert adas.expect("error")["code"] == "no_such_user"
        adas.send("add_chat", other_user_id=4294967295 - number)
        assert adas.expect("error")["code"] == "no_such_user"
    adas.send("add_chat", username="bob")
    error = adas.expect("error")
    assert error["code"] == "rate_limited"
    assert 0 < error["retry_after"] <= 2
    assert stack.database.query("SELECT id FROM chats") == []
    bobs = bob.connect(url=usual_server.url)
    bobs.send("add_chat", username="ada")
    assert bobs.expect("chat_added")


def test_syncs_are_counted_for_a_user_and_not_for_a_connection(
    stack: Stack, people: People, ada: Person, bob: Person, chat: int
) -> None:
    with stack.another_ws_server({"WS_SYNC_RATE": "18"}) as server:
        sockets = [ada.connect(url=server.url) for _ in range(3)]
        for number in range(6):
            sockets[number % 3].send("sync", chats={})
            assert sockets[number % 3].expect("sync_done")
        for socket in sockets:
            socket.send("sync", chats={})
            error = socket.expect("error")
            assert error["code"] == "rate_limited"
            assert 0 < error["retry_after"] <= 10
            assert socket.until_pong() == []
        bobs = bob.connect(url=server.url)
        bobs.send("sync", chats={})
        assert bobs.expect("sync_done")
        people.leave()


def test_many_devices_that_come_back_together_are_not_asked_to_wait(
    stack: Stack, usual_server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    for _ in range(3):
        sockets = [ada.connect(url=usual_server.url) for _ in range(20)]
        for socket in sockets:
            socket.send("sync", chats={})
        for socket in sockets:
            assert socket.expect("sync_done")
        ada.leave()


def test_chats_that_the_database_is_asked_for_are_counted(
    stack: Stack, usual_server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    sockets = [ada.connect(url=usual_server.url) for _ in range(2)]
    codes = []
    for number in range(320):
        socket = sockets[number % 2]
        socket.send("typing", chat_id=4_000_000_000 + number, typing=True)
        codes.append(socket.expect("error")["code"])
    assert codes[:300] == ["no_such_chat"] * 300
    assert "rate_limited" in codes
    bobs = bob.connect(url=usual_server.url)
    bobs.send("typing", chat_id=4_000_000_000, typing=True)
    assert bobs.expect("error")["code"] == "no_such_chat"


def test_whoever_floods_is_slowed_down_and_then_cut(
    stack: Stack, usual_server: WsServer, ada: Person, bob: Person, chat: int
) -> None:
    adas, tab = ada.connect(url=usual_server.url), ada.connect(url=usual_server.url)
    for number in range(300):
        adas.send("send_message", chat_id=chat, message=" ", client_id=f"c{number}")
    codes: list[str] = []
    while len(codes) < 300:
        frame = adas.receive()
        if frame["type"] == "error":
            codes.append(frame["code"])
            assert frame["client_id"] == f"c{len(codes) - 1}"
            assert frame["code"] != "rate_limited" or frame["retry_after"] > 0
    # Frames that arrive together are counted before the first of them is answered.
    assert codes[0] == "empty_message"
    assert codes[-1] == "rate_limited"
    assert set(codes) == {"empty_message", "rate_limited"}
    with contextlib.suppress(ConnectionClosed):
        for _ in range(3_000):
            adas.send("ping")
    assert adas.wait_closed() == 4429
    assert tab.until_pong() == []
    later = ada.connect(url=usual_server.url)
    assert later.until_pong() == []


def test_flooding_before_auth_or_with_control_frames_is_cut_too(
    stack: Stack, usual_server: WsServer, ada: Person
) -> None:
    for frame in ('{"type":"ping"}', "[]", b"\0"):
        with Socket(usual_server.url) as nobody:
            with contextlib.suppress(ConnectionClosed):
                for _ in range(100):
                    nobody.send_raw(frame)
            assert nobody.wait_closed() == 4429
    adas = ada.connect(url=usual_server.url)
    with contextlib.suppress(ConnectionClosed):
        for _ in range(3_000):
            adas.connection.pong()
    assert adas.wait_closed() == 4429


def connect_from(server: WsServer, address: str) -> Socket | None:
    """Open a socket from an address of this machine; None where the server has no room (503)."""
    try:
        return Socket(server.url, source_address=(address, 0))
    except InvalidStatus as refused:
        if refused.response.status_code != 503:
            raise
        return None


def test_connections_are_counted_in_all_for_each_address_and_for_each_user(
    stack: Stack, people: People, ada: Person, bob: Person
) -> None:
    caps = {"WS_MAX_CONNECTIONS": "7", "WS_MAX_PER_ADDRESS": "5", "WS_MAX_PER_USER": "2"}
    with stack.another_ws_server(caps) as server:
        first, second = ada.connect(url=server.url), ada.connect(url=server.url)
        third = connect_from(server, "127.0.0.1")
        assert third is not None
        third.send("auth", user_id=ada.id, token=ada.token)
        error = third.expect("error")
        assert (error["code"], error["retry_after"] > 0) == ("rate_limited", True)
        assert third.wait_closed() == 1013
        third.close()
        bobs = bob.connect(url=server.url)
        assert bobs.until_pong() == first.until_pong() == second.until_pong() == []

        sockets = [wait_until(lambda: connect_from(server, "127.0.0.1"))]
        while more := connect_from(server, "127.0.0.1"):
            sockets.append(more)
        assert len(sockets) == 2  # with Ada's two and Bob's one: five of this address
        elsewhere = [connect_from(server, "127.0.0.2") for _ in range(3)]
        assert [socket is not None for socket in elsewhere] == [True, True, False]  # seven in all
        assert connect_from(server, "127.0.0.3") is None

        second.close()  # whoever goes makes room
        room = wait_until(lambda: connect_from(server, "127.0.0.1"))
        for socket in (*sockets, *elsewhere, room):
            if socket is not None:
                socket.close()
        assert first.until_pong() == bobs.until_pong() == []
        ada.leave()
        bob.leave()
