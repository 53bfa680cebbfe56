"""A chat whose messages are written and changed past the servers."""

from __future__ import annotations

import time
from typing import Any

from chat_db import DatabaseSettings
from chat_db.change_writer import ChangeWriter
from chat_db.changes import Change, Changed, Delete, Edit, Outcome, React, Unchanged
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Batch, Stored, Writer
from database import Database
from tests.support.people import Person


def settings_of(database: Database) -> DatabaseSettings:
    return DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )


class Room:
    """The chat of two people, with one message of the first: everything goes past the servers."""

    def __init__(self, database: Database, ring: KeyRing, ada: Person, bob: Person, chat: int) -> None:
        self.database, self.ring = database, ring
        self.ada, self.bob, self.chat = ada.id, bob.id, chat
        self._messages = Writer(settings_of(database), ring)
        self._changes = ChangeWriter(settings_of(database), ring)
        self._count = 0
        self.seq = self.say("hello")

    def say(self, text: str, client_id: str | None = None) -> int:
        message = NewMessage(self.chat, self.ada, self.bob, client_id or self._next_id(), text)
        [outcome] = self._messages.write(Batch([message]), time.monotonic() + 10)
        assert isinstance(outcome, Stored)
        return outcome.seq

    def edit(self, text: str, seq: int = 0, user: int = 0, base: int | None = None, client_id: str = "") -> Edit:
        return Edit(content=text, base=base, **self._change(seq, user or self.ada, client_id))

    def delete(self, seq: int = 0, user: int = 0, client_id: str = "") -> Delete:
        return Delete(**self._change(seq, user or self.ada, client_id))

    def react(self, emoji: str | None, user: int = 0, seq: int = 0, client_id: str = "") -> React:
        return React(emoji=emoji, **self._change(seq, user or self.bob, client_id))

    def _change(self, seq: int, user: int, client_id: str) -> dict[str, Any]:
        client_id = client_id or self._next_id()
        return {"chat_id": self.chat, "seq": seq or self.seq, "user_id": user, "client_id": client_id}

    def _next_id(self) -> str:
        self._count += 1
        return f"c{self._count}"

    def write(self, *changes: Change) -> list[Outcome]:
        return self._changes.write(changes, time.monotonic() + 10)

    def make(self, change: Change) -> Changed:
        [outcome] = self.write(change)
        assert isinstance(outcome, Changed), outcome
        return outcome

    def refuse(self, change: Change) -> Unchanged:
        before = self.rows(), self.changes()
        [outcome] = self.write(change)
        assert isinstance(outcome, Unchanged), outcome
        assert (self.rows(), self.changes()) == before
        return outcome

    def rows(self) -> list[dict[str, Any]]:
        return self.database.query("SELECT * FROM messages WHERE chat_id = %s ORDER BY seq", self.chat)

    def changes(self) -> list[dict[str, Any]]:
        return self.database.query("SELECT * FROM changes WHERE chat_id = %s ORDER BY change_seq", self.chat)

    def change_seq(self) -> int:
        [row] = self.database.query("SELECT change_seq FROM chats WHERE id = %s", self.chat)
        return int(row["change_seq"])
