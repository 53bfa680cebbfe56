"""Do changes of messages do the same on MySQL, whose JSON and types are others than MariaDB's?"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from chat_db import DatabaseSettings
from chat_db.change_writer import ChangeWriter
from chat_db.changed_messages import list_changed
from chat_db.changes import Changed, Delete, Edit, React
from chat_db.chat_lists import list_chats
from chat_db.chats import add_chat
from chat_db.connection import connect, fetch_all
from chat_db.encryption import KeyRing
from chat_db.key_files import new_key, write_keys
from chat_db.message_pages import list_messages
from chat_db.messages import NewMessage, Reaction
from chat_db.users import create_user
from chat_db.writer import Batch, Stored, Writer
from tests.support.http import RFC3339

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

LONG = "\U0001f600'\\\"\u2028" * 1_600


def test_changes_are_made_found_and_listed(mysql: DatabaseSettings, tmp_path: Path) -> None:
    write_keys(tmp_path / "keys", {1: new_key()}, is_new=True)
    ring = KeyRing(tmp_path / "keys")
    with contextlib.closing(connect(mysql)) as connection:
        ada, bob = (create_user(connection, name, "x") for name in ("change-ada", "change-bob"))
        chat, _ = add_chat(connection, ada, bob)
        messages = [NewMessage(chat, ada, bob, f"m{number}", "hello") for number in range(4)]
        messages[3].reply_to_seq = 1
        stored = Writer(mysql, ring).write(Batch(messages), time.monotonic() + 10)
        assert [outcome.seq for outcome in stored if isinstance(outcome, Stored)] == [1, 2, 3, 4]
        changes = [
            Edit(chat_id=chat, seq=1, user_id=ada, client_id="c1", content=LONG),
            React(chat_id=chat, seq=2, user_id=bob, client_id="c2", emoji="👍"),
            React(chat_id=chat, seq=2, user_id=ada, client_id="c3", emoji="❤️"),
            Delete(chat_id=chat, seq=3, user_id=ada, client_id="c4"),
            React(chat_id=chat, seq=4, user_id=bob, client_id="c5", emoji=None),
        ]
        writer = ChangeWriter(mysql, ring)
        made = writer.write(changes, time.monotonic() + 10)
        assert [outcome.message.change_seq for outcome in made if isinstance(outcome, Changed)] == [1, 2, 3, 4, 0]
        again = writer.write(changes, time.monotonic() + 10)
        assert [outcome.is_duplicate for outcome in again if isinstance(outcome, Changed)] == [True] * 5
        page = list_messages(connection, ring, chat, bob, 10)
        assert page is not None
        first, second, third, fourth = page.messages
        assert (first.content, first.text_seq, page.change_seq) == (LONG, 1, 4)
        assert RFC3339.fullmatch(first.edited_at or "")
        assert second.reactions == [Reaction(ada, "❤️"), Reaction(bob, "👍")]
        assert (third.content, RFC3339.fullmatch(third.deleted_at or "") is not None) == ("", True)
        assert fourth.reply_to is not None
        assert fourth.reply_to.content == LONG[:200]
        changed = list_changed(connection, ring, chat, bob, 4, 0)
        assert changed is not None
        assert (changed.messages, changed.change_seq, changed.more) == ([first, second, third], 4, False)
        [summary] = list_chats(connection, bob)
        assert (summary.unread, summary.change_seq, summary.last_seq) == (3, 4, 4)
        [row] = fetch_all(connection, "SELECT content, key_version FROM messages WHERE chat_id = %s AND seq = 3", chat)
        assert row == ("", 0)
