"""A message that the table can never take: its sender learns so, and nobody else's message is held up."""

from __future__ import annotations

from stack import Stack
from tests.support.people import People, Person
from tests.support.rows import write

LAST_SEQ = 2**32 - 1  # of a column INT UNSIGNED


def test_a_chat_that_is_full_refuses_for_good(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 1, first=LAST_SEQ)
    sending, reading = ada.connect(), bob.connect()
    sending.send("send_message", chat_id=chat, message="one too many", client_id="full")
    error = sending.expect("error")
    assert (error["code"], error["client_id"], error.get("retry_after")) == ("not_stored", "full", None)
    reading.send("sync", chats={str(chat): LAST_SEQ})
    done = reading.expect("sync_done")
    assert [(one["id"], one["last_seq"]) for one in done["chats"]] == [(chat, LAST_SEQ)]
    rows = stack.database.query("SELECT COUNT(*) AS n FROM messages WHERE sender_id = %s", ada.id)
    assert rows[0]["n"] == 0


def test_a_chat_that_is_full_takes_no_other_chat_with_it(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    write(stack, chat, bob, 1, first=LAST_SEQ)
    other = people.chat_between(ada, eve)
    sending = ada.connect()
    for number in range(3):
        sending.send("send_message", chat_id=chat, message="no", client_id=f"full-{number}")
        sending.send("send_message", chat_id=other, message="yes", client_id=f"good-{number}")
    answers: dict[str, str] = {}
    while len(answers) < 6:
        frame = sending.receive()
        if frame["type"] in ("message_sent", "error"):
            answers[frame["client_id"]] = frame.get("code", "stored")
    assert answers == {f"full-{n}": "not_stored" for n in range(3)} | {f"good-{n}": "stored" for n in range(3)}
