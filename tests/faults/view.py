"""What does a client hold of a chat, and what may it say that it holds?

The rules are those of docs/websocket.md: messages and changes have numbers of their own, a message is replaced only by
one with a higher `change_seq`, and only a frame that carries messages or changes raises what is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A message as a client shows it, or as the table has it. Of its time only that of the day counts: to a test,
    messages grow older by whole days."""

    message_id: int
    seq: int
    sender_id: int
    text: str
    sent_at: str
    is_edited: bool = False
    is_deleted: bool = False
    reactions: frozenset[tuple[int, str]] = frozenset()
    change_seq: int = 0
    text_seq: int = 0


def time_of(moment: str) -> str:
    return moment[len("2026-11-22T") :]


def as_sent(frame: Frame) -> Shown:
    """Return the message of a `message` frame."""
    return Shown(frame["message_id"], frame["seq"], frame["from"], frame["message"], time_of(frame["sent_at"]))


def as_listed(message: Frame) -> Shown:
    """Return a message as it is listed."""
    return Shown(
        message["id"],
        message["seq"],
        message["sender_id"],
        message["content"],
        time_of(message["sent_at"]),
        "edited_at" in message,
        "deleted_at" in message,
        frozenset((reaction["user_id"], reaction["emoji"]) for reaction in message.get("reactions", ())),
        message.get("change_seq", 0),
        message.get("text_seq", 0),
    )


@dataclass(frozen=True)
class Claim:
    """What a client says that it holds: every message from `first` to `seq`, and every change of these up to
    `change_seq`. `changes` are the `change_seq` that it shows of each, `heard` counts the chat's frames until then."""

    first: int
    seq: int
    change_seq: int
    changes: tuple[int, ...]
    heard: int = field(compare=False)


@dataclass
class View:
    """One chat as one client holds it: nothing up to `floor`. `seen` is every state of every message that it ever
    got."""

    floor: int = 0
    first: int = 1  # the oldest message of the run that is kept in step
    seq: int = 0
    change_seq: int = 0
    messages: dict[int, Shown] = field(default_factory=dict)
    seen: dict[tuple[int, int], Shown] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    _noted: set[int] = field(default_factory=set)  # changes that are here while an earlier one is not

    @property
    def shown(self) -> list[Shown]:
        return [self.messages[seq] for seq in range(self.first, self.seq + 1)]

    @property
    def has_gap(self) -> bool:
        return bool(self._noted) or self.lacks_message

    @property
    def lacks_message(self) -> bool:
        return len(self.messages) > self.seq - self.first + 1

    def take(self, message: Shown) -> str | None:
        """Take a message in whatever frame it came; return what is wrong with it."""
        same = self.seen.setdefault((message.seq, message.change_seq), message)
        if same != message:
            return f"two messages at one place: {same} and {message}"
        if message.seq < self.first:
            return None
        before = self.messages.get(message.seq)
        if before is not None and before.message_id != message.message_id:
            return f"two messages at one place: {before} and {message}"
        if before is None or message.change_seq > before.change_seq:
            self.messages[message.seq] = message
        while self.seq + 1 in self.messages:
            self.seq += 1
        return None

    def raise_floor(self, floor: int) -> bool:
        """Messages up to `floor` are gone. Say whether some of them were lacking: then whatever came after them does
        not count, and must be asked for."""
        self.floor = max(self.floor, floor)
        if self.first > self.floor:
            return False
        self.first = self.floor + 1
        is_lacking = self.seq < self.floor
        self.seq = max(self.seq, self.floor)
        self.messages = {seq: message for seq, message in self.messages.items() if seq > self.floor}
        if is_lacking:
            self.forget_what_is_ahead()
        return is_lacking

    def has_another_text(self, message: Shown) -> bool:
        """Say whether this message is here with a later text."""
        before = self.messages.get(message.seq)
        return before is not None and before.text_seq > message.text_seq

    def note(self, change_seq: int) -> None:
        """The message of this change is here as the change left it, or later: so whatever comes next counts."""
        if change_seq > self.change_seq:
            self._noted.add(change_seq)
        self._go_on()

    def reach(self, covered: int, change_seq: int) -> None:
        """A `sync_chat` has brought all messages up to `covered` with all changes up to `change_seq`.

        A message beyond these came meanwhile, and nobody said that it has not changed: then this is no proof.
        """
        if self.seq > covered:
            return
        self.change_seq = max(self.change_seq, change_seq)
        self.forget_what_is_ahead()
        self._go_on()

    def begin_anew(self, messages: Iterable[Shown], last_seq: int, change_seq: int) -> None:
        """What was held counts for nothing: from here on the latest messages are kept in step."""
        self.messages = {message.seq: message for message in messages if message.seq > self.floor}
        self.first = min(self.messages, default=max(last_seq, self.floor) + 1)
        self.seq = max(self.messages, default=max(last_seq, self.floor))
        self.change_seq = change_seq
        self._noted.clear()

    def forget_what_is_ahead(self) -> None:
        for seq in [seq for seq in self.messages if seq > self.seq]:
            del self.messages[seq]

    def forget_what_waits(self) -> None:
        """The connection has ended: what it brought without a gap stays."""
        self._noted.clear()
        self.forget_what_is_ahead()

    def claim(self, heard: int) -> None:
        """Write down what is held now; verify.py looks whether that was true."""
        changes = tuple(message.change_seq for message in self.shown)
        claim = Claim(self.first, self.seq, self.change_seq, changes, heard)
        if not self.claims or self.claims[-1] != claim:
            self.claims.append(claim)

    def _go_on(self) -> None:
        while self.change_seq + 1 in self._noted:
            self.change_seq += 1
        self._noted = {number for number in self._noted if number > self.change_seq}
