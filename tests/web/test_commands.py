"""The command line for whoever runs the server, run as a program."""

from __future__ import annotations

from chat_db.uploads import give_up
from stack import Stack
from tests.conftest import StackMaker
from tests.support.command_line import flask
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, Person
from tests.support.uploads import Uploads


def test_users_are_listed(stack: Stack, ada: Person, bob: Person) -> None:
    lines = flask(stack, "users").stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [[str(ada.id), "ada"], [str(bob.id), "bob"]]


def test_a_reset_link_sets_a_password_once_and_ends_every_login(stack: Stack, ada: Person) -> None:
    socket = ada.connect()
    link = flask(stack, "reset-password", "ADA").stdout.strip()
    token = link.partition("/reset?token=")[2]
    browser = HttpClient(stack.web.url)
    assert 'action="/backend/e_reset_password"' in browser.get("/reset", {"token": token}).text
    assert browser.post_json("/backend/e_reset_password", {"token": token, "password": "short"}).status == 400
    fields = {"token": token, "password": "brand new password"}
    assert browser.post_form("/backend/e_reset_password", fields).location == "/login?done=password"
    assert browser.post_json("/backend/e_reset_password", fields).json()["code"] == "bad_link"
    assert 'action="/backend/e_reset_password"' not in browser.get("/reset", {"token": token}).text
    assert socket.wait_closed(deadline=7) == 4401
    assert ada.http.get("/backend/get_session").status == 401
    assert browser.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD}).status == 401
    assert browser.post_json("/backend/e_login", {"username": "ada", "password": "brand new password"}).status == 200


def test_an_expired_or_guessed_reset_link_does_nothing(stack: Stack, ada: Person) -> None:
    token = flask(stack, "reset-password", "ada").stdout.strip().partition("token=")[2]
    stack.database.query("UPDATE password_resets SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    browser = HttpClient(stack.web.url)
    for wrong in (token, "A" * 43, "", "é" * 43):
        fields = {"token": wrong, "password": "brand new password"}
        assert browser.post_json("/backend/e_reset_password", fields).json()["code"] == "bad_link"
    assert browser.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD}).status == 200


def test_a_disabled_user_is_locked_out_at_once_and_let_in_again(stack: Stack, ada: Person) -> None:
    socket = ada.connect()
    assert flask(stack, "disable", "ada").returncode == 0
    assert socket.wait_closed(deadline=3) == 4401
    browser = HttpClient(stack.web.url)
    body = {"username": "ada", "password": PASSWORD}
    assert browser.post_json("/backend/e_login", body).json()["code"] == "wrong_login"
    assert "disabled" in flask(stack, "users").stdout
    assert flask(stack, "enable", "ada").returncode == 0
    assert browser.post_json("/backend/e_login", body).status == 200


def test_deleting_asks_first(stack: Stack, ada: Person) -> None:
    assert flask(stack, "delete", "ada", answer="n\n").returncode != 0
    assert ada.http.get("/backend/get_session").status == 200
    assert flask(stack, "delete", "ada", answer="y\n").returncode == 0
    assert ada.http.get("/backend/get_session").status == 401
    assert flask(stack, "users").stdout == ""


def test_a_name_that_nobody_has_is_one_clear_line(stack: Stack, ada: Person) -> None:
    for command in ("disable", "enable", "reset-password"):
        result = flask(stack, command, "nobody")
        assert (result.returncode, result.stderr.strip()) == (1, "Error: There is no user nobody.")
    assert ada.http.get("/backend/get_session").status == 200


def test_a_database_that_is_away_is_one_clear_line(own_stack: StackMaker) -> None:
    stack = own_stack()
    stack.database.kill()
    result = flask(stack, "users")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: The database cannot be reached")
    assert "Traceback" not in result.stderr


def test_an_invite_link_is_printed_alone_on_standard_output(stack: Stack, ada: Person) -> None:
    result = flask(stack, "invite")
    assert result.stdout.startswith("http://localhost/register?invite=")
    assert len(result.stdout.split()) == 1
    moved = flask(stack, "invite", WEB_PORT="80", WEB_PUBLISHED_PORT="8123").stdout
    assert moved.startswith("http://localhost:8123/register?invite=")
    public = flask(stack, "invite", PUBLIC_URL="https://chat.example")
    assert public.stdout.startswith("https://chat.example/register?invite=")
    assert "localhost" not in public.stderr


def test_files_are_counted_beside_what_is_free_on_the_disk(
    stack: Stack, uploads: Uploads, ada: Person, chat: int
) -> None:
    for size in (1_000, 10):
        uploads.complete(ada, chat, size=size)
    given_up = uploads.begin(ada, chat, size=7)
    uploads.begin(ada, chat, size=200_000)
    assert give_up(uploads.connection, ada.id, given_up.id)
    answer = flask(stack, "files", FILES_RESERVE_BYTES="12345")
    lines = [line.split("\t") for line in answer.stdout.splitlines()]
    assert lines[:3] == [["complete", "2", "1010"], ["being uploaded", "1", "200000"], ["to be removed", "1", "7"]]
    assert [line[0] for line in lines[3:]] == ["free on the disk", "left free by uploads"]
    assert int(lines[3][2]) > 1_000_000
    assert lines[4][2] == "12345"
