"""Does a change become part of its message, once, in the order of its chat?"""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymysql
import pytest
from pymysql.constants import CR

from chat_db.changes import Changed, Unchanged
from chat_db.connection import connect, execute
from stack import Stack
from tests.support.http import RFC3339
from tests.support.people import People, Person
from tests.support.room import Room, settings_of
from tests.support.stored import ring_of
from tests.support.waiting import wait_until


@pytest.fixture
def room(stack: Stack, ada: Person, bob: Person, chat: int) -> Room:
    return Room(stack.database, ring_of(stack.database), ada, bob, chat)


def test_an_edited_text_takes_the_place_of_the_old_one(room: Room) -> None:
    [before] = room.rows()
    message = room.make(room.edit("good morning")).message
    assert (message.content, message.change_seq, message.text_seq) == ("good morning", 1, 1)
    [after] = room.rows()
    assert after["content"] != before["content"]
    assert after["edited_at"] is not None
    assert {name for name in after if after[name] != before[name]} == {
        "content",
        "edited_at",
        "change_seq",
        "text_seq",
    }
    assert room.change_seq() == 1


def test_a_reaction_leaves_the_text_and_a_second_one_takes_its_place(room: Room) -> None:
    room.make(room.react("👍"))
    message = room.make(room.react("🎉", user=room.ada)).message
    assert (message.content, message.other_reaction, message.sender_reaction) == ("hello", "👍", "🎉")
    message = room.make(room.react("❤️")).message
    assert (message.other_reaction, message.change_seq, message.text_seq) == ("❤️", 3, 0)
    message = room.make(room.react(None)).message
    assert (message.other_reaction, message.sender_reaction) == (None, "🎉")
    [row] = room.rows()
    assert row["other_reaction"] is None
    assert "🎉" not in json.dumps(row, default=str, ensure_ascii=False)


def test_a_reaction_leaves_a_text_as_it_is_stored_unless_its_batch_edits_it_too(room: Room) -> None:
    [before] = room.rows()
    room.make(room.react("👍"))
    [after] = room.rows()
    assert {name for name in after if after[name] != before[name]} == {"other_reaction", "change_seq"}
    room.write(room.edit("one"), room.react("🎉"))
    message = room.make(room.react(None)).message
    assert (message.content, message.change_seq, message.text_seq) == ("one", 4, 2)


def test_of_a_deleted_message_only_the_frame_is_left(room: Room) -> None:
    room.make(room.react("👍"))
    room.make(room.edit("a secret"))
    message = room.make(room.delete()).message
    assert (message.content, message.other_reaction, message.edited_at) == ("", None, None)
    [row] = room.rows()
    assert (row["content"], row["key_version"], row["other_reaction"], row["edited_at"]) == ("", 0, None, None)
    assert (row["deleted_at"] is not None, row["change_seq"], row["text_seq"]) == (True, 3, 3)


def test_a_change_that_is_sent_again_is_made_once_and_undoes_nothing(room: Room) -> None:
    first = room.react("👍", client_id="again")
    assert not room.make(first).is_duplicate
    room.make(room.react(None))
    late = room.make(room.react("👍", client_id="again"))
    assert (late.is_duplicate, late.is_news, late.message.other_reaction) == (True, False, None)
    assert room.change_seq() == 2


def test_what_is_so_already_takes_no_number_and_its_retry_undoes_nothing_either(room: Room) -> None:
    room.make(room.react("👍"))
    assert room.make(room.react("👍", client_id="same")).message.change_seq == 1
    assert room.change_seq() == 1
    room.make(room.react(None))
    assert room.make(room.react("👍", client_id="same")).message.other_reaction is None
    assert room.change_seq() == 2


def test_whoever_asks_what_has_changed_reads_nothing_of_what_was_so_already(room: Room) -> None:
    room.make(room.react("👍"))
    room.make(room.edit("good morning"))
    for _ in range(3):
        room.write(*[room.react("👍") for _ in range(50)], *[room.edit("good morning") for _ in range(50)])
    assert [row["change_seq"] for row in room.changes() if row["change_seq"]] == [1, 2]
    assert len(room.changes()) == 302


