"""Does a client learn that a backup was restored?"""

from __future__ import annotations

from stack import Stack
from tests.support.command_line import flask
from tests.support.people import Person
from tests.support.socket import Socket


def epoch_of_auth(person: Person, **fields: object) -> object:
    with Socket(person.stack.ws_server.url) as socket:
        socket.send("auth", user_id=person.id, token=person.token, **fields)
        answer = socket.expect("auth")
        assert answer["status"] == "success"
        return answer.get("epoch")


def epochs_of_sync(socket: Socket, only: bool) -> set[object]:
    socket.send("sync", chats={}, only=only)
    epochs = set()
    while True:
        frame = socket.receive()
        if frame["type"] == "sync_done":
            epochs.add(frame.get("epoch"))
            if not frame.get("more"):
                return epochs


def test_who_knows_changes_is_told_the_epoch_which_is_another_one_after_a_restore(
    stack: Stack, ada: Person, chat: int
) -> None:
    first = epoch_of_auth(ada, features=["changes"])
    assert isinstance(first, str)
    assert len(first) == 32
    socket = ada.connect(features=["changes"])
    for only in (False, True):
        assert epochs_of_sync(socket, only) == {first}
    assert flask(stack, "restored").stdout == "Every page begins anew when it connects.\n"
    [later] = epochs_of_sync(socket, only=True)
    assert isinstance(later, str)
    assert (later == first, len(later), later == epoch_of_auth(ada, features=["changes"])) == (False, 32, True)
    stack.database.query("DELETE FROM installation")
    assert epochs_of_sync(socket, only=True) == {None}
    flask(stack, "restored")
    assert None not in epochs_of_sync(socket, only=True)


def test_who_does_not_is_told_nothing(ada: Person, chat: int) -> None:
    assert epoch_of_auth(ada) is None
    assert epoch_of_auth(ada, features=["presence_list"]) is None
    assert epochs_of_sync(ada.connect(), only=False) == {None}
