"""Does ChatApp do what the rules say, whatever is done in whatever order? The code against a model of a few lines.

Each round is a random walk (hypothesis, the same ones each time): people send, reply, edit, delete, react, read, clear,
choose for how long messages are kept, block, and delete their accounts, while time goes by, messages go, and the keys
are exchanged. Each answer is the model's, and now and then both look: what they see is what the model says. At the end
nothing is left but what the rules name.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, none, sampled_from

from chat_db import encryption, rotation
from chat_db.connection import fetch_all
from chat_db.encryption import KeySettings
from chat_db.key_files import read_keys
from chat_db.messages import Message as Listed
from chat_ws.protocol import ClearChat, DeleteMessage, EditMessage, ReactToMessage, SendMessage, SetKeep
from stack import Stack
from tests.conftest import empty
from tests.support.room import settings_of
from tests.support.stored import keys_of

from .model.servers import OneClient, Servers
from .model.world import DAY, HOUR, Chat, Message, World

ROUNDS, STEPS = 500, 20
PAIRS = [("ada", "bob"), ("bob", "eve")]
WORD = "word"  # in every text
REACHED = {  # what has come about in some round, or the walk goes past the rules
    "done",
    "purged",
    "no_such_message",
    "no_such_user",
    "not_yours",
    "not_delivered",
    "bad_reaction",
    "edit_conflict",
    "client_id_reused",
    "no_such_file",
    "empty_message",
    "caught up",
    "begins anew",
}
LEFT = ("messages", "members", "chats", "changes", "purges", "blocks")  # tables that are empty when nobody is left

members = sampled_from([(number, name) for number, pair in enumerate(PAIRS) for name in pair])
texts = sampled_from([f"{WORD} {number}" for number in range(3)])
edited = texts | sampled_from([""])
attached = sampled_from(["none", "none", "new", "new", "same", "taken"])  # the files of a message
ago = sampled_from([0, 1, 2, 3, 5, -1])  # messages back from the last one
which_id = integers(-12, 2)  # 0 and more: one that this person has used already
emojis = sampled_from(["👍", "❤️", None])
spans = sampled_from([1_000, 5_000, 100_000, 2_700_000])  # seconds; no sum of them is one that the rules know


class Conversation(RuleBasedStateMachine):
    """A round."""

    servers: ClassVar[Servers]
    stack: ClassVar[Stack]
    rounds: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        type(self).rounds += 1
        self.world = World(PAIRS)
        self.people: dict[str, OneClient] = {}
        self.ids: dict[Chat, int] = {}
        self.used: dict[str, list[str]] = {"ada": [], "bob": [], "eve": []}
        self.count = 0

    @initialize()
    def begin(self) -> None:
        self.people = {name: OneClient(self.servers.register(name), name) for name in self.used}
        for chat in self.world.chats:
            one, other = (self.people[name].user_id for name in chat.members)
            self.ids[chat] = self.servers.add_chat(one, other)
            for name in chat.members * 2:
                self.say(chat, name, f"{WORD} 0", self.client_id(name))

    # What people do

    @rule(who=members, text=texts, more=integers(0, 2), which=which_id, files=attached)
    def send(self, who: tuple[int, str], text: str, more: int, which: int, files: str) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        client_id = self.client_id(who[1], which)
        self.say(chat, who[1], text, client_id, files=self.files_of(chat, who[1], client_id, files))
        for _ in range(more):
            self.say(chat, who[1], text, self.client_id(who[1]))

    @rule(who=members, text=texts, to=ago, which=which_id)
    def reply(self, who: tuple[int, str], text: str, to: int, which: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        self.say(chat, who[1], text, self.client_id(who[1], which), seq_of(chat, to))

    @rule(who=members, back=ago, text=edited, is_based=booleans(), which=which_id)
    def edit(self, who: tuple[int, str], back: int, text: str, is_based: bool, which: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        client_id, seq = self.client_id(who[1], which), seq_of(chat, back)
        base = 1 if is_based else None
        frame = EditMessage(self.ids[chat], seq, text, client_id, base)
        self.compare_change(chat, who[1], self.world.edit(chat, who[1], seq, client_id, text, base), frame)

    @rule(who=members, back=ago, which=which_id)
    def delete(self, who: tuple[int, str], back: int, which: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        client_id, seq = self.client_id(who[1], which), seq_of(chat, back)
        frame = DeleteMessage(self.ids[chat], seq, client_id)
        self.compare_change(chat, who[1], self.world.delete(chat, who[1], seq, client_id), frame)

    @rule(who=members, back=ago, emoji=emojis, which=which_id)
    def react(self, who: tuple[int, str], back: int, emoji: str | None, which: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        client_id, seq = self.client_id(who[1], which), seq_of(chat, back)
        frame = ReactToMessage(self.ids[chat], seq, emoji, client_id)
        self.compare_change(chat, who[1], self.world.react(chat, who[1], seq, client_id, emoji), frame)

    @rule(who=members, back=ago)
    def read(self, who: tuple[int, str], back: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        seq = min(seq_of(chat, back), chat.last_seq)
        chat.read[who[1]] = max(seq, chat.read.get(who[1], 0))
        self.servers.read(self.ids[chat], self.people[who[1]].user_id, seq)

    @rule(who=members, back=ago, is_both=booleans())
    def clear(self, who: tuple[int, str], back: int, is_both: bool) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        seq = seq_of(chat, back)
        for name in chat.members:
            if name == who[1] or (is_both and name not in self.world.deleted):
                self.world.clear(chat, name, seq)
                assert self.servers.clear(self.people[name], ClearChat(self.ids[chat], seq)) is None

    @rule(who=members, seconds=none() | sampled_from([HOUR, 2 * HOUR, DAY]), which=which_id)
    def keep(self, who: tuple[int, str], seconds: int | None, which: int) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        client_id = self.client_id(who[1], which)
        code = self.world.set_keep(chat, who[1], seconds, client_id)
        self.note(code)
        assert self.servers.set_keep(self.people[who[1]], SetKeep(self.ids[chat], seconds, client_id)) == code

    @rule(who=members, is_sure=sampled_from([False, False, True]))
    def block_or_unblock(self, who: tuple[int, str], is_sure: bool) -> None:
        chat = self.chat_of(who)
        if chat is None or chat.other(who[1]) in self.world.deleted:
            return
        pair = who[1], chat.other(who[1])
        if pair not in self.world.blocks and not is_sure:
            return
        ids = [self.people[name].user_id for name in pair]
        (self.servers.unblock if pair in self.world.blocks else self.servers.block)(*ids)
        self.world.blocks ^= {pair}

    @precondition(lambda self: not self.world.deleted or self.world.clock > DAY)
    @rule(who=members, is_sure=sampled_from([False, False, True]))
    def delete_account(self, who: tuple[int, str], is_sure: bool) -> None:
        if is_sure and who[1] not in self.world.deleted:
            self.end_account(who[1])

    # What goes on meanwhile

    @rule(seconds=spans, and_purge=sampled_from([True, False]))
    def let_time_go_by(self, seconds: int, and_purge: bool) -> None:
        """For the servers, everything is older now."""
        self.world.clock += seconds
        self.servers.grow_older(seconds)
        for table, column in (
            ("messages", "sent_at"),
            ("chats", "keep_from"),
            ("changes", "changed_at"),
            ("purges", "deleted_at"),
        ):
            self.ask(f"UPDATE {table} SET {column} = {column} - INTERVAL {seconds} SECOND")
        if and_purge:
            self.purge()

    def purge(self) -> None:
        self.world.purge_chats()
        self.servers.purge_chats()
        expected = [
            (self.ids[chat], up_to, sorted(self.people[name].user_id for name in readers))
            for chat, up_to, readers in self.world.purge()
        ]
        assert [(piece.chat_id, piece.up_to, piece.readers) for piece in self.servers.purge()] == expected
        self.note(*["purged"] * len(expected))
        self.compare_rows()

    @precondition(lambda self: self.world.chats)
    @rule(is_due=sampled_from([False, True]))
    def rotate(self, is_due: bool) -> None:
        if is_due:
            self.servers.rotate()
            [newest] = read_keys(self.servers.keys.path)
            versions = self.ask("SELECT DISTINCT key_version FROM messages WHERE deleted_at IS NULL")
            assert set(versions) <= {(newest,)}
            self.compare_rows()

    @precondition(lambda self: self.world.chats)
    @rule()
    def look(self) -> None:
        for chat in self.world.chats:
            self.compare(chat)

    @rule(who=members)
    def search(self, who: tuple[int, str]) -> None:
        if self.chat_of(who) is not None:
            self.compare_search(who[1])

    @rule(who=members, behind=integers(0, 5), is_late=sampled_from([False] * 7 + [True]))
    def catch_up(self, who: tuple[int, str], behind: int, is_late: bool) -> None:
        if (chat := self.chat_of(who)) is None:
            return
        if is_late:
            self.let_time_go_by(2_700_000, and_purge=True)
        after = max(0, chat.last_change - behind)
        expected = self.world.changed_since(chat, who[1], after)
        user_id = self.people[who[1]].user_id
        changed = self.servers.changed_since(self.ids[chat], user_id, chat.last_seq, after)
        assert (changed is None) == (expected is None)
        shown = [self.shown(chat, who[1], message) for message in expected or ()]
        assert [as_shown(message) for message in changed or ()] == shown
        self.note("begins anew" if changed is None else "caught up")

    def teardown(self) -> None:
        """All delete their accounts, and nothing of them is left."""
        try:
            for name in ("ada", "bob", "eve"):
                for chat in self.world.chats:
                    self.compare(chat)
                if name not in self.world.deleted:
                    self.compare_search(name)
                    self.end_account(name)
            self.let_time_go_by(5_000, and_purge=True)
            counts = ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in LEFT)
            assert self.ask(f"SELECT {counts}") == [(0,) * len(LEFT)]
            assert self.ask("SELECT id FROM files WHERE state <> 2") == []
            assert self.ask("SELECT COUNT(*) FROM users WHERE username IS NOT NULL OR password IS NOT NULL") == [(0,)]
        except BaseException:
            empty(self.stack.database)
            raise

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.servers.database.run(fetch_all, sql))

    # What these have in common

    def chat_of(self, who: tuple[int, str]) -> Chat | None:
        """Return a chat whose member is there to do something."""
        return None if who[1] in self.world.deleted else next(c for c in self.ids if c.members == PAIRS[who[0]])

    def client_id(self, name: str, which: int = -1) -> str:
        used = self.used[name]
        if 0 <= which < len(used):
            return used[-1 - which]
        self.count += 1
        used.append(f"{name}-{self.count}")
        return used[-1]

    def files_of(self, chat: Chat, name: str, client_id: str, which: str) -> tuple[int, ...]:
        """Return files to send: new ones, those of the same message before, or some that are with another one."""
        if which == "new":
            unsent = [file for file, where in self.world.unsent.items() if where == (chat, name)]
            fresh = self.servers.upload(self.people[name].user_id, self.ids[chat])
            self.world.unsent[fresh] = (chat, name)
            return (*unsent, fresh)[-3:]
        for message in reversed(chat.messages.values()):
            if message.files and (which == "taken" or (which == "same" and message.client_id == client_id)):
                return message.files
        return ()

    def say(
        self,
        chat: Chat,
        name: str,
        text: str,
        client_id: str,
        reply_to: int | None = None,
        files: tuple[int, ...] = (),
    ) -> None:
        expected = self.world.send(chat, name, text, client_id, reply_to, files)
        frame = SendMessage(self.ids[chat], text, client_id, reply_to, files)
        assert self.servers.send(self.people[name], frame) == expected
        self.note(expected)

    def compare_change(
        self, chat: Chat, name: str, expected: str | Message, frame: EditMessage | DeleteMessage | ReactToMessage
    ) -> None:
        answer = self.servers.change(self.people[name], frame)
        if isinstance(expected, str):
            assert answer == expected
        else:
            assert isinstance(answer, Listed), answer
            assert as_shown(answer) == self.shown(chat, name, expected)
        self.note(expected)

    def end_account(self, name: str) -> None:
        self.world.delete_account(name)
        self.servers.delete_account(self.people[name].user_id)

    def note(self, *what: object) -> None:
        self.seen.update(each if isinstance(each, str) else "done" for each in what)

    # What both see

    def compare(self, chat: Chat) -> None:
        """Both see what the model says."""
        chat_id = self.ids[chat]
        for name in chat.members:
            if name in self.world.deleted:
                continue
            user_id, other = self.people[name].user_id, chat.other(name)
            there = [message for message in chat.messages.values() if message.seq > chat.floor(name)]
            listed = self.servers.messages(chat_id, user_id)
            assert listed is not None
            assert [as_shown(message) for message in listed] == [self.shown(chat, name, each) for each in there]
            summary = self.servers.chats(user_id)[chat_id]
            assert (summary.last_seq, summary.change_seq) == (chat.last_seq, chat.last_change)
            assert (summary.floor, summary.unread) == (chat.floor(name), chat.unread(name))
            assert (summary.read_seq, summary.keep_seconds) == (chat.read.get(name, 0), chat.keep)
            assert summary.blocked == ((name, other) in self.world.blocks)
            assert summary.other_user.deleted == (other in self.world.deleted)
        outsiders = self.people.keys() - set(chat.members)
        assert [self.servers.messages(chat_id, self.people[name].user_id) for name in outsiders] == [None]

    def compare_search(self, name: str) -> None:
        found = [(message.chat_id, message.seq) for message in self.servers.search(self.people[name].user_id, WORD)]
        expected = {
            (self.ids[chat], message.seq)
            for chat in self.world.chats
            for message in chat.messages.values()
            if name in chat.members and message.seq > chat.floor(name)
            if message.text and not message.is_notice
        }
        assert (len(found), set(found)) == (len(expected), expected)

    def compare_rows(self) -> None:
        """There is a row of each message that somebody may see or that may still be there, and of nothing else."""
        expected = {(self.ids[chat], seq) for chat in self.world.chats for seq in chat.messages}
        assert set(self.ask("SELECT chat_id, seq FROM messages")) == expected
        noted = {(self.people[name].user_id, client_id) for name, client_id in self.world.noted}
        assert set(self.ask("SELECT user_id, client_id FROM changes")) == noted
        assert set(self.ask("SELECT user_id FROM purges")) == {
            (self.people[name].user_id,) for name in self.world.waiting
        }
        of_deleted = self.ask(
            "SELECT * FROM messages WHERE deleted_at IS NOT NULL AND (content <> '' OR key_version <> 0"
            " OR sender_reaction IS NOT NULL OR other_reaction IS NOT NULL)"
        )
        assert of_deleted == []
        assert {row[0] for row in self.ask("SELECT id FROM files WHERE state = 1")} == self.world.files()

    def shown(self, chat: Chat, reader: str, message: Message) -> dict[str, Any]:
        """Return how a message is shown to a member, as the model has it."""
        return {
            "seq": message.seq,
            "sender": self.people[message.sender].user_id,
            "name": None if message.sender in self.world.deleted else message.sender,
            "text": message.text,
            "client_id": message.client_id if message.sender == reader else None,
            "is": ("notice" if message.is_notice else "text", message.is_edited, message.is_deleted, None),
            "reactions": {(self.people[name].user_id, emoji) for name, emoji in message.reactions.items()},
            "files": [] if message.is_deleted else list(message.files),
            "numbers": (message.change_seq, message.text_seq),
            "reply_to": self.quoted(chat, reader, message.reply_to),
        }

    def quoted(self, chat: Chat, reader: str, seq: int | None) -> dict[str, Any] | None:
        message = None if seq is None else chat.seen(reader, seq)
        if message is None:
            gone: dict[str, Any] = {"seq": seq, "sender": None, "text": "", "files": [], "is": (False, True)}
            return seq and gone  # type: ignore[return-value]
        sender, files = self.people[message.sender].user_id, ["image/png"] * len(message.files)
        return {
            "seq": seq,
            "sender": sender,
            "text": message.text,
            "files": [] if message.is_deleted else files,
            "is": (message.is_deleted, False),
        }


def seq_of(chat: Chat, back: int) -> int:
    return max(1, chat.last_seq - back)


def as_shown(message: Listed) -> dict[str, Any]:
    """Return a listed message without its id and times."""
    quote = message.reply_to
    return {
        "seq": message.seq,
        "sender": message.sender_id,
        "name": message.username,
        "text": message.content,
        "client_id": message.client_id,
        "is": (message.kind, bool(message.edited_at), bool(message.deleted_at), message.problem),
        "reactions": {(reaction.user_id, reaction.emoji) for reaction in message.reactions},
        "files": [file.id for file in message.files],
        "numbers": (message.change_seq, message.text_seq),
        "reply_to": quote
        and {
            "seq": quote.seq,
            "sender": quote.sender_id,
            "text": quote.content,
            "files": quote.files,
            "is": (quote.deleted, quote.gone),
        },
    }


@pytest.mark.timeout(600)
def test_whatever_is_done_in_whatever_order_ends_as_the_rules_say(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(encryption, "RELOAD_SECONDS", 0)
    monkeypatch.setattr(Conversation, "stack", stack, raising=False)
    keys = KeySettings(keys_of(stack), encrypts=True)
    monkeypatch.setattr(Conversation, "servers", Servers(settings_of(stack.database), keys), raising=False)
    run_state_machine_as_test(
        Conversation,
        settings=settings(
            max_examples=ROUNDS,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{Conversation.rounds} rounds: {dict(Conversation.seen)}")  # noqa: T201
    assert Conversation.rounds >= ROUNDS
    assert set(Conversation.seen) >= REACHED
