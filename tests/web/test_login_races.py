"""A login, a password change and a reset at the same moment: who knows only the old password is out afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.security import generate_password_hash

from chat_db.links import make_reset
from stack import Stack
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, Person, stored_password

NEW = "a new and better one"


def log_in(stack: Stack, name: str, password: str = PASSWORD) -> tuple[HttpClient, Answer]:
    http = HttpClient(stack.web.url)
    return http, http.post_json("/backend/e_login", {"username": name, "password": password})


def logged_in(http: HttpClient) -> bool:
    return http.get("/backend/get_session").status == 200


@pytest.mark.parametrize("how", ["change", "reset"])
def test_no_login_with_the_old_password_survives_its_change(stack: Stack, ada: Person, how: str) -> None:
    """A login that was checked before the change and stored after it lived on for a year."""
    with ThreadPoolExecutor(8) as threads:
        thieves = [threads.submit(log_in, stack, ada.name) for _ in range(12)]
        if how == "change":
            body = {"old_password": PASSWORD, "new_password": NEW}
            answer = ada.http.post_json("/backend/e_change_password", body)
        else:
            connection = stack.database.connect()
            token = make_reset(connection, ada.id)
            connection.commit()
            answer = HttpClient(stack.web.url).post_json("/backend/e_reset_password", {"token": token, "password": NEW})
        assert answer.status == 200, answer.text
        survivors = [http for http, answer in (thief.result() for thief in thieves) if logged_in(http)]
    assert survivors == []
    assert log_in(stack, ada.name, NEW)[1].status == 200


def test_a_reset_is_not_undone_by_a_change_that_was_under_way(stack: Stack, ada: Person) -> None:
    """A thief with the old password changes it in the very moment in which its owner resets it."""
    connection = stack.database.connect()
    for _ in range(4):
        stack.database.query("UPDATE users SET password = %s WHERE id = %s", stored_password(), ada.id)
        token = make_reset(connection, ada.id)
        connection.commit()
        thief, answer = log_in(stack, ada.name)
        assert answer.status == 200
        start = threading.Barrier(2)

        def steal(thief: HttpClient = thief, start: threading.Barrier = start) -> Answer:
            start.wait()
            body = {"old_password": PASSWORD, "new_password": "the thief's own"}
            return thief.post_json("/backend/e_change_password", body)

        with ThreadPoolExecutor(1) as threads:
            stealing = threads.submit(steal)
            start.wait()
            reset = HttpClient(stack.web.url).post_json("/backend/e_reset_password", {"token": token, "password": NEW})
            stealing.result()
        assert reset.status in (200, 403)  # 403: the thief was first, and the link died
        if reset.status == 200:
            assert log_in(stack, ada.name, NEW)[1].status == 200
            assert not logged_in(thief)


def test_a_rehash_at_login_does_not_bring_an_old_password_back(stack: Stack, ada: Person) -> None:
    """A hash of other parameters is replaced at login; that overwrote a password set in the same moment."""
    for _ in range(4):
        weak = generate_password_hash(PASSWORD, "scrypt:1024:8:1")
        stack.database.query("UPDATE users SET password = %s WHERE id = %s", weak, ada.id)
        with ThreadPoolExecutor(1) as threads:
            login = threads.submit(log_in, stack, ada.name)
            body = {"old_password": PASSWORD, "new_password": NEW}
            changed = ada.http.post_json("/backend/e_change_password", body)
            login.result()
        if changed.status == 200:
            assert log_in(stack, ada.name, NEW)[1].status == 200
            assert log_in(stack, ada.name, PASSWORD)[1].status == 401
