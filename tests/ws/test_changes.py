"""What does a change of a message bring to whom, and what becomes of one that is none?"""

from __future__ import annotations

import pytest

from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket

FEATURES = ["changes"]


class Talk:
    """Two people on a socket each that knows of changes, and a message of the first."""

    def __init__(self, ada: Person, bob: Person, chat: int) -> None:
        self.chat = chat
        self.ada, self.bob = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
        self._count = 0
        self.seq = self.say("hello")

    def say(self, text: str) -> int:
        self.ada.send("send_message", chat_id=self.chat, message=text, client_id=self.next_id())
        seq: int = self.ada.wait_for("message_sent")["seq"]
        self.bob.wait_for("message", seq=seq)
        return seq

    def change(self, socket: Socket, kind: str, **fields: object) -> Frame:
        """Send a change; return the answer, `changed` or `error`."""
        fields = {"chat_id": self.chat, "seq": self.seq, "client_id": self.next_id(), **fields}
        socket.send(kind, **fields)
        while (frame := socket.receive())["type"] not in ("changed", "error"):
            pass
        assert frame["client_id"] == fields["client_id"]
        return frame

    def next_id(self) -> str:
        self._count += 1
        return f"c{self._count}"


@pytest.fixture
def talk(ada: Person, bob: Person, chat: int) -> Talk:
    return Talk(ada, bob, chat)


def test_an_edit_is_answered_and_shown_to_every_other_socket_that_knows_of_changes(talk: Talk, ada: Person) -> None:
    with ada.connect(features=FEATURES) as second, ada.connect() as old:
        answer = talk.change(talk.ada, "edit_message", message="  good morning ")
        message = answer["message"]
        assert (message["content"], message["username"], message["change_seq"]) == ("good morning", ada.name, 1)
        assert message["client_id"] == "c1"
        assert second.wait_for("message_changed")["message"] == message
        shown = talk.bob.wait_for("message_changed")["message"]
        assert shown == {name: value for name, value in message.items() if name != "client_id"}
        assert old.until_pong() == []
        assert talk.ada.until_pong() == []


def test_what_is_listed_is_what_was_shown(talk: Talk, bob: Person) -> None:
    for who, kind, fields, reactions in (
        (talk.bob, "react", {"emoji": "👍"}, 1),
        (talk.ada, "react", {"emoji": "🎉"}, 2),
        (talk.ada, "edit_message", {"message": "changed"}, 2),
        (talk.bob, "react", {"emoji": None}, 1),
        (talk.ada, "delete_message", {}, 0),
    ):
        answer = talk.change(who, kind, **fields)
        shown = answer["message"] if who is talk.bob else talk.bob.wait_for("message_changed")["message"]
        page = bob.http.get("/backend/get_messages", {"chat_id": talk.chat}).json()
        assert (page["messages"], page["change_seq"]) == ([shown], shown["change_seq"])
        assert len(shown.get("reactions", [])) == reactions


def test_a_change_of_what_one_has_cleared_comes_to_the_other_one_alone(talk: Talk, ada: Person, bob: Person) -> None:
    stays = talk.say("stays")
    phone, desktop = bob.connect(features=FEATURES), ada.connect(features=FEATURES)
    desktop.send("clear_chat", chat_id=talk.chat, seq=talk.seq)
    desktop.wait_for("chat_changed")
    talk.ada.wait_for("chat_changed")
    talk.change(talk.bob, "react", emoji="👍")
    talk.change(talk.bob, "react", emoji="🎉", seq=stays)
    assert [phone.wait_for("message_changed")["message"]["seq"] for _ in range(2)] == [talk.seq, stays]
    for socket in (talk.ada, desktop):
        [changed] = socket.until_pong()
        assert (changed["message"]["seq"], changed["message"]["change_seq"]) == (stays, 2)
    desktop.send("sync", chats={str(talk.chat): [stays, 0]})
    synced = desktop.wait_for("sync_chat")
    assert ([message["seq"] for message in synced["changes"]], synced["change_seq"]) == ([stays], 2)


def test_a_change_that_is_sent_again_is_answered_as_a_duplicate_and_shown_to_nobody(talk: Talk) -> None:
    talk.change(talk.bob, "react", emoji="👍", client_id="again")
    talk.change(talk.bob, "react", emoji=None)
    talk.ada.wait_for("message_changed")
    talk.ada.wait_for("message_changed")
    answer = talk.change(talk.bob, "react", emoji="👍", client_id="again")
    assert (answer["duplicate"], answer["message"].get("reactions")) == (True, None)
    assert talk.ada.until_pong() == []


