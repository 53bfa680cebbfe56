"""Who fills places must not take those of others."""

from __future__ import annotations

import http.client
import socket
from contextlib import ExitStack, suppress

from chat_web.turns import AT_ONCE, PATIENCE
from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.waiting import wait_until


def connect_from(address: str, port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(address, 0))


def test_one_address_that_never_shakes_hands_takes_no_places_of_others(own_stack: StackMaker) -> None:
    """Beyond its cap an address was refused at the handshake only: without one, it had every place there is."""
    stack = own_stack(WS_MAX_CONNECTIONS="300", WS_MAX_PER_ADDRESS="40")
    people = People(stack)
    ada = people.register("ada")
    with ExitStack() as opened:
        for _ in range(400):
            opened.enter_context(connect_from("127.0.0.2", stack.ws_server.port))
        ada.connect().until_pong()
    people.leave()


def ask_for_chats(person: Person, port: int) -> socket.socket:
    """Ask for all chats, and take nothing of the answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(5)
    connection.connect(("127.0.0.1", port))
    session = person.http.cookies["session"]
    request = f"GET /backend/get_chats HTTP/1.1\r\nHost: localhost\r\nCookie: session={session}\r\n\r\n"
    connection.sendall(request.encode())
    return connection


def is_served(person: Person) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return person.http.get("/backend/get_session").status == 200
    return False


def test_requests_that_wait_for_one_users_answers_take_no_places_of_others(
    stack: Stack, people: People, ada: Person, eve: Person
) -> None:
    """Behind one address nobody else was served: 400 requests waited for the turns that unread answers held."""
    with eve.connect() as socket_of_eve:
        for number in range(5):
            chat = people.chat_between(eve, people.register(f"friend{number}"))
            for _ in range(50):
                socket_of_eve.send("send_message", chat_id=chat, message="\u6f22" * 7_900)
            for _ in range(50):
                socket_of_eve.expect("message_sent", deadline=30)
    with ExitStack() as opened:
        for _ in range(AT_ONCE):
            opened.enter_context(ask_for_chats(eve, stack.web.port))
        assert is_served(ada)
        for _ in range(420):
            opened.enter_context(ask_for_chats(eve, stack.web.port))
        wait_until(lambda: is_served(ada), PATIENCE / 2)
