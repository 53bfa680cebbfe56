"""Do files go with their message: live, in every list, once, and away with it?"""

from __future__ import annotations

from typing import Any

import pytest

from chat_db.file_records import COMPLETE, DYING, SOUND
from stack import Stack
from tests.support.files import states, upload
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket
from tests.support.stored import stored_messages

FEATURES = ["changes"]
SAID: dict[str, Any] = {"width": 800, "height": 600, "thumbhash": "1QcSHQRnh493V4dIh4eXh1h4kJUI"}

HEARD: dict[str, Any] = {"duration": 1.5, "peaks": [0, 31]}


class Talk:
    """Ada's device that sends, and Bob's; Ada has uploaded a photo with its small version, and a voice message."""

    def __init__(self, stack: Stack, ada: Person, bob: Person, chat: int) -> None:
        self.stack, self.chat = stack, chat
        self._people = {"ada": ada, "bob": bob}
        self.ada, self.bob = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
        self.photo = upload(stack, ada, chat, **SAID)
        self.small = upload(stack, ada, chat, "small", size=90, thumbnail_of=self.photo)
        self.voice = upload(stack, ada, chat, "voice.ogg", served="audio/ogg", kind=SOUND, **HEARD)
        self.files = [
            {
                "id": self.photo,
                "name": "photo.jpg",
                "type": "image/jpeg",
                "size": 1_000,
                "thumbnail": self.small,
                **SAID,
            },
            {"id": self.voice, "name": "voice.ogg", "type": "audio/ogg", "size": 1_000, **HEARD},
        ]

    def send(self, *files: object, text: str = "", client_id: str = "c1", **fields: object) -> Frame:
        """Have Ada send a message; return the answer."""
        sent = {"message": text, "files": files, "client_id": client_id, **fields}
        return self.ask(self.ada, "send_message", **{"chat_id": self.chat, **sent})

    def change(self, kind: str, **fields: object) -> Frame:
        """Have Ada change her first message; return the answer."""
        return self.ask(self.ada, kind, **{"chat_id": self.chat, "seq": 1, "client_id": kind, **fields})

    def ask(self, socket: Socket, kind: str, **fields: object) -> Frame:
        socket.send(kind, **fields)
        while (frame := socket.receive())["type"] not in ("message_sent", "changed", "error"):
            pass
        return frame

    def code(self, *files: object, **fields: Any) -> str:
        """Return the code with which a message is refused, of which nothing is stored or heard then."""
        self.bob.until_pong()
        before, known = states(self.stack), len(stored_messages(self.stack.database))
        error = self.send(*files, **fields)
        assert (error["type"], error["client_id"]) == ("error", fields.get("client_id", "c1")), error
        assert (states(self.stack), len(stored_messages(self.stack.database))) == (before, known)
        assert [frame for frame in self.bob.until_pong() if frame["type"] == "message"] == []
        return str(error["code"])

    def lists(self, name: str, seq: int = 1) -> list[dict[str, Any]]:
        """Return a message as each list has it."""
        http = self._people[name].http
        page = http.get("/backend/get_messages", {"chat_id": self.chat}).json()["messages"]
        around = http.get("/backend/get_messages", {"chat_id": self.chat, "around_seq": seq}).json()["messages"]
        chats = http.get("/backend/get_chats").json()[0]["messages"]
        socket = self._people[name].connect()
        socket.send("sync", chats={str(self.chat): seq - 1})
        synced = socket.wait_for("sync_chat")["messages"]
        return [one for found in (page, around, chats, synced) for one in found if one["seq"] == seq]

    def listed(self, name: str, seq: int = 1) -> dict[str, Any]:
        found = self.lists(name, seq)
        assert found == [found[0]] * 4
        return found[0]


@pytest.fixture
def talk(stack: Stack, ada: Person, bob: Person, chat: int) -> Talk:
    return Talk(stack, ada, bob, chat)


def test_files_are_there_live_and_in_every_list(talk: Talk, ada: Person, bob: Person) -> None:
    tablet, old = ada.connect(), bob.connect()
    sent = talk.send(talk.photo, str(talk.voice), text="look here")
    assert (sent["type"], sent["seq"], sent["files"]) == ("message_sent", 1, talk.files)
    frame = talk.bob.wait_for("message")
    assert (frame["message"], frame["files"]) == ("look here", talk.files)
    assert old.wait_for("message") == frame
    assert tablet.wait_for("message") == {**frame, "client_id": "c1"}
    for name in ("ada", "bob"):
        message = talk.listed(name)
        assert (message["content"], message["files"]) == ("look here", talk.files)
        assert {"kind", "change_seq"} & set(message) == set()
    found = bob.http.post_json("/backend/search", {"q": "look"}).json()["found"]
    assert found == [talk.listed("bob")]
    assert bob.chats()[0]["unread"] == 1


