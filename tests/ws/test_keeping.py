"""For how long are messages kept, who says so, and who hears of it?"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from chat_db.connection import connect
from chat_db.keeping import Keep, Kept, set_keep
from stack import Stack
from tests.support.answers import wait_for_answer
from tests.support.people import People, Person
from tests.support.room import settings_of
from tests.support.socket import Frame, Socket
from tests.support.stored import ring_of

FEATURES = ["changes"]
DAY = 86_400


def keep(socket: Socket, chat: int, seconds: int | None, client_id: str = "k1") -> tuple[list[Frame], dict[str, Any]]:
    """Choose; return the messages that came before the answer, and the chat as the answer shows it."""
    socket.send("set_keep", chat_id=chat, seconds=seconds, client_id=client_id)
    messages = []
    while (frame := socket.receive())["type"] != "chat_changed":
        if frame["type"] != "presence":
            messages.append(frame)
    assert frame["client_id"] == client_id
    return messages, frame["chat"]


def kept(stack: Stack, chat: int) -> tuple[int | None, bool]:
    [row] = stack.database.query("SELECT keep_seconds, keep_from IS NOT NULL AS begins FROM chats WHERE id = %s", chat)
    return row["keep_seconds"], bool(row["begins"])


def refuse(socket: Socket, **fields: object) -> Frame:
    socket.send("set_keep", **fields)
    return socket.expect("error", passing_over=("presence", "message", "chat_changed"))


def test_both_are_told_who_chose_what_and_the_first_goes_a_day_later(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    phone, desktop, old = ada.connect(features=FEATURES), ada.connect(features=FEATURES), ada.connect()
    bobs, bobs_old = bob.connect(features=FEATURES), bob.connect()
    [notice], shown = keep(phone, chat, 7 * DAY)
    assert (notice["message"], notice["kind"], notice["client_id"], notice["seq"], notice["from"]) == (
        "ada set messages to disappear after 7 days.",
        "notice",
        "k1",
        1,
        ada.id,
    )
    assert (shown["keep_seconds"], shown["last_seq"], shown["unread"]) == (7 * DAY, 1, 0)
    first = datetime.fromisoformat(shown["keep_from"]) - datetime.fromisoformat(notice["sent_at"])
    assert timedelta(hours=24) <= first < timedelta(hours=24, seconds=5)
    assert desktop.expect("message") == old.expect("message") == notice
    assert desktop.expect("chat_changed") == {"type": "chat_changed", "chat": shown}
    seen = {name: value for name, value in notice.items() if name != "client_id"}
    assert bobs.expect("message") == bobs_old.expect("message") == seen
    told = bobs.expect("chat_changed")["chat"]
    assert (told["keep_seconds"], told["keep_from"], told["unread"]) == (7 * DAY, shown["keep_from"], 0)
    assert phone.until_pong() == old.until_pong() == bobs.until_pong() == bobs_old.until_pong() == []
    [message] = bob.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert (message["kind"], message["content"]) == ("notice", notice["message"])
    assert message["notice"] == notice["notice"] == {"keep_seconds": 7 * DAY, "before": None}


def test_either_can_undo_it(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    keep(ada.connect(), chat, 3_600)
    [notice], shown = keep(bob.connect(), chat, None)
    assert notice["message"] == "bob set messages to stay instead of disappearing after 1 hour."
    assert notice["notice"] == {"keep_seconds": None, "before": 3_600}
    assert {"keep_seconds", "keep_from"}.isdisjoint(shown)
    assert kept(stack, chat) == (None, False)


def test_the_notice_has_the_next_number_and_the_next_message_the_one_after(ada: Person, bob: Person, chat: int) -> None:
    assert bob.say(chat, "one")["seq"] == 1
    [notice], _ = keep(ada.connect(), chat, DAY)
    assert (notice["seq"], bob.say(chat, "two")["seq"], ada.say(chat, "three")["seq"]) == (2, 3, 4)


def test_what_is_sent_again_after_later_notices_and_messages_is_no_news(ada: Person, bob: Person, chat: int) -> None:
    """A notice takes a number that the journal has not given out; each message takes one that no notice has."""
    adas, bobs = ada.connect(), bob.connect()
    for client_id, seconds in (("1", DAY), ("2", None)):
        bobs.send("send_message", chat_id=chat, message="hello", client_id=f"m{client_id}")
        bobs.wait_for("message_sent")
        keep(adas, chat, seconds, f"k{client_id}")
    bobs.until_pong()
    bobs.send("send_message", chat_id=chat, message="hello", client_id="m1")
    assert bobs.receive()["duplicate"] is True
    assert adas.until_pong() == []
    assert keep(adas, chat, DAY, "k1")[0] == []
    assert bobs.until_pong() == []


def test_a_choice_that_is_sent_again_counts_once_and_does_not_undo_a_later_one(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    socket, bobs = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
    keep(socket, chat, DAY)
    messages, shown = keep(socket, chat, DAY)
    assert (messages, shown["keep_seconds"]) == ([], DAY)
    keep(socket, chat, None, "k2")
    messages, shown = keep(socket, chat, DAY)
    assert (messages, "keep_seconds" in shown, kept(stack, chat)) == ([], False, (None, False))
    assert [frame["type"] for frame in bobs.until_pong()] == ["message", "chat_changed"] * 2
    stack.database.query("DELETE FROM messages WHERE chat_id = %s", chat)
    stack.database.query("UPDATE chats SET purged_seq = 2 WHERE id = %s", chat)
    assert keep(socket, chat, DAY)[0] == []
    assert kept(stack, chat) == (None, False)


def test_a_choice_whose_answer_was_lost_is_told_to_both_when_it_is_sent_again(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """It was stored, and nobody heard of it: then the process ended, say."""
    adas, bobs = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        lost = set_keep(connection, ring_of(stack.database), Keep(chat, ada.id, ada.name, bob.id, DAY, "k1"))
    assert isinstance(lost, Kept)
    for told in (1, 0):
        messages, shown = keep(adas, chat, DAY)
        assert (len(messages), shown["keep_seconds"]) == (told, DAY)
        assert [frame["type"] for frame in bobs.until_pong()] == ["message", "chat_changed"] * told


def test_what_is_so_already_is_no_news(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    socket, bobs = ada.connect(), bob.connect(features=FEATURES)
    assert keep(socket, chat, None)[0] == []
    keep(socket, chat, DAY, "k2")
    assert keep(socket, chat, DAY, "k3")[0] == []
    assert [frame["type"] for frame in bobs.until_pong()] == ["message", "chat_changed"]
    keep(socket, chat, None, "k4")
    assert keep(socket, chat, DAY, "k3")[0] == []
    assert kept(stack, chat) == (None, False)


def test_a_client_id_of_something_else_is_refused(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other, socket = people.chat_between(ada, eve), ada.connect()
    ada.say(chat, "hello", client_id="said")
    socket.send("react", chat_id=chat, seq=1, emoji="👍", client_id="changed")
    socket.wait_for("changed")
    keep(socket, other, DAY, "elsewhere")
    keep(socket, chat, 2 * DAY, "otherwise")
    before = kept(stack, chat)
    for client_id in ("said", "changed", "elsewhere", "otherwise"):
        error = refuse(socket, chat_id=chat, seconds=DAY, client_id=client_id)
        assert (error["code"], error["client_id"], error["chat_id"]) == ("client_id_reused", client_id, chat)
    assert kept(stack, chat) == before
    socket.send("send_message", chat_id=chat, message="hello", client_id="otherwise")
    assert socket.expect("error")["code"] == "client_id_reused"
    bobs = bob.connect()
    assert keep(bobs, chat, DAY, "otherwise")[1]["keep_seconds"] == DAY


def test_a_client_id_of_a_choice_is_none_of_a_change(ada: Person, bob: Person, chat: int) -> None:
    """Neither while its notice is there, nor of the message that a choice without a notice was noted with."""
    socket = ada.connect()
    keep(socket, chat, DAY, "told")
    keep(socket, chat, DAY, "known")
    for client_id in ("told", "known"):
        for kind, fields in (("react", {"emoji": "👍"}), ("edit_message", {"message": "x"}), ("delete_message", {})):
            socket.send(kind, chat_id=chat, seq=1, client_id=client_id, **fields)
            assert socket.expect("error")["code"] == "client_id_reused", (client_id, kind)


def test_a_client_id_of_a_change_is_none_of_a_choice_when_its_message_is_gone(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """A change that made nothing of a message that nobody had changed is noted without a number, as a choice is."""
    socket = ada.connect()
    bob.say(chat, "hello")
    socket.wait_for("message")
    for client_id, emoji in (("nothing", None), ("something", "👍")):
        socket.send("react", chat_id=chat, seq=1, emoji=emoji, client_id=client_id)
        socket.expect("changed")
    stack.database.query("DELETE FROM messages WHERE chat_id = %s", chat)
    stack.database.query("UPDATE chats SET purged_seq = 1 WHERE id = %s", chat)
    for client_id in ("nothing", "something"):
        assert refuse(socket, chat_id=chat, seconds=DAY, client_id=client_id)["code"] == "client_id_reused"
    assert kept(stack, chat) == (None, False)


def test_across_a_block_nothing_is_chosen_and_what_was_is_answered(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    adas, bobs = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
    keep(adas, chat, DAY)
    assert bob.http.post_json("/backend/e_block", {"user_id": ada.id}).status == 200
    wait_for_answer(adas, chat, "error")
    error = refuse(adas, chat_id=chat, seconds=None, client_id="k2")
    assert (error["code"], error["client_id"]) == ("not_delivered", "k2")
    assert refuse(bobs, chat_id=chat, seconds=None, client_id="k2")["code"] == "not_delivered"
    bobs.until_pong()
    assert keep(adas, chat, DAY)[1]["keep_seconds"] == DAY
    assert (bobs.until_pong(), kept(stack, chat)) == ([], (DAY, True))


def test_an_outsider_finds_no_chat(eve: Person, chat: int) -> None:
    assert refuse(eve.connect(), chat_id=chat, seconds=DAY, client_id="k1")["code"] == "no_such_chat"


def test_a_notice_can_be_neither_edited_nor_deleted_nor_marked(ada: Person, bob: Person, chat: int) -> None:
    socket = ada.connect()
    keep(socket, chat, DAY)
    for kind, fields, code in (
        ("edit_message", {"message": "x"}, "not_yours"),
        ("delete_message", {}, "not_yours"),
        ("react", {"emoji": "👍"}, "bad_reaction"),
    ):
        socket.send(kind, chat_id=chat, seq=1, client_id=f"c-{kind}", **fields)
        assert socket.expect("error")["code"] == code
