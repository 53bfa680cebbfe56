"""What must the table hold? What was said, with each change that is noted made to it, one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .outbox import ChangeAttempt
from .view import Shown

Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A row of `changes`, and the attempt of which it tells."""

    change_seq: int
    user_id: int
    client_id: str
    attempt: ChangeAttempt


@dataclass
class Story:
    """Every state of every message of one chat: by `seq`, then by `change_seq`."""

    states: dict[int, dict[int, Shown]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def now(self, seq: int) -> Shown:
        """Return how a message is after its last change."""
        states = self.states[seq]
        return states[max(states)]

    def last_change(self, seq: int, until: int) -> int:
        """Return the number of a message's last change up to that of the chat's change `until`."""
        return max(number for number in self.states[seq] if number <= until)


def tell(said: Iterable[Shown], changes: Iterable[Made], last: int) -> Story:
    """Tell a chat's story: the messages as they were said, then its changes, of which `last` is the last one's number.

    Several changes may have one number: one made the message so, the others found it so.
    """
    story = Story({message.seq: {0: message} for message in said})
    groups = {number: list(group) for number, group in itertools.groupby(changes, lambda made: made.change_seq)}
    if sorted(groups.keys() - {0}) != list(range(1, last + 1)):
        story.faults.append(f"the numbers of changes are {sorted(groups)}, the last one should be {last}")
    for number, group in sorted(groups.items()):
        seqs = {made.attempt.seq for made in group}
        if number == 0:
            faults = [made for made in group if apply(made, story.now(made.attempt.seq)) is not None]
        elif len(seqs) > 1:
            faults = group
        else:
            faults = make(story, seqs.pop(), group)
        story.faults += [f"this cannot have been change {number}: {made}" for made in faults]
    return story


def make(story: Story, seq: int, group: list[Made]) -> list[Made]:
    """Make the one change of a group that is none on the message as it is; return those that are wrong after it."""
    message = story.now(seq)
    for made in group:
        changed = apply(made, message)
        if changed is not None:
            story.states[seq][made.change_seq] = changed
            return [other for other in group if apply(other, changed) is not None]
    return group


def apply(made: Made, message: Shown) -> Shown | None:
    """Return what a change makes of a message, None where it is so already."""
    number, attempt = made.change_seq, made.attempt
    if attempt.kind == "delete_message":
        if message.is_deleted:
            return None
        return replace(
            message,
            text="",
            is_edited=False,
            is_deleted=True,
            reactions=frozenset(),
            change_seq=number,
            text_seq=number,
        )
    if attempt.kind == "edit_message":
        text = attempt.fields["message"]
        if text == message.text:
            return None
        return replace(message, text=text, is_edited=True, change_seq=number, text_seq=number)
    others = {(user, emoji) for user, emoji in message.reactions if user != made.user_id}
    emoji = attempt.fields["emoji"]
    reactions = frozenset(others if emoji is None else others | {(made.user_id, emoji)})
    return None if reactions == message.reactions else replace(message, reactions=reactions, change_seq=number)
