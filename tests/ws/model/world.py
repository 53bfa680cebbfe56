"""What do the rules say? Chats for two as plain Python, without a database: what is there, who sees it, who may what.

Times are seconds of a clock that only moves when it is told to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR, DAY = 3_600, 86_400
CHANGES_KEPT = 30 * DAY
FOREVER = 10**12
TIMES = {HOUR: "1 hour", 2 * HOUR: "2 hours", DAY: "1 day"}


def sentence(name: str, seconds: int | None, before: int | None) -> str:
    """Return what a notice says."""
    if seconds is None:
        return f"{name} set messages to stay" + (f" instead of disappearing after {TIMES[before]}." if before else ".")
    instead = f" instead of {TIMES[before]}" if before else ""
    return f"{name} set messages to disappear after {TIMES[seconds]}{instead}."


@dataclass
class Message:
    """`text_seq` and `change_seq` are 0 while nothing has changed."""

    seq: int
    sender: str
    text: str
    client_id: str
    sent: int
    reply_to: int | None = None
    is_notice: bool = False
    keeps: int | None = None  # what a notice says
    is_edited: bool = False
    is_deleted: bool = False
    reactions: dict[str, str] = field(default_factory=dict)
    change_seq: int = 0
    text_seq: int = 0
    files: tuple[int, ...] = ()  # gone where it is deleted


@dataclass(frozen=True)
class Noted:
    """Something that was done under a client_id: a change of a message, or a choice (`is_choice`)."""

    chat: Chat
    seq: int
    change_seq: int
    at: int
    is_choice: bool = False


@dataclass(eq=False)
class Chat:
    members: tuple[str, str]
    messages: dict[int, Message] = field(default_factory=dict)
    last_seq: int = 0
    last_change: int = 0
    purged: int = 0
    keep: int | None = None
    keep_from: int = FOREVER
    cleared: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    def other(self, name: str) -> str:
        one, two = self.members
        return two if name == one else one

    def floor(self, name: str) -> int:
        return max(self.purged, self.cleared.get(name, 0))

    def seen(self, name: str, seq: int) -> Message | None:
        """Return a message that is there for a member."""
        return self.messages.get(seq) if seq > self.floor(name) else None

    def unread(self, name: str) -> int:
        begin = max(self.floor(name), self.read.get(name, 0))
        return sum(
            message.seq > begin and message.sender != name and not message.is_notice and not message.is_deleted
            for message in self.messages.values()
        )


class World:
    """Everybody, their chats, and what was done. A method that does something returns a code where it may not be done,
    else what is answered."""

    def __init__(self, chats: list[tuple[str, str]]) -> None:
        self.clock = 0
        self.chats = [Chat(pair) for pair in chats]
        self.deleted: dict[str, int] = {}  # when an account ended
        self.waiting: set[str] = set()  # deleted accounts whose chats are to be looked at
        self.blocks: set[tuple[str, str]] = set()
        self.noted: dict[tuple[str, str], Noted] = {}
        self.unsent: dict[int, tuple[Chat, str]] = {}  # files, each with its chat and its owner

    # What one does

    def send(
        self,
        chat: Chat,
        name: str,
        text: str,
        client_id: str,
        reply_to: int | None = None,
        files: tuple[int, ...] = (),
    ) -> str | int:
        stored = self._stored(name, client_id)
        if stored is None and (code := self._apart(chat, name)):
            return code
        if stored is None and reply_to is not None and chat.seen(name, reply_to) is None:
            return "no_such_message"
        if stored is None:
            if any(self.unsent.get(file) != (chat, name) for file in files):
                return "no_such_file"
            message = self._add(chat, name, text, client_id, reply_to)
            message.files = files
            self.unsent = {file: where for file, where in self.unsent.items() if file not in files}
            return message.seq
        where, message = stored
        if where is not chat or (not message.text_seq and message.text != text):
            return "client_id_reused"
        if message.files != files and not (message.files and message.is_deleted):  # else nobody can tell
            return "client_id_reused"
        return message.seq

    def edit(self, chat: Chat, name: str, seq: int, client_id: str, text: str, base: int | None) -> str | Message:
        found = self._find(chat, name, seq, client_id)
        if not isinstance(found, Message) or (name, client_id) in self.noted:
            return found
        if found.sender != name or found.is_notice:
            return "not_yours"
        if found.is_deleted:
            return "no_such_message"
        if not text and not found.files:
            return "empty_message"
        if base is not None and base != found.text_seq:
            return "edit_conflict"
        if found.text != text:
            found.text, found.is_edited = text, True
            self._count(chat, found, is_text=True)
        return self._note(chat, name, client_id, found)

    def delete(self, chat: Chat, name: str, seq: int, client_id: str) -> str | Message:
        found = self._find(chat, name, seq, client_id, is_always_possible=True)
        if not isinstance(found, Message) or (name, client_id) in self.noted:
            return found
        if found.sender != name or found.is_notice:
            return "not_yours"
        if not found.is_deleted:
            found.text, found.is_deleted, found.is_edited, found.reactions = "", True, False, {}
            self._count(chat, found, is_text=True)
        return self._note(chat, name, client_id, found)

    def react(self, chat: Chat, name: str, seq: int, client_id: str, emoji: str | None) -> str | Message:
        found = self._find(chat, name, seq, client_id)
        if not isinstance(found, Message) or (name, client_id) in self.noted:
            return found
        if found.is_deleted or found.is_notice:
            return "bad_reaction"
        if found.reactions.get(name) != emoji:
            found.reactions = {who: what for who, what in found.reactions.items() if who != name}
            if emoji is not None:
                found.reactions[name] = emoji
            self._count(chat, found, is_text=False)
        return self._note(chat, name, client_id, found)

    def set_keep(self, chat: Chat, name: str, seconds: int | None, client_id: str) -> str | None:
        noted = self.noted.get((name, client_id))
        if noted is None and (code := self._apart(chat, name)):
            return code
        if noted is not None:
            notice = chat.messages.get(noted.seq)
            if noted.chat is not chat or not noted.is_choice:
                return "client_id_reused"
            is_other = notice is not None and notice.keeps != seconds
            return "client_id_reused" if is_other else None
        seq = 0
        if chat.keep != seconds:
            if self._stored(name, client_id) is not None:
                return "client_id_reused"
            notice = self._add(chat, name, sentence(name, seconds, chat.keep), client_id)
            notice.is_notice, notice.keeps, seq = True, seconds, notice.seq
            chat.keep = seconds
            chat.keep_from = FOREVER if seconds is None else self.clock + DAY
        self.noted[name, client_id] = Noted(chat, seq, 0, self.clock, is_choice=True)
        return None

    def clear(self, chat: Chat, name: str, seq: int) -> None:
        chat.cleared[name] = max(chat.cleared.get(name, 0), min(seq, chat.last_seq))

    def delete_account(self, name: str) -> None:
        self.deleted[name] = self.clock
        self.waiting.add(name)
        self.blocks = {pair for pair in self.blocks if name not in pair}
        self.unsent = {file: where for file, where in self.unsent.items() if where[1] != name}

    # What time does

    def purge(self) -> list[tuple[Chat, int, list[str]]]:
        """Return from which chat messages go, up to which, and who could still see some of them."""
        gone = []
        for chat in self.chats:
            before, up_to = chat.purged, self._due(chat)
            if up_to > before:
                chat.purged = up_to
                chat.messages = {seq: message for seq, message in chat.messages.items() if seq > up_to}
                readers = [
                    name
                    for name in chat.members
                    if name not in self.deleted and max(before, chat.cleared.get(name, 0)) < up_to
                ]
                gone.append((chat, up_to, readers))
        self.noted = {key: noted for key, noted in self.noted.items() if self.clock - noted.at < CHANGES_KEPT}
        return gone

    def purge_chats(self) -> None:
        """What nobody can see any more goes, with all that was noted of it."""
        self.chats = [chat for chat in self.chats if not all(name in self.deleted for name in chat.members)]
        self.noted = {key: noted for key, noted in self.noted.items() if noted.chat in self.chats}
        self.waiting = {name for name in self.waiting if self.clock - self.deleted[name] <= 60}

    def _due(self, chat: Chat) -> int:
        cleared = min(FOREVER if name in self.deleted else chat.cleared.get(name, 0) for name in chat.members)
        up_to = chat.purged
        while (message := chat.messages.get(up_to + 1)) is not None:
            age = self.clock - message.sent
            is_expired = chat.keep is not None and self.clock >= chat.keep_from and age > max(chat.keep, HOUR)
            if not is_expired and (age <= HOUR or message.seq > cleared):
                break
            up_to += 1
        return up_to

    # What one may ask for

    def files(self) -> set[int]:
        """Return the files that are there."""
        messages = [message for chat in self.chats for message in chat.messages.values() if not message.is_deleted]
        return self.unsent.keys() | {file for message in messages for file in message.files}

    def changed_since(self, chat: Chat, name: str, after: int) -> list[Message] | None:
        """Return the messages that have changed after a number; None where not all of these changes are noted still."""
        noted = {each.change_seq: each.seq for each in self.noted.values() if each.chat is chat}
        numbers = range(after + 1, chat.last_change + 1)
        if not all(number in noted for number in numbers):
            return None
        seqs = {noted[number] for number in numbers}
        return [message for seq, message in chat.messages.items() if seq in seqs and seq > chat.floor(name)]

    # What these have in common

    def _apart(self, chat: Chat, name: str) -> str | None:
        """Return why nothing may pass between a member and the other one."""
        other = chat.other(name)
        if other in self.deleted:
            return "no_such_user"
        return "not_delivered" if {(name, other), (other, name)} & self.blocks else None

    def _find(self, chat: Chat, name: str, seq: int, client_id: str, is_always_possible: bool = False) -> str | Message:
        noted = self.noted.get((name, client_id))
        if noted is None and not is_always_possible and (code := self._apart(chat, name)):
            return code
        if noted is not None and (noted.is_choice or (noted.chat, noted.seq) != (chat, seq)):
            return "client_id_reused"
        return chat.seen(name, seq) or "no_such_message"

    def _add(self, chat: Chat, name: str, text: str, client_id: str, reply_to: int | None = None) -> Message:
        chat.last_seq += 1
        message = Message(chat.last_seq, name, text, client_id, self.clock, reply_to)
        chat.messages[message.seq] = message
        return message

    def _count(self, chat: Chat, message: Message, is_text: bool) -> None:
        chat.last_change += 1
        message.change_seq = chat.last_change
        if is_text:
            message.text_seq = chat.last_change

    def _note(self, chat: Chat, name: str, client_id: str, message: Message) -> Message:
        self.noted[name, client_id] = Noted(chat, message.seq, message.change_seq, self.clock)
        return message

    def _stored(self, name: str, client_id: str) -> tuple[Chat, Message] | None:
        for chat in self.chats:
            for message in chat.messages.values():
                if (message.sender, message.client_id) == (name, client_id):
                    return chat, message
        return None
