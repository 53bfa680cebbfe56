"""What nobody needs any more is removed by itself."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

import pytest

from chat_db import Database, DatabaseSettings, Settings
from chat_db.links import make_reset
from chat_db.tokens import Lifetimes
from chat_web.session_files import delete_left_over
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People, Person

DAY = 24 * 60 * 60
NEW = "an entirely new password"


def files(stack: Stack) -> set[str]:
    return {path.name for path in (stack.web.folder / "sessions").iterdir()}


def wait_until_only(stack: Stack, left: set[str]) -> None:
    end = time.monotonic() + 15
    while files(stack) != left:
        assert time.monotonic() < end, "the files of logins that ended are still there"
        time.sleep(0.1)


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


def test_what_is_no_session_stays_until_it_is_older_than_any_login(stack: Stack, ada: Person, tmp_path: Path) -> None:
    ages = {"young": 1, "old": 9, "too old": 11}
    for name, days in ages.items():
        (tmp_path / name).write_text("token", encoding="ascii")
        os.utime(tmp_path / name, (time.time() - days * DAY,) * 2)
    (tmp_path / "folder").mkdir()
    database = Database(DatabaseSettings.read(Settings(stack.database.environment())))
    assert delete_left_over(database, Lifetimes(unused_days=2, days=10), tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"young", "old", "folder"}


def test_a_wrong_clock_deletes_no_session(stack: Stack, ada: Person) -> None:
    """What has expired is not gone: only the row's end is the session's."""
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 31 DAY")
    database = Database(DatabaseSettings.read(Settings(stack.database.environment())))
    delete_left_over(database, Lifetimes(), stack.web.folder / "sessions")
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
    end = time.monotonic() + 5
    while old.exists() or stack.database.query("SELECT id FROM tokens"):
        assert time.monotonic() < end, "housekeeping runs when a worker starts"
        time.sleep(0.1)
    assert ada.http.get("/backend/get_session").status == 401
