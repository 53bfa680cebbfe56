"""Does the writer tell the other sockets of a message once, whatever became of the connection meanwhile?"""

from __future__ import annotations

import time

import pymysql
from pymysql.constants import CR

from chat_db import DatabaseSettings
from chat_db.messages import NewMessage
from chat_db.writer import Batch, Stored, Writer
from stack import Stack
from tests.support.people import Person
from tests.support.stored import ring_of


def test_a_message_whose_answer_was_lost_is_news_once(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    database = stack.database
    settings = DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    writer = Writer(settings, ring_of(database))

    def write(batch: Batch) -> Stored:
        [outcome] = writer.write(batch, time.monotonic() + 10)
        assert isinstance(outcome, Stored)
        return outcome

    def message() -> NewMessage:
        return NewMessage(chat, ada.id, bob.id, "c1", "hello")

    first = Batch([message()])
    assert write(first).is_news
    first.error = pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the answer was lost")
    found = write(first)
    again = write(Batch([message()]))
    assert (found.is_news, found.is_duplicate) == (True, False)
    assert (again.is_news, again.is_duplicate) == (False, True)
    assert found.message_id == again.message_id
