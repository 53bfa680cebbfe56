"""What waits for the journal, and for whom?"""

from __future__ import annotations

from typing import Protocol

import msgspec

from chat_db.messages import NewMessage
from chat_db.writer import Stored


class Sender(Protocol):
    """Whoever submitted a message: hears of its fate, and on `socket` has then heard of the message itself."""

    @property
    def socket(self) -> object: ...

    def answer_stored(self, message: NewMessage, stored: Stored) -> None: ...

    def answer_refused(self, message: NewMessage, code: str) -> None: ...

    def answer_unavailable(self, message: NewMessage) -> None: ...


class Submission(msgspec.Struct, eq=False):
    """A message on its way, and who waits for it: more than one where a client sent it again meanwhile."""

    message: NewMessage
    senders: list[Sender]
    deadline: float
    size: int
    is_given_up: bool = False
