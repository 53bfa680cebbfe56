"""Do choices, notices, clearing and purging do the same on MySQL, whose JSON and types are others than MariaDB's?"""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat_db import DatabaseSettings
from chat_db.chat_settings import ChatSettings, clear_chat, set_chat
from chat_db.chats import add_chat
from chat_db.connection import connect, execute, fetch_all
from chat_db.encryption import KeyRing
from chat_db.expiry import Purged, delete_old_changes, find_due, purge_piece
from chat_db.installation import find_epoch, renew_epoch
from chat_db.keeping import Keep, Kept, set_keep
from chat_db.key_files import new_key, write_keys
from chat_db.messages import NewMessage
from chat_db.users import create_user
from chat_db.writer import Batch, Stored, Writer
from tests.support.http import RFC3339

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

FAR = datetime(9999, 12, 31, tzinfo=UTC)


def test_a_chat_is_set_kept_cleared_and_purged(mysql: DatabaseSettings, tmp_path: Path) -> None:
    write_keys(tmp_path / "keys", {1: new_key()}, is_new=True)
    ring = KeyRing(tmp_path / "keys")
    now = datetime.now(UTC)
    with contextlib.closing(connect(mysql)) as connection:
        ada, bob = (create_user(connection, name, "x") for name in ("keep-ada", "keep-bob"))
        chat, _ = add_chat(connection, ada, bob)
        messages = [NewMessage(chat, ada, bob, f"m{number}", "hello") for number in range(3)]
        Writer(mysql, ring).write(Batch(messages), time.monotonic() + 10)
        summary = set_chat(connection, chat, ada, ChatSettings(FAR, True, True))
        assert summary is not None
        assert summary.muted_until == "9999-12-31T00:00:00.000Z"
        assert all(RFC3339.fullmatch(moment or "") for moment in (summary.pinned_at, summary.archived_at))

        keep = Keep(chat, ada, "keep-ada", bob, 3_600, "k1")
        kept, again = (set_keep(connection, ring, keep) for _ in range(2))
        assert isinstance(kept, Kept)
        assert kept.notice is not None
        assert (kept.notice.seq, again) == (4, Kept(kept.notice, is_duplicate=True))

        assert find_due(connection, now) == []
        assert clear_chat(connection, chat, ada, 2) is not None
        clear_chat(connection, chat, bob, 1)
        execute(connection, "UPDATE messages SET sent_at = sent_at - INTERVAL 2 HOUR WHERE chat_id = %s", chat)
        assert find_due(connection, now) == [chat]
        assert purge_piece(connection, chat, now) == Purged(chat, 1, [], False)
        assert find_due(connection, now) == []
        later = now + timedelta(days=2)
        assert find_due(connection, later) == [chat]
        assert purge_piece(connection, chat, later) == Purged(chat, 4, [ada, bob], False)
        [outcome] = Writer(mysql, ring).write(Batch([NewMessage(chat, ada, bob, "m5", "hello")]), time.monotonic() + 10)
        assert isinstance(outcome, Stored)
        assert outcome.seq == 5

        assert not delete_old_changes(connection, now + timedelta(days=29))
        assert len(fetch_all(connection, "SELECT seq FROM changes")) == 1
        delete_old_changes(connection, now + timedelta(days=31))
        assert fetch_all(connection, "SELECT seq FROM changes") == []
        epoch = find_epoch(connection)
        renew_epoch(connection)
        assert find_epoch(connection) not in (epoch, None)
