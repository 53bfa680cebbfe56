"""What does a client still want to be done? Messages and changes that have no answer yet, in the order of wanting.

Changes of one message wait for each other: one whose fate is unknown is sent again, and must not come after the next.
So do choices of how long a chat is kept, and clearings of it.
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
    """A message that this client wants to be stored. `reply_to`: what it answers, unless that `was_gone` before."""

    chat_id: int
    text: str
    reply_to: int | None = None
    was_gone: bool = False
    sent: int = 0  # how often
    answer: Shown | None = None

    @property
    def is_settled(self) -> bool:
        return self.answer is not None

    def frame(self, client_id: str) -> Frame:
        reply = {} if self.reply_to is None or self.was_gone else {"reply_to_seq": self.reply_to}
        return {"type": "send_message", "chat_id": self.chat_id, "client_id": client_id, "message": self.text, **reply}


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

    @property
    def is_settled(self) -> bool:
        return self.answer is not None or self.refusal is not None

    def frame(self, client_id: str) -> Frame:
        return {"type": self.kind, "chat_id": self.chat_id, "seq": self.seq, "client_id": client_id, **self.fields}


@dataclass
class KeepAttempt:
    """A choice of how long a chat's messages are kept."""

    chat_id: int
    seconds: int | None
    sent: int = 0
    is_settled: bool = False
    seq = 0  # of no message

    def frame(self, client_id: str) -> Frame:
        return {"type": "set_keep", "chat_id": self.chat_id, "seconds": self.seconds, "client_id": client_id}


@dataclass
class ClearAttempt:
    """Messages up to `up_to` are to go from this user. It is done when the chat's floor is there."""

    chat_id: int
    up_to: int
    sent: int = 0
    is_settled: bool = False
    seq = -1  # of no message

    def frame(self, _: str) -> Frame:
        return {"type": "clear_chat", "chat_id": self.chat_id, "seq": self.up_to}


AnyChange = ChangeAttempt | KeepAttempt | ClearAttempt


class Outbox:
    """The client_ids of what has no answer."""

    def __init__(self) -> None:
        self.messages: deque[str] = deque()
        self.changes: dict[tuple[int, int], deque[str]] = {}  # of each message, and of each chat

    def __len__(self) -> int:
        return len(self.messages) + sum(map(len, self.changes.values()))

    def __iter__(self) -> Iterator[str]:
        """Yield what may be sent now."""
        yield from list(self.messages)
        yield from [waiting[0] for waiting in self.changes.values()]

    @property
    def is_clearing(self) -> bool:
        return any(seq == ClearAttempt.seq for _, seq in self.changes)

    def add_change(self, client_id: str, attempt: AnyChange) -> bool:
        """Say whether it may be sent at once."""
        waiting = self.changes.setdefault((attempt.chat_id, attempt.seq), deque())
        waiting.append(client_id)
        return len(waiting) == 1

    def remove_change(self, client_id: str, attempt: AnyChange) -> str | None:
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
