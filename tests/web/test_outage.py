"""What does a visitor see while the database is away, and what does it take to come back?"""

from __future__ import annotations

from collections.abc import Callable

from stack import Stack
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, People, Person
from tests.support.waiting import freeze

CREDENTIALS = {"username": "ada", "password": PASSWORD}


def ask_everything(ada: Person) -> dict[str, Answer]:
    """Every request that needs the database, in the order: JSON, pages."""
    nobody = HttpClient(ada.stack.web.url)
    return {
        "chats": ada.http.get("/backend/get_chats"),
        "session": ada.http.get("/backend/get_session.php"),
        "messages": ada.http.get("/backend/get_messages", {"chat_id": 1}),
        "existence": nobody.get("/backend/check_user_existence", {"username": "bob"}),
        "login": nobody.post_json("/backend/e_login", CREDENTIALS),
        "register": nobody.post_json("/backend/e_register", {**CREDENTIALS, "username": "zoe"}),
    }


def test_while_the_database_is_away_everybody_is_told_so_kindly(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack()
    ada = People(stack).register("ada")
    assert ada.chats() == []
    stack.database.kill()

    for name, answer in ask_everything(ada).items():
        assert (answer.status, answer.json()["code"]) == (503, "unavailable"), name
        assert int(answer.headers["Retry-After"]) > 0
        assert "database error" not in answer.text
        assert answer.headers["Content-Security-Policy"]
    assert stack.web.health() == 503

    nobody = HttpClient(stack.web.url)
    assert ada.http.get("/").status == 200  # the script says the rest
    assert nobody.get("/").location == "/login"
    assert nobody.get("/login").status == nobody.get("/register").status == 200
    form = nobody.post_form("/backend/e_login", CREDENTIALS)
    assert (form.status, form.location) == (302, "/login?error=unavailable&username=ada")
    assert nobody.get(form.location or "").status == 200
    form = nobody.post_form("/backend/e_register", {**CREDENTIALS, "username": "zoe"})
    assert (form.status, form.location) == (302, "/register?error=unavailable&username=zoe")
    page = ada.http.post_form("/logout")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "Nothing is lost" in page.text
    assert ada.http.cookies  # who could not be logged out is not told so

    stack.database.start()
    assert stack.web.health() == 200
    assert ada.chats() == []
    assert ada.http.get("/backend/get_session").json()["token"] == ada.token
    assert nobody.post_json("/backend/e_login", CREDENTIALS).status == 200
    assert stack.database.query("SELECT id FROM users WHERE username = 'zoe'") == []

    stack.web.restart()
    assert ada.http.get("/backend/get_session").json()["token"] == ada.token  # a restart keeps every login


def test_a_database_that_hangs_holds_nobody_up_for_long(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack()
    ada = People(stack).register("ada")
    assert ada.chats() == []
    freeze(stack.database)
    try:
        answer = ada.http.get("/backend/get_chats")
        assert (answer.status, answer.json()["code"]) == (503, "unavailable")
        assert ada.http.get("/login").status == 200
    finally:
        stack.database.resume()
    assert ada.chats() == []


def test_a_registration_whose_end_nobody_knows_says_so(own_stack: Callable[..., Stack]) -> None:
    """The user may be stored: "unavailable" alone led people to try another name."""
    stack = own_stack()
    fields = {"username": "zoe", "password": PASSWORD}
    browser = HttpClient(stack.web.url)
    assert browser.get("/backend/check_user_existence", {"username": "zoe"}).status == 200  # a connection is open
    freeze(stack.database)
    try:
        answer = browser.post_json("/backend/e_register", fields)
        assert (answer.status, answer.json()["code"]) == (503, "unavailable")
        assert answer.json()["reason"] == "fate_unknown"
        assert "Try to log in" in answer.json()["message"]
        form = browser.post_form("/backend/e_register", fields)
        assert form.location == "/register?error=fate_unknown&username=zoe"
        assert "The account may or may not have been created." in browser.get(form.location).text
    finally:
        stack.database.resume()