def test_changes_of_one_batch_follow_one_another(room: Room) -> None:
    outcomes = room.write(room.edit("one"), room.react("👍"), room.edit("two"), room.delete(seq=99), room.react(None))
    states = [
        (outcome.message.content, outcome.message.other_reaction, outcome.message.change_seq)
        for outcome in outcomes
        if isinstance(outcome, Changed)
    ]
    assert states == [("one", None, 1), ("one", "👍", 2), ("two", "👍", 3), ("two", None, 4)]
    assert isinstance(outcomes[3], Unchanged)
    assert outcomes[3].code == "no_such_message"
    [row] = room.rows()
    assert (row["change_seq"], row["text_seq"]) == (4, 3)
    assert [change["change_seq"] for change in room.changes()] == [1, 2, 3, 4]


def test_an_edit_of_a_text_that_has_changed_meanwhile_is_a_conflict_and_a_reaction_is_none(room: Room) -> None:
    room.make(room.react("👍"))
    room.make(room.edit("one", base=0))
    conflict = room.refuse(room.edit("two", base=0))
    assert conflict.code == "edit_conflict"
    assert conflict.current is not None
    assert (conflict.current.content, conflict.current.text_seq) == ("one", 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda room: room.edit("mine", user=room.bob), "not_yours"),
        (lambda room: room.delete(user=room.bob), "not_yours"),
        (lambda room: room.edit("nothing", seq=2), "no_such_message"),
        (lambda room: room.react("👍", seq=4_294_967_295), "no_such_message"),
    ],
)
def test_what_is_not_allowed_changes_nothing(room: Room, change: Any, code: str) -> None:
    assert room.refuse(change(room)).code == code


def test_a_client_id_stands_for_one_message(room: Room) -> None:
    room.make(room.react("👍", client_id="once"))
    room.say("second")
    assert room.refuse(room.react("👍", seq=2, client_id="once")).code == "client_id_reused"


def test_a_client_id_that_another_process_uses_in_this_moment_is_used(room: Room, people: People, ada: Person) -> None:
    elsewhere = people.chat_between(ada, people.register("eve"))
    writing = "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'INSERT INTO changes%once%'"
    with contextlib.closing(connect(settings_of(room.database))) as other, ThreadPoolExecutor(1) as thread:
        other.begin()
        sql = "INSERT INTO changes (chat_id, change_seq, seq, user_id, client_id) VALUES (%s, 1, 1, %s, 'once')"
        execute(other, sql, elsewhere, room.ada)
        outcome = thread.submit(room.refuse, room.edit("anew", client_id="once"))
        wait_until(lambda: room.database.query(writing))
        other.commit()
        assert outcome.result().code == "client_id_reused"


def test_a_deleted_message_takes_no_other_change(room: Room) -> None:
    room.make(room.delete())
    assert room.refuse(room.edit("back")).code == "no_such_message"
    assert room.refuse(room.react("👍")).code == "bad_reaction"
    assert room.make(room.delete()).message.change_seq == 1


def test_messages_below_a_members_floor_are_none(room: Room) -> None:
    room.say("second")
    sql = "UPDATE members SET cleared_seq = 1 WHERE chat_id = %s AND user_id = %s"
    room.database.query(sql, room.chat, room.bob)
    assert room.refuse(room.react("👍", seq=1)).code == "no_such_message"
    room.make(room.react("👍", seq=2))
    room.make(room.edit("for ada only", seq=1))
    room.database.query("UPDATE chats SET purged_seq = 1 WHERE id = %s", room.chat)
    assert room.refuse(room.edit("for nobody", seq=1)).code == "no_such_message"


def test_a_message_that_nobody_can_read_takes_no_reaction_but_another_text(room: Room) -> None:
    room.database.query("UPDATE messages SET content = 'damaged' WHERE chat_id = %s", room.chat)
    assert room.refuse(room.react("👍")).code == "bad_reaction"
    assert room.make(room.edit("mended")).message.problem is None
    room.make(room.react("👍"))


def test_a_change_whose_answer_was_lost_is_news_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, lost = pymysql.connections.Connection.commit, [True]

    def lose_answer(connection: Any) -> None:
        commit(connection)
        if lost and lost.pop():
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the answer was lost")

    monkeypatch.setattr(pymysql.connections.Connection, "commit", lose_answer)
    outcome = room.make(room.react("👍", client_id="once"))
    assert (outcome.is_news, outcome.message.other_reaction, room.change_seq()) == (True, "👍", 1)
    again = room.make(room.react("👍", client_id="once"))
    assert (again.is_duplicate, again.is_news) == (True, False)


