"""Is every message of a batch answered, whatever goes wrong in telling of another one?"""

from __future__ import annotations

import asyncio
import time

from chat_db import DatabaseSettings
from chat_db.changes import Change, Changed, Unchanged
from chat_db.messages import NewMessage
from chat_db.writer import Stored
from chat_ws.message_journal import MessageJournal
from chat_ws.submission import Sender
from stack import Stack
from tests.support.people import Person
from tests.support.stored import ring_of


class Listener:
    """Stands for a client: what it was answered, by client_id."""

    def __init__(self) -> None:
        self.socket = object()
        self.answers: dict[str, str] = {}

    def answer_stored(self, message: NewMessage, stored: Stored) -> None:
        self.answers[message.client_id] = "stored"

    def answer_changed(self, change: Change, changed: Changed) -> None:
        self.answers[change.client_id] = "changed"

    def answer_unchanged(self, change: Change, unchanged: Unchanged) -> None:
        self.answers[change.client_id] = unchanged.code

    def answer_refused(self, item: NewMessage | Change, code: str) -> None:
        self.answers[item.client_id] = code

    def answer_unavailable(self, item: NewMessage | Change) -> None:
        self.answers[item.client_id] = "unavailable"


def fail_at_second(message: NewMessage, stored: Stored, senders: list[Sender], is_alone: bool) -> None:
    if message.client_id == "c1":
        raise LookupError("a fault")


def test_a_fault_in_telling_of_one_message_leaves_no_other_without_an_answer(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    database = stack.database
    settings = DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    listener = Listener()

    async def run() -> None:
        journal = MessageJournal(settings, ring_of(database), fail_at_second)
        for number in range(4):
            journal.submit(NewMessage(chat, ada.id, bob.id, f"c{number}", "hello"), listener)
        end = time.monotonic() + 5
        while len(listener.answers) < 4 and time.monotonic() < end:  # noqa: ASYNC110  # a thread is waited for
            await asyncio.sleep(0.01)

    asyncio.run(run())
    assert listener.answers == {"c0": "stored", "c1": "unavailable", "c2": "stored", "c3": "stored"}