def test_a_change_that_finds_its_message_so_already_does_not_make_others_news_again(talk: Talk) -> None:
    """It put the number of its message in the place of the last ones that were shown."""
    first, second = talk.seq, talk.say("second")
    talk.change(talk.bob, "react", emoji="👍", seq=first)
    talk.change(talk.bob, "react", emoji="👍", seq=second, client_id="again")
    for number in (1, 2):
        assert talk.ada.wait_for("message_changed")["message"]["change_seq"] == number
    talk.change(talk.bob, "react", emoji="👍", seq=first)
    assert talk.change(talk.bob, "react", emoji="👍", seq=second, client_id="again")["duplicate"]
    assert talk.ada.until_pong() == []


def test_one_change_that_two_sockets_send_is_made_once_and_answered_twice(talk: Talk, bob: Person) -> None:
    second = bob.connect(features=FEATURES)
    for socket in (talk.bob, second):
        socket.send("react", chat_id=talk.chat, seq=talk.seq, emoji="👍", client_id="twice")
    duplicates = [socket.wait_for("changed").get("duplicate") for socket in (talk.bob, second)]
    assert sorted(duplicates, key=str) == [None, True]
    assert talk.ada.wait_for("message_changed")["message"]["change_seq"] == 1
    assert talk.ada.until_pong() == []


def test_an_edit_of_what_has_been_edited_meanwhile_is_told_how_it_is_now(talk: Talk) -> None:
    talk.change(talk.ada, "edit_message", message="one", base=0)
    error = talk.change(talk.ada, "edit_message", message="two", base=0)
    assert (error["code"], error["chat_id"]) == ("edit_conflict", talk.chat)
    assert error["current"]["message"]["content"] == "one"


def test_an_outsider_finds_no_chat(talk: Talk, eve: Person) -> None:
    with eve.connect() as socket:
        for kind, fields in (("edit_message", {"message": "x"}), ("delete_message", {}), ("react", {"emoji": "👍"})):
            assert talk.change(socket, kind, **fields)["code"] == "no_such_chat"


def test_across_a_block_one_can_only_delete_and_the_other_hears_nothing(talk: Talk, ada: Person, bob: Person) -> None:
    talk.change(talk.ada, "edit_message", message="one", client_id="before")
    talk.bob.wait_for("message_changed")
    assert bob.http.post_json("/backend/e_block", {"user_id": ada.id}).status == 200
    talk.bob.wait_for("chat_changed")
    assert talk.change(talk.ada, "edit_message", message="two")["code"] == "not_delivered"
    assert talk.change(talk.bob, "react", emoji="👍")["code"] == "not_delivered"
    assert talk.change(talk.ada, "edit_message", message="one", client_id="before")["duplicate"]
    assert "deleted_at" in talk.change(talk.ada, "delete_message")["message"]
    assert talk.bob.until_pong() == []


def test_the_messages_of_a_chat_with_a_deleted_account_can_be_deleted(talk: Talk, bob: Person) -> None:
    assert bob.http.post_json("/backend/e_delete_account", {"password": bob.password}).status == 200
    talk.ada.wait_for("chat_changed")
    assert talk.change(talk.ada, "edit_message", message="two")["code"] == "no_such_user"
    assert "deleted_at" in talk.change(talk.ada, "delete_message")["message"]


def test_changes_share_the_limit_of_messages(own_stack: StackMaker) -> None:
    stack = own_stack(WS_MESSAGE_BURST="3", WS_MESSAGE_RATE="0.01")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    talk = Talk(ada, bob, people.chat_between(ada, bob))
    talk.change(talk.ada, "edit_message", message="one")
    talk.change(talk.ada, "react", emoji="👍")
    error = talk.change(talk.ada, "delete_message")
    assert error["code"] == "rate_limited"
    assert error["retry_after"] > 0


def test_changes_are_shown_in_the_order_of_their_numbers(talk: Talk) -> None:
    for number in range(40):
        socket, emoji = ((talk.ada, "👍"), (talk.bob, "🎉"))[number % 2]
        socket.send(
            "react",
            chat_id=talk.chat,
            seq=talk.seq,
            emoji=None if number % 4 > 1 else emoji,
            client_id=f"n{number}",
        )
    numbers = [talk.bob.receive() for _ in range(40)]
    seqs = [frame["message"]["change_seq"] for frame in numbers]
    assert seqs == list(range(1, 41))


@pytest.mark.parametrize("kind", ["edit_message", "delete_message", "react"])
def test_a_message_that_is_sent_again_after_it_has_changed_is_told_to_nobody_as_it_was(
    own_stack: StackMaker, kind: str
) -> None:
    """A ws-server that did not give out the number of a message told everybody of it, with the text of before."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "what was deleted", client_id="m1")
    stack.ws_server.restart()
    sender, old = ada.connect(), bob.connect()
    fields = {"edit_message": {"message": "new"}, "delete_message": {}, "react": {"emoji": "👍"}}[kind]
    sender.send(kind, chat_id=chat, seq=1, client_id="c1", **fields)
    sender.wait_for("changed")
    sender.send("send_message", chat_id=chat, message="what was deleted", client_id="m1")
    assert sender.wait_for("message_sent")["duplicate"]
    assert old.until_pong() == []