def test_the_senders_order_counts(talk: Talk) -> None:
    assert talk.send(talk.voice, talk.photo)["files"] == talk.files[::-1]
    assert talk.listed("bob")["files"] == talk.files[::-1]


def test_the_text_may_be_empty_where_there_are_files(talk: Talk) -> None:
    assert talk.code(text=" \n") == "empty_message"
    assert talk.send(talk.photo, text=" \n")["type"] == "message_sent"
    assert talk.bob.wait_for("message")["message"] == talk.listed("bob")["content"] == ""


def test_a_small_version_counts_once_it_is_whole(talk: Talk, ada: Person) -> None:
    other = upload(talk.stack, ada, talk.chat)
    upload(talk.stack, ada, talk.chat, "small", thumbnail_of=other, is_whole=False)
    [file] = talk.send(other)["files"]
    assert "thumbnail" not in file


def test_what_cannot_be_sent_is_refused(talk: Talk, people: People, ada: Person, bob: Person, eve: Person) -> None:
    elsewhere = people.chat_between(ada, eve)
    wrong = {
        "another's": upload(talk.stack, bob, talk.chat),
        "of another chat": upload(talk.stack, ada, elsewhere),
        "not whole": upload(talk.stack, ada, talk.chat, is_whole=False),
        "a small version": talk.small,
        "none": 2**32 - 1,
    }
    assert {name: talk.code(file_id) for name, file_id in wrong.items()} == dict.fromkeys(wrong, "no_such_file")
    for file_id in wrong.values():
        assert talk.code(talk.photo, file_id) == "no_such_file"
    talk.stack.database.query("UPDATE files SET state = %s WHERE id = %s", DYING, talk.voice)
    assert talk.code(talk.voice) == "no_such_file"
    assert talk.send(talk.photo)["seq"] == 1
    assert talk.code(talk.photo, client_id="c2") == "no_such_file"
    assert talk.send(text="on we go", client_id="c3")["seq"] == 2


def test_what_is_refused_takes_nothing_with_it(talk: Talk, ada: Person, bob: Person) -> None:
    """Sent at once, so that they are written together."""
    chosen: list[tuple[int, ...]] = [(), (2**32 - 1,), (talk.photo,), (talk.photo,), (), (talk.voice, 1), (talk.voice,)]
    for number, files in enumerate(chosen):
        talk.ada.send("send_message", chat_id=talk.chat, message="text", files=files, client_id=f"c{number}")
    answers: dict[str, object] = {}
    while len(answers) < len(chosen):
        frame = talk.ada.receive()
        if "client_id" in frame:
            answers[frame["client_id"]] = frame.get("code") or len(frame.get("files", []))
    stored = {"c0": 0, "c4": 0, "c2": 1, "c6": 1}
    assert answers == stored | dict.fromkeys(("c1", "c3", "c5"), "no_such_file")
    rows = stored_messages(talk.stack.database)
    assert [(row["seq"], row["kind"]) for row in rows] == [(1, 0), (2, 2), (3, 0), (4, 2)]
    heard = [talk.bob.wait_for("message") for _ in rows]
    assert [frame.get("files", []) for frame in heard] == [[], talk.files[:1], [], talk.files[1:]]


def test_the_same_again_is_stored_once_and_other_files_are_another_message(talk: Talk) -> None:
    first = talk.send(talk.photo, text="look")
    assert talk.send(talk.photo, text="look") == {**first, "duplicate": True}
    for files in ((), (talk.voice,), (talk.photo, talk.voice), (talk.small,), (2**32 - 1,)):
        assert talk.code(*files, text="look") == "client_id_reused"
    assert talk.code(talk.photo, text="other") == "client_id_reused"
    talk.send(text="plain", client_id="c2")
    assert talk.code(talk.voice, text="plain", client_id="c2") == "client_id_reused"
    assert talk.send(talk.voice, client_id="c3")["files"] == talk.files[1:]


