"""What nobody needs any more is removed by itself."""

from __future__ import annotations

import os
import time
from pathlib import Path

from chat_db.tokens import Lifetimes
from chat_web.housekeeping import delete_session_files
from tests.conftest import StackMaker
from tests.support.people import People

DAY = 24 * 60 * 60


def test_a_session_goes_when_no_login_can_belong_to_it_any_more(tmp_path: Path) -> None:
    ages = {"young": 1, "old": 9, "too old": 11}
    for name, days in ages.items():
        (tmp_path / name).write_text("session", encoding="ascii")
        os.utime(tmp_path / name, (time.time() - days * DAY,) * 2)
    assert delete_session_files(tmp_path, Lifetimes(unused_days=2, days=10)) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"young", "old"}


def test_expired_logins_and_old_sessions_are_gone_after_a_start(own_stack: StackMaker) -> None:
    stack = own_stack()
    ada = People(stack).register("ada")
    folder = stack.web.folder / "sessions"
    old = folder / "0123456789abcdef0123456789abcdef"
    old.write_text("session", encoding="ascii")
    os.utime(old, (time.time() - 367 * DAY,) * 2)
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    stack.web.restart()
    end = time.monotonic() + 5
    while old.exists() or stack.database.query("SELECT id FROM tokens"):
        assert time.monotonic() < end, "housekeeping runs when a worker starts"
        time.sleep(0.1)
    assert ada.http.get("/backend/get_session").status == 401
