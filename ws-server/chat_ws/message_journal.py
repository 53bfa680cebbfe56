"""How does a message become stored? One INSERT and one commit for all that wait."""

from __future__ import annotations

from collections.abc import Callable

from chat_db import DatabaseSettings
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Refused, Stored

from .journal import Journal
from .message_batches import MessageBatches
from .submission import Sender, Submission

FILE_CHARACTERS = 150  # that a file counts as: so no statement names more than 1,000

Announce = Callable[[NewMessage, Stored, list[Sender], bool], None]


class MessageJournal(Journal[NewMessage, Stored, Refused]):
    """`announce(message, stored, senders, is_alone)` is called once for each message that became stored and of which
    the other sockets have not heard from this process; `is_alone`: no other was stored with it."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, announce: Announce) -> None:
        super().__init__(lambda done: MessageBatches(settings, ring, done), Refused)
        self._tell = announce

    def _key_of(self, item: NewMessage) -> tuple[int, str]:
        return item.sender_id, item.client_id

    def _length_of(self, item: NewMessage) -> int:
        return len(item.content) + FILE_CHARACTERS * len(item.files)

    def _is_same(self, one: NewMessage, other: NewMessage) -> bool:
        return (one.chat_id, one.content, one.files) == (other.chat_id, other.content, other.files)

    def _announce(self, submission: Submission[NewMessage], done: Stored, is_alone: bool) -> None:
        self._tell(submission.item, done, submission.senders, is_alone)

    def _answer(self, sender: Sender, item: NewMessage, done: Stored) -> None:
        sender.answer_stored(item, done)

    def _refuse(self, sender: Sender, item: NewMessage, refusal: Refused) -> None:
        sender.answer_refused(item, refusal.code)
