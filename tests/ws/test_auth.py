"""Who may do what on a connection, and until when?"""

from __future__ import annotations

import pytest

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import Person
from tests.support.socket import Socket


def test_the_right_token_opens_the_door(ada: Person, socket_of_nobody: Socket) -> None:
    socket_of_nobody.send("auth", user_id=ada.id, token=ada.token)
    assert socket_of_nobody.expect("auth") == {
        "type": "auth",
        "status": "success",
        "message": "You are logged in.",
        "user_id": ada.id,
        "username": "ada",
    }
    assert socket_of_nobody.until_pong() == []


def test_the_prototypes_page_may_send_its_id_as_text(ada: Person, socket_of_nobody: Socket) -> None:
    socket_of_nobody.send("auth", user_id=str(ada.id), token=ada.token)
    answer = socket_of_nobody.expect("auth")
    assert (answer["status"], answer["user_id"]) == ("success", ada.id)


def test_any_path_leads_to_the_chat(stack: Stack, ada: Person) -> None:
    with Socket(f"{stack.ws_server.url}ws?x=1") as socket:
        socket.send("auth", user_id=ada.id, token=ada.token)
        assert socket.expect("auth")["status"] == "success"


def wrong_token(ada: Person, bob: Person) -> dict[str, dict[str, object]]:
    return {
        "of somebody else": {"user_id": ada.id, "token": bob.token},
        "with somebody else's id": {"user_id": bob.id, "token": ada.token},
        "empty": {"user_id": ada.id, "token": ""},
        "cut": {"user_id": ada.id, "token": ada.token[:-1]},
        "longer": {"user_id": ada.id, "token": ada.token + "A"},
        "in other letters": {"user_id": ada.id, "token": ada.token.swapcase()},
        "not ASCII": {"user_id": ada.id, "token": "é" * 43},
        "a pattern": {"user_id": ada.id, "token": "%" * 43},
        "SQL": {"user_id": ada.id, "token": "' OR '1'='1' --".ljust(43)},
        "long": {"user_id": ada.id, "token": "A" * 60_000},
    }


def test_a_wrong_token_gets_an_error_and_4401(stack: Stack, ada: Person, bob: Person) -> None:
    for name, fields in wrong_token(ada, bob).items():
        with Socket(stack.ws_server.url) as socket:
            socket.send("auth", **fields)
            answer = socket.expect("auth")
            assert (answer["status"], answer["code"]) == ("error", "not_authenticated"), name
            assert "user_id" not in answer, name
            assert socket.wait_closed() == 4401, name


def test_the_digest_that_the_table_holds_is_no_token(stack: Stack, ada: Person, socket_of_nobody: Socket) -> None:
    stored = stack.database.query("SELECT token FROM tokens WHERE user_id = %s", ada.id)[0]["token"]
    assert stored != ada.token
    socket_of_nobody.send("auth", user_id=ada.id, token=stored)
    assert socket_of_nobody.expect("auth")["status"] == "error"
    assert socket_of_nobody.wait_closed() == 4401


@pytest.mark.parametrize(
    "change",
    ["expires_at = NOW(3) - INTERVAL 1 SECOND", "last_used_at = NOW(3) - INTERVAL 31 DAY"],
    ids=["expired", "unused for a month"],
)
def test_a_login_that_ended_by_itself_gets_4401(
    stack: Stack, ada: Person, socket_of_nobody: Socket, change: str
) -> None:
    stack.database.query(f"UPDATE tokens SET {change}")
    socket_of_nobody.send("auth", user_id=ada.id, token=ada.token)
    assert socket_of_nobody.expect("auth")["code"] == "not_authenticated"
    assert socket_of_nobody.wait_closed() == 4401


def test_using_a_login_keeps_it_alive(stack: Stack, ada: Person, socket_of_nobody: Socket) -> None:
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 29 DAY")
    socket_of_nobody.send("auth", user_id=ada.id, token=ada.token)
    assert socket_of_nobody.expect("auth")["status"] == "success"
    fresh = "SELECT COUNT(*) AS n FROM tokens WHERE last_used_at > NOW(3) - INTERVAL 1 MINUTE"
    assert stack.database.query(fresh)[0]["n"] == 1


def test_nothing_but_auth_is_answered_before_auth(
    stack: Stack, ada: Person, bob: Person, chat: int, socket_of_nobody: Socket
) -> None:
    bobs = bob.connect()
    frames: list[tuple[str, dict[str, object]]] = [
        ("send_message", {"chat_id": chat, "message": "hi", "client_id": "c1"}),
        ("add_chat", {"other_user_id": bob.id}),
        ("sync", {"chats": {}}),
        ("delivered", {"chat_id": chat, "seq": 1}),
        ("read", {"chat_id": chat, "seq": 1}),
        ("typing", {"chat_id": chat, "typing": True}),
        ("ping", {}),
    ]
    for kind, fields in frames:
        socket_of_nobody.send(kind, **fields)
        error = socket_of_nobody.expect("error")
        assert error["code"] == "not_authenticated", kind
        assert error.get("client_id") == fields.get("client_id")
    assert bobs.until_pong() == []
    assert stack.database.query("SELECT id FROM messages") == []
    socket_of_nobody.send("auth", user_id=ada.id, token=ada.token)
    assert socket_of_nobody.expect("auth")["status"] == "success"
    assert socket_of_nobody.until_pong() == []


def test_a_second_auth_is_a_bad_frame_and_changes_nobody(ada: Person, bob: Person, chat: int) -> None:
    socket = ada.connect()
    socket.send("auth", user_id=bob.id, token=bob.token)
    assert socket.expect("error")["code"] == "bad_frame"
    bobs = bob.connect()
    socket.send("send_message", chat_id=chat, message="still ada")
    socket.expect("message_sent")
    assert bobs.expect("message")["from"] == ada.id


def test_two_logins_live_beside_each_other(stack: Stack, ada: Person) -> None:
    _, token = ada.log_in(HttpClient(stack.web.url))
    first, second = ada.connect(), ada.connect(token=token)
    assert first.until_pong() == second.until_pong() == []


def test_logging_out_closes_that_logins_sockets_and_no_others(stack: Stack, ada: Person, bob: Person) -> None:
    _, other = ada.log_in(HttpClient(stack.web.url))
    here, here_too, there, bobs = ada.connect(), ada.connect(), ada.connect(token=other), bob.connect()
    assert ada.http.post_form("/logout").status == 302
    farewell = here.expect("auth", deadline=20)
    assert (farewell["status"], farewell["code"]) == ("error", "not_authenticated")
    assert here.wait_closed() == here_too.wait_closed() == 4401
    assert there.until_pong() == bobs.until_pong() == []
    with Socket(stack.ws_server.url) as late:
        late.send("auth", user_id=ada.id, token=ada.token)
        assert late.wait_closed() == 4401
