"""Who gets in, and does an answer tell who exists?"""

from __future__ import annotations

import pytest
from werkzeug.security import generate_password_hash

from stack import Stack
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, Person
from tests.support.processor import processor_seconds
from tests.support.socket import Socket


def count(stack: Stack, table: str) -> int:
    return int(stack.database.query(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])


@pytest.mark.parametrize("path", ["/backend/e_login", "/backend/e_login.php"])
def test_a_form_starts_a_session_and_leads_to_the_chat(ada: Person, browser_of_nobody: HttpClient, path: str) -> None:
    answer = browser_of_nobody.post_form(path, {"username": "ada", "password": PASSWORD})
    assert (answer.status, answer.location) == (302, "/")
    assert browser_of_nobody.get("/").status == 200
    assert browser_of_nobody.get("/backend/get_session").json()["user_id"] == ada.id


@pytest.mark.parametrize("path", ["/backend/e_login", "/backend/e_login.php"])
def test_json_starts_a_session_and_gives_the_token_for_the_socket(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, path: str
) -> None:
    answer = browser_of_nobody.post_json(path, {"username": "ada", "password": PASSWORD, "x": None})
    assert answer.status == 200
    token = answer.json()["token"]
    assert answer.json() == {"status": "success", "user_id": ada.id, "username": "ada", "token": token}
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser_of_nobody.get("/backend/get_session").json()["token"] == token
    assert stack.database.query("SELECT id FROM tokens WHERE token = %s", token) == []
    with Socket(stack.ws_server.url) as socket:
        socket.send("auth", user_id=ada.id, token=token)
        assert socket.expect("auth")["username"] == "ada"


@pytest.mark.parametrize("name", ["ADA", " àda\n", "ａｄａ"])
def test_every_spelling_of_a_name_logs_in_its_owner(ada: Person, browser_of_nobody: HttpClient, name: str) -> None:
    answer = browser_of_nobody.post_json("/backend/e_login", {"username": name, "password": PASSWORD})
    assert (answer.json()["user_id"], answer.json()["username"]) == (ada.id, "ada")


WRONG = {
    "an unknown name": {"username": "nobody", "password": PASSWORD},
    "a wrong password": {"username": "ada", "password": PASSWORD + "x"},
    "an empty password": {"username": "ada", "password": ""},
    "an empty name": {"username": "", "password": PASSWORD},
    "a password too long": {"username": "ada", "password": "x" * 60_000},
    "a name that is none": {"username": "ada' OR 1=1 --", "password": PASSWORD},
    "a pattern": {"username": "%", "password": PASSWORD},
    "NUL": {"username": "ada\x00", "password": PASSWORD + "\x00"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG.keys())
def test_whatever_is_wrong_the_answer_is_the_same(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, fields: dict[str, str]
) -> None:
    before = count(stack, "tokens")
    answer = browser_of_nobody.post_json("/backend/e_login", fields)
    assert answer.status == 401
    assert answer.json() == {"status": "error", "code": "wrong_login", "message": "The name or the password is wrong."}
    assert browser_of_nobody.cookies == {}
    assert count(stack, "tokens") == before


def test_a_form_with_a_wrong_login_goes_back_to_its_page(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    before = count(stack, "tokens")
    for path, name in (("/backend/e_login", "ada"), ("/backend/e_login.php", "nobody")):
        form = browser_of_nobody.post_form(path, {"username": name, "password": "wrong password"})
        assert (form.status, form.location) == (302, f"/login?error=wrong_login&username={name}")
        assert "wrong password" not in browser_of_nobody.get(form.location or "").text
    assert browser_of_nobody.cookies == {}
    assert count(stack, "tokens") == before


def test_an_unknown_name_and_a_wrong_password_cannot_be_told_apart(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    """Neither by what is answered nor by the work: a password is hashed where there is none to compare it with, too."""

    def ask(name: str) -> tuple[Answer, float]:
        before = processor_seconds(stack.web.process.pid)
        answer = browser_of_nobody.post_json("/backend/e_login", {"username": name, "password": "wrong password"})
        return answer, processor_seconds(stack.web.process.pid) - before

    unknown = [ask("nobody") for _ in range(5)][1:]  # the first one makes the hash that the others are compared with
    wrong = [ask("ada") for _ in range(3)]
    seen = {
        (answer.status, answer.body, str(sorted(name for name, _ in answer.headers.items())))
        for answer, _ in unknown + wrong
    }
    assert len(seen) == 1
    ratio = min(seconds for _, seconds in unknown) / min(seconds for _, seconds in wrong)
    assert 0.5 < ratio < 2


@pytest.mark.parametrize(
    "stored",
    [
        *("", "x", "$", "$$", "md5$a$b", "plain text", "scrypt:32768:8:3$a$zz", "scrypt:0:0:0$a$b", "scrypt:1$a$b"),
        *("scrypt:1073741824:8:1$a$b", "scrypt:x:8:3$a$b", "pbkdf2:sha256:0$a$b", "pbkdf2:nothing:1$a$b"),
    ],
)
def test_a_stored_hash_that_cannot_be_read_is_a_failed_login(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, stored: str
) -> None:
    stack.database.query("UPDATE users SET password = %s", stored)
    answer = browser_of_nobody.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD})
    assert (answer.status, answer.json()["code"]) == (401, "wrong_login")


def test_a_hash_with_old_parameters_is_renewed_at_login(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    old = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
    stack.database.query("UPDATE users SET password = %s", old)
    login = {"username": "ada", "password": PASSWORD}
    wrong = {**login, "password": PASSWORD + "x"}
    assert browser_of_nobody.post_json("/backend/e_login", wrong).status == 401
    assert stack.database.query("SELECT password FROM users")[0]["password"] == old
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 200
    assert stack.database.query("SELECT password FROM users")[0]["password"].startswith("scrypt:32768:8:3$")
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 200


def test_a_failed_login_leaves_the_session_that_exists_alone(ada: Person) -> None:
    answer = ada.http.post_json("/backend/e_login", {"username": "ada", "password": "wrong password"})
    assert answer.status == 401
    assert ada.http.get("/backend/get_session").json()["token"] == ada.token
