"""What nobody needs any more is removed by itself."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import pytest

import chat_db
from chat_db.tokens import Lifetimes
from chat_web.housekeeping import delete_session_files, keep_house_once
from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.socket import Socket

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


@pytest.fixture
def pool(stack: Stack) -> chat_db.Database:
    database = stack.database
    return chat_db.Database(
        chat_db.DatabaseSettings(
            socket=str(database.socket), name=database.name, user=database.user, password=database.password
        )
    )


def count_logins(stack: Stack) -> int:
    return int(stack.database.query("SELECT COUNT(*) AS n FROM tokens")[0]["n"])


def test_a_session_folder_that_cannot_be_read_stops_nothing_else(
    stack: Stack, pool: chat_db.Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    People(stack).register("ada")
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    broken = tmp_path / "sessions"
    broken.write_text("a file where the folder should be", encoding="ascii")
    with caplog.at_level(logging.WARNING, "chatapp.web"):
        keep_house_once(pool, Lifetimes(), broken)
    assert count_logins(stack) == 0
    assert "event=housekeeping_failed" in caplog.text


def test_not_all_logins_expire_at_once(stack: Stack, pool: chat_db.Database, tmp_path: Path) -> None:
    """Where both clocks are wrong there is time to notice."""
    people = People(stack)
    for number in range(30):
        people.register(f"ada{number}")
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 31 DAY")
    oldest = stack.database.query("SELECT MIN(id) AS id FROM tokens")[0]["id"]
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 40 DAY WHERE id = %s", oldest)
    keep_house_once(pool, Lifetimes(), tmp_path)
    assert count_logins(stack) == 26
    assert not stack.database.query("SELECT id FROM tokens WHERE id = %s", oldest)


def test_invites_that_nobody_used_go(stack: Stack, pool: chat_db.Database, tmp_path: Path, ada: Person) -> None:
    for number, hours in enumerate((-1, 1)):
        stack.database.query(
            "INSERT INTO invites (user_id, token, expires_at) VALUES (%s, %s, NOW(3) + INTERVAL %s HOUR)",
            ada.id,
            f"{number}",
            hours,
        )
    keep_house_once(pool, Lifetimes(), tmp_path)
    assert [row["token"] for row in stack.database.query("SELECT token FROM invites")] == ["1"]


@pytest.mark.parametrize("days", [31, 400])
def test_a_clock_of_the_database_that_is_ahead_ends_no_login(own_stack: StackMaker, days: int) -> None:
    """Every connection of the application sees a later time; it stands still there, which is no matter here."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    people.chat_between(ada, bob)
    with Socket(stack.ws_server.url) as socket:
        ahead = days * DAY
        stack.database.query(f"SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + {ahead}'")
        stack.web.restart()
        for row in stack.database.query("SELECT id FROM information_schema.processlist WHERE user = %s", "chatuser"):
            stack.database.query(f"KILL {row['id']}")
        end = time.monotonic() + 5
        while "event=clocks_differ" not in stack.web.log.read_text(encoding="utf-8"):
            assert time.monotonic() < end, "housekeeping runs when a worker starts"
            time.sleep(0.05)
        for person in (ada, bob):
            assert person.http.get("/backend/get_session").status == 200
        socket.send("auth", user_id=ada.id, token=ada.token)
        assert socket.expect("auth")["status"] == "success"
    assert count_logins(stack) == 2
    latest = stack.database.query("SELECT MAX(last_used_at) < NOW(3) + INTERVAL 1 DAY AS sane FROM tokens")
    assert latest[0]["sane"]
