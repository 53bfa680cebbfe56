"""What nobody needs any more is removed by itself."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from pathlib import Path

import pytest

from chat_db import Database, DatabaseSettings, Settings
from chat_db.links import make_reset
from chat_db.tokens import Lifetimes
from chat_web.housekeeping import run_housekeeping_once
from chat_web.session_files import delete_left_over, delete_left_over_once
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People, Person
from tests.support.socket import Socket
from tests.support.waiting import wait_until

DAY = 24 * 60 * 60
NEW = "an entirely new password"


@pytest.fixture
def pool(stack: Stack) -> Database:
    return Database(DatabaseSettings.read(Settings(stack.database.environment())))


def files(stack: Stack) -> set[str]:
    return {path.name for path in (stack.web.folder / "sessions").iterdir()}


def wait_until_only(stack: Stack, left: set[str]) -> None:
    wait_until(lambda: files(stack) == left, 15)


def file_of(person: Person) -> str:
    return hashlib.sha256(f"session:{person.http.cookies['session']}".encode()).hexdigest()


@pytest.mark.parametrize("how", ["device", "others", "password", "reset", "deletion"])
def test_the_file_of_a_session_goes_with_its_login(own_stack: StackMaker, how: str) -> None:
    """Also where its browser never comes again."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    second = HttpClient(stack.web.url)
    ada.log_in(second)
    mine, theirs = file_of(ada), file_of(bob)
    assert {mine, theirs} < files(stack)
    device = next(one["id"] for one in ada.http.get("/backend/get_account").json()["devices"] if not one["is_current"])
    changes = {"old_password": PASSWORD, "new_password": NEW}
    with contextlib.closing(stack.database.connect()) as connection:
        reset = {"token": make_reset(connection, ada.id), "password": NEW}
        connection.commit()
    path, body, left = {
        "device": ("e_end_device", {"id": device}, {mine, theirs}),
        "others": ("e_end_device", {"others": True}, {mine, theirs}),
        "password": ("e_change_password", changes, {mine, theirs}),
        "reset": ("e_reset_password", reset, {theirs}),
        "deletion": ("e_delete_account", {"password": PASSWORD}, {theirs}),
    }[how]
    assert ada.http.post_json(f"/backend/{path}", body).status == 200
    wait_until_only(stack, left)
    assert bob.http.get("/backend/get_session").status == 200


def test_what_is_no_session_stays_until_it_is_older_than_any_login(pool: Database, ada: Person, tmp_path: Path) -> None:
    ages = {"young": 1, "old": 9, "too old": 11}
    for name, days in ages.items():
        (tmp_path / name).write_text("token", encoding="ascii")
        os.utime(tmp_path / name, (time.time() - days * DAY,) * 2)
    (tmp_path / "folder").mkdir()
    assert delete_left_over(pool, Lifetimes(unused_days=2, days=10), tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"young", "old", "folder"}


def test_a_wrong_clock_deletes_no_session(stack: Stack, pool: Database, ada: Person) -> None:
    """What has expired is not gone: only the row's end is the session's."""
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 31 DAY")
    delete_left_over(pool, Lifetimes(), stack.web.folder / "sessions")
    assert file_of(ada) in files(stack)


def test_expired_logins_and_old_sessions_are_gone_after_a_start(own_stack: StackMaker) -> None:
    stack = own_stack()
    ada = People(stack).register("ada")
    folder = stack.web.folder / "sessions"
    old = folder / "0123456789abcdef0123456789abcdef"
    old.write_text("session", encoding="ascii")
    os.utime(old, (time.time() - 367 * DAY,) * 2)
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    stack.web.restart()
    wait_until(lambda: not old.exists() and not stack.database.query("SELECT id FROM tokens"))
    assert ada.http.get("/backend/get_session").status == 401


def count_logins(stack: Stack) -> int:
    return int(stack.database.query("SELECT COUNT(*) AS n FROM tokens")[0]["n"])


def test_a_session_folder_that_cannot_be_read_is_logged_and_tried_again(
    pool: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "sessions"
    broken.write_text("a file where the folder should be", encoding="ascii")
    with caplog.at_level(logging.WARNING, "chatapp.web"):
        delete_left_over_once(pool, Lifetimes(), broken)
    assert "event=session_files_failed" in caplog.text


def test_not_all_logins_expire_at_once(stack: Stack, pool: Database) -> None:
    """Where both clocks are wrong there is time to notice."""
    people = People(stack)
    for number in range(30):
        people.register(f"ada{number}")
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 31 DAY")
    oldest = stack.database.query("SELECT MIN(id) AS id FROM tokens")[0]["id"]
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 40 DAY WHERE id = %s", oldest)
    run_housekeeping_once(pool, Lifetimes())
    assert count_logins(stack) == 26
    assert not stack.database.query("SELECT id FROM tokens WHERE id = %s", oldest)


def test_invites_that_nobody_used_go(stack: Stack, pool: Database, ada: Person) -> None:
    for number, hours in enumerate((-1, 1)):
        stack.database.query(
            "INSERT INTO invites (user_id, token, expires_at) VALUES (%s, %s, NOW(3) + INTERVAL %s HOUR)",
            ada.id,
            f"{number}",
            hours,
        )
    run_housekeeping_once(pool, Lifetimes())
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
        wait_until(lambda: "event=clocks_differ" in stack.web.log.read_text(encoding="utf-8"))
        for person in (ada, bob):
            assert person.http.get("/backend/get_session").status == 200
        socket.send("auth", user_id=ada.id, token=ada.token)
        assert socket.expect("auth")["status"] == "success"
    assert count_logins(stack) == 2
    latest = stack.database.query("SELECT MAX(last_used_at) < NOW(3) + INTERVAL 1 DAY AS sane FROM tokens")
    assert latest[0]["sane"]
