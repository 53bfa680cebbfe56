"""What does a client still want to be done? Messages and changes that have no answer yet, in the order of wanting.

Changes of one message wait for each other: one whose fate is unknown is sent again, and must not come after the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .view import Shown

Frame = dict[str, Any]


@dataclass
class Attempt:
    """A message that this client wants to be stored."""

    chat_id: int
    text: str
    sent: int = 0  # how often
    answer: Shown | None = None

    def frame(self, client_id: str) -> Frame:
        return {"type": "send_message", "chat_id": self.chat_id, "client_id": client_id, "message": self.text}


@dataclass
class ChangeAttempt:
    """A change that this client wants to be made: its frame, and the answer.

    `answer` is the message as `changed` has it, `refusal` the code of an error, which is final.
    """

    kind: str
    chat_id: int
    seq: int
    fields: Frame = field(default_factory=dict)
    sent: int = 0
    answer: Shown | None = None
    refusal: str | None = None

    def frame(self, client_id: str) -> Frame:
        return {"type": self.kind, "chat_id": self.chat_id, "seq": self.seq, "client_id": client_id, **self.fields}


class Outbox:
    """The client_ids of what has no answer."""

    def __init__(self) -> None:
        self.messages: deque[str] = deque()
        self.changes: dict[tuple[int, int], deque[str]] = {}  # of each message

    def __len__(self) -> int:
        return len(self.messages) + sum(map(len, self.changes.values()))

    def __iter__(self) -> Iterator[str]:
        """Yield what may be sent now."""
        yield from list(self.messages)
        yield from [waiting[0] for waiting in self.changes.values()]

    def add_change(self, client_id: str, attempt: ChangeAttempt) -> bool:
        """Say whether it may be sent at once."""
        waiting = self.changes.setdefault((attempt.chat_id, attempt.seq), deque())
        waiting.append(client_id)
        return len(waiting) == 1

    def remove_change(self, client_id: str, attempt: ChangeAttempt) -> str | None:
        """Return which change may be sent now because this one has its answer."""
        key = attempt.chat_id, attempt.seq
        waiting = self.changes.get(key, deque())
        if client_id not in waiting:
            return None
        waiting.remove(client_id)
        if not waiting:
            del self.changes[key]
            return None
        return waiting[0]
