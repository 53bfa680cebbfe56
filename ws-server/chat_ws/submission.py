"""What waits to be written, and for whom?"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec

from chat_db.changes import Change, Changed, Unchanged
from chat_db.messages import NewMessage
from chat_db.writer import Stored

Item = TypeVar("Item", bound=NewMessage | Change)


class Sender(Protocol):
    """Whoever submitted something: hears of its fate, and on `socket` has then heard of the thing itself."""

    @property
    def socket(self) -> object: ...

    def answer_stored(self, message: NewMessage, stored: Stored) -> None: ...

    def answer_changed(self, change: Change, changed: Changed) -> None: ...

    def answer_unchanged(self, change: Change, unchanged: Unchanged) -> None: ...

    def answer_refused(self, item: NewMessage | Change, code: str) -> None: ...

    def answer_unavailable(self, item: NewMessage | Change) -> None: ...


class Submission(msgspec.Struct, Generic[Item], eq=False):
    """A message or a change on its way, and who waits for it: more than one where a client sent it again meanwhile."""

    item: Item
    key: tuple[int, str]  # user and client_id
    senders: list[Sender]
    deadline: float
    size: int
    is_given_up: bool = False