def test_changes_that_were_told_are_no_news_in_whatever_order_they_are_sent_again(room: Room) -> None:
    changes = [room.react("👍" if number % 2 else None, client_id=f"n{number}") for number in range(1, 6)]
    seqs = [room.seq, *(room.say("more") for _ in range(4))]
    for change, seq in zip(changes, seqs, strict=True):
        change.seq, change.emoji = seq, "👍"
        assert room.make(change).is_news
    assert [room.make(change).is_news for change in (changes[1], changes[3], changes[0], changes[4])] == [False] * 4


def test_large_batches_of_long_texts_are_written_in_parts(room: Room) -> None:
    """Each part is a statement that max_allowed_packet lets through."""
    room.write(*(room.edit("'\\\"" * 2_600 + str(seq)) for seq in range(3)))
    seqs = [room.say("x") for _ in range(40)]
    text = "\U0001f600" * 4_000
    outcomes = room.write(*(room.edit(text, seq=seq) for seq in seqs))
    assert {outcome.message.content for outcome in outcomes if isinstance(outcome, Changed)} == {text}
    assert len(outcomes) == 40
    assert room.change_seq() == 43


def test_a_listed_message_says_how_it_is_now_and_an_unchanged_one_as_much_as_before(
    room: Room, ada: Person, bob: Person
) -> None:
    room.say("second")
    plain = listed(bob, room.chat)
    room.make(room.edit("good morning", seq=1))
    room.make(room.react("👍", seq=1))
    room.make(room.react("🎉", user=room.ada, seq=1))
    first, second = listed(bob, room.chat)
    assert second == plain[1]
    assert first["content"] == "good morning"
    assert (first["change_seq"], first["text_seq"]) == (3, 1)
    assert first["reactions"] == [{"user_id": ada.id, "emoji": "🎉"}, {"user_id": bob.id, "emoji": "👍"}]
    assert RFC3339.fullmatch(first["edited_at"])
    room.make(room.delete(seq=1))
    first, _ = listed(ada, room.chat)
    assert set(first) - set(plain[0]) == {"client_id", "deleted_at", "change_seq", "text_seq"}
    assert (first["content"], first["change_seq"]) == ("", 4)
    page = ada.http.get("/backend/get_messages", {"chat_id": room.chat}).json()
    [chat] = ada.http.get("/backend/get_chats").json()
    assert (page["change_seq"], chat["change_seq"], chat["messages"]) == (4, 4, page["messages"])


def listed(person: Person, chat: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = person.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    return messages


def test_messages_up_to_a_members_floor_are_in_no_list_of_theirs(room: Room, ada: Person, bob: Person) -> None:
    for _ in range(4):
        room.say("more")
    room.database.query("UPDATE chats SET purged_seq = 1 WHERE id = %s", room.chat)
    sql = "UPDATE members SET cleared_seq = 3 WHERE chat_id = %s AND user_id = %s"
    room.database.query(sql, room.chat, room.bob)
    for person, floor in ((ada, 1), (bob, 3)):
        seqs = list(range(floor + 1, 6))
        [chat] = person.http.get("/backend/get_chats").json()
        assert (chat["floor"], chat["last_seq"], chat["more"]) == (floor, 5, False)
        assert [message["seq"] for message in chat["messages"]] == seqs
        assert [message["seq"] for message in listed(person, room.chat)] == seqs
        page = person.http.get("/backend/get_messages", {"chat_id": room.chat, "after_seq": 0, "limit": 1}).json()
        assert ([message["seq"] for message in page["messages"]], page["more"]) == ([floor + 1], True)
        page = person.http.get("/backend/get_messages", {"chat_id": room.chat, "before_seq": floor + 2}).json()
        assert ([message["seq"] for message in page["messages"]], page["more"]) == ([floor + 1], False)
    assert bob.http.get("/backend/get_chats").json()[0]["unread"] == 2
    room.make(room.delete(seq=5))
    assert bob.http.get("/backend/get_chats").json()[0]["unread"] == 1


def test_a_message_that_is_sent_again_after_a_change_is_the_one_that_was_sent(room: Room) -> None:
    """Its text is another now, or gone: nobody can compare it, and nothing may be posted a second time."""
    for change in (room.edit("changed"), room.delete()):
        room.make(change)
        assert room.say("hello", client_id="c1") == 1
        assert len(room.rows()) == 1