def test_the_same_client_id_with_other_files_before_the_answer_is_refused(talk: Talk) -> None:
    for files in ([talk.photo], [talk.voice], [], [talk.photo]):
        talk.ada.send("send_message", chat_id=talk.chat, message="hi", files=files, client_id="c1")
    frames = talk.ada.until_pong()
    while sum(frame["type"] == "message_sent" for frame in frames) == 0:
        frames.append(talk.ada.receive())
    assert [frame["code"] for frame in frames if frame["type"] == "error"] == ["client_id_reused"] * 2
    assert states(talk.stack)[talk.photo] == COMPLETE
    assert [row["kind"] for row in stored_messages(talk.stack.database)] == [2]


def test_what_was_deleted_is_known_again(talk: Talk) -> None:
    first = talk.send(talk.photo, text="look")
    talk.change("delete_message")
    again = talk.send(talk.photo, text="look")
    assert (again["message_id"], again["duplicate"], "files" in again) == (first["message_id"], True, False)


def test_an_edit_may_take_the_text_and_leaves_the_files(talk: Talk) -> None:
    talk.send(talk.photo, text="look")
    changed = talk.change("edit_message", message="  ")
    assert (changed["message"]["content"], changed["message"]["files"]) == ("", talk.files[:1])
    assert talk.bob.wait_for("message_changed")["message"]["files"] == talk.files[:1]
    assert talk.ask(talk.bob, "react", chat_id=talk.chat, seq=1, emoji="👍", client_id="r")["message"]["files"]
    assert talk.listed("ada")["files"] == talk.files[:1]
    talk.send(text="plain", client_id="c2")
    error = talk.change("edit_message", seq=2, message="", client_id="e2")
    assert (error["code"], error["message"]) == ("empty_message", "A message needs a text.")
    assert talk.listed("bob", 2)["content"] == "plain"


def test_who_was_away_gets_a_changed_message_with_its_files(talk: Talk, bob: Person) -> None:
    talk.send(talk.photo, text="look")
    talk.change("edit_message", message="")
    socket = bob.connect(features=FEATURES)
    socket.send("sync", chats={str(talk.chat): [1, 0]})
    assert [message["files"] for message in socket.wait_for("sync_chat")["changes"]] == [talk.files[:1]]


def test_to_delete_a_message_takes_its_files(talk: Talk) -> None:
    talk.send(talk.photo, text="look")
    assert "files" not in talk.change("delete_message")["message"]
    assert "files" not in talk.bob.wait_for("message_changed")["message"]
    assert "files" not in talk.listed("bob")
    assert states(talk.stack) == {talk.photo: DYING, talk.small: DYING, talk.voice: COMPLETE}


def test_an_answer_says_what_files_it_answers(talk: Talk, bob: Person) -> None:
    talk.send(talk.photo, talk.voice)
    quote = {"seq": 1, "sender_id": talk.listed("bob")["sender_id"], "files": ["image/jpeg", "audio/ogg"]}
    sent = {"chat_id": talk.chat, "message": "nice", "reply_to_seq": 1, "client_id": "r1"}
    assert talk.ask(talk.bob, "send_message", **sent)["seq"] == 2
    assert talk.ada.wait_for("message")["reply_to"] == quote
    assert talk.listed("ada", 2)["reply_to"] == quote
    changed = talk.ask(talk.bob, "edit_message", chat_id=talk.chat, seq=2, message="very nice", client_id="e1")
    assert changed["message"]["reply_to"] == quote
    talk.change("delete_message")
    assert talk.listed("ada", 2)["reply_to"] == {"seq": 1, "sender_id": quote["sender_id"], "deleted": True}


def test_an_answer_may_have_files(talk: Talk) -> None:
    talk.send(talk.photo, client_id="c1")
    assert talk.send(talk.voice, client_id="c2", reply_to_seq=1)["files"] == talk.files[1:]
    message = talk.listed("bob", 2)
    assert (message["files"], message["reply_to"]["files"]) == (talk.files[1:], ["image/jpeg"])


def test_a_plain_message_is_as_it_was(talk: Talk) -> None:
    sent = talk.send(text="plain")
    frame = talk.bob.wait_for("message")
    assert "files" not in sent.keys() | frame.keys() | talk.listed("bob").keys()
    assert [row["kind"] for row in stored_messages(talk.stack.database)] == [0]


def test_a_file_whose_metadata_nobody_can_read_has_no_name(talk: Talk) -> None:
    talk.send(talk.photo)
    talk.stack.database.query("UPDATE files SET metadata = 'damaged' WHERE id = %s", talk.photo)
    assert talk.listed("bob")["files"] == [
        {"id": talk.photo, "name": "", "type": "image/jpeg", "size": 1_000, "thumbnail": talk.small}
    ]
