"""How does a message become stored? One INSERT and one commit for all that wait."""

from __future__ import annotations

from collections.abc import Callable

from chat_db import DatabaseSettings
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Failed, Outcome, Refused, Stored

from .journal import Journal
from .message_batches import MessageBatches
from .submission import Sender, Submission

Announce = Callable[[NewMessage, Stored, list[Sender], bool], None]


class MessageJournal(Journal[NewMessage, Outcome]):
    """`announce(message, stored, senders, is_alone)` is called once for each message that became stored and of which
    the other sockets have not heard from this process; `is_alone`: no other was stored with it."""

    def __init__(self, settings: DatabaseSettings, ring: KeyRing, announce: Announce) -> None:
        super().__init__(lambda done: MessageBatches(settings, ring, done))
        self._announce = announce

    def _key_of(self, item: NewMessage) -> tuple[int, str]:
        return item.sender_id, item.client_id

    def _length_of(self, item: NewMessage) -> int:
        return len(item.content)

    def _is_same(self, one: NewMessage, other: NewMessage) -> bool:
        return (one.chat_id, one.content) == (other.chat_id, other.content)

    def _settle(self, submission: Submission[NewMessage], outcome: Outcome, is_alone: bool) -> None:
        message = submission.item
        if isinstance(outcome, Failed):
            self._give_up(submission)
            return
        self._forget(submission)
        if isinstance(outcome, Refused):
            if not submission.is_given_up:
                for sender in submission.senders:
                    sender.answer_refused(message, outcome.code)
            return
        if outcome.is_news:  # first: the other one waits for a text, the sender for a mark beside it
            self._announce(message, outcome, submission.senders, is_alone)
        for index, sender in enumerate(submission.senders):
            again = outcome if not index else outcome.as_duplicate()
            sender.answer_stored(message, again)
