"""Who may become a user, and what is said to those who may not?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import People, Person

PASSWORD = "correct horse battery"


def names(stack: Stack) -> list[str]:
    return [row["username"] for row in stack.database.query("SELECT username FROM users ORDER BY id")]


def register(http: HttpClient, username: object, password: object = PASSWORD) -> Any:
    answer = http.post_json("/backend/e_register", {"username": username, "password": password})
    return answer.status, answer.json().get("code")


@pytest.mark.parametrize("path", ["/backend/e_register", "/backend/e_register.php"])
def test_a_form_creates_a_user_and_leads_to_the_login(stack: Stack, browser_of_nobody: HttpClient, path: str) -> None:
    answer = browser_of_nobody.post_form(path, {"username": "Zoë", "password": PASSWORD})
    assert (answer.status, answer.location) == (302, "/login?registered=1&username=Zo%C3%AB")
    assert names(stack) == ["Zoë"]
    assert browser_of_nobody.cookies == {}
    page = browser_of_nobody.get(answer.location or "")
    assert page.status == 200
    assert "Zoë" in page.text


@pytest.mark.parametrize("path", ["/backend/e_register", "/backend/e_register.php"])
def test_json_creates_a_user_who_can_log_in(stack: Stack, browser_of_nobody: HttpClient, path: str) -> None:
    wanted = {"username": " zoe ", "password": f" {PASSWORD} ", "role": "admin", "id": 1}
    answer = browser_of_nobody.post_json(path, wanted)
    assert answer.status == 201
    stored = stack.database.query("SELECT id, username, password FROM users")
    assert answer.json() == {"status": "success", "user_id": stored[0]["id"]}
    assert stored[0]["username"] == "zoe"
    assert stored[0]["password"].startswith("scrypt:32768:8:3$")
    assert PASSWORD not in stored[0]["password"]
    login = {"username": "zoe", "password": f" {PASSWORD} "}
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 200
    login["password"] = PASSWORD  # white space belongs to a password
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 401


@pytest.mark.parametrize("name", ["ada", "ADA", "àda", "  Ada ", "a\u0300da", "ＡＤＡ"])
def test_a_name_in_another_spelling_is_taken(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, name: str
) -> None:
    fields = {"username": name, "password": PASSWORD}
    answer = browser_of_nobody.post_json("/backend/e_register", fields)
    assert (answer.status, answer.json()["code"]) == (409, "username_taken")
    form = browser_of_nobody.post_form("/backend/e_register.php", fields)
    assert form.status == 302
    assert (form.location or "").startswith("/register?error=username_taken&username=")
    assert names(stack) == ["ada"]


def test_names_that_merely_resemble_each_other_are_different(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    for name in ("a.da", "a_da", "ada1"):
        assert register(browser_of_nobody, name) == (201, None)
    assert names(stack) == ["ada", "a.da", "a_da", "ada1"]


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [("bоb", "mixed_scripts", "This username mixes alphabets."), ("1१", "mixed_digits", "This username mixes digits")],
)
def test_a_name_made_of_several_scripts_is_refused_in_words(
    stack: Stack, browser_of_nobody: HttpClient, name: str, reason: str, words: str
) -> None:
    fields = {"username": name, "password": PASSWORD}
    answer = browser_of_nobody.post_json("/backend/e_register", fields)
    assert (answer.status, answer.json()["code"], answer.json()["reason"]) == (400, "bad_username", reason)
    form = browser_of_nobody.post_form("/backend/e_register", fields)
    assert (form.location or "").startswith(f"/register?error={reason}&")
    assert words in browser_of_nobody.get(form.location or "").text
    assert names(stack) == []


def test_a_name_of_several_scripts_that_exists_is_good_for_login_and_look_up(
    people: People, browser_of_nobody: HttpClient
) -> None:
    person = people.register("bоb")
    assert person.log_in(browser_of_nobody)[0] == person.id
    found = browser_of_nobody.get("/backend/check_user_existence", {"username": "bоb"})
    assert found.json() == {"status": "success", "message": person.id}


def test_names_of_other_scripts_and_of_50_code_points_are_stored_whole(
    stack: Stack, browser_of_nobody: HttpClient
) -> None:
    wanted = ["हिन्दी", "taro太郎", "𐎀" * 50]
    assert [register(browser_of_nobody, name)[0] for name in wanted] == [201, 201, 201]
    assert names(stack) == wanted


def test_of_two_who_want_one_name_at_once_one_gets_it(stack: Stack) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: register(HttpClient(stack.web.url), "zoe"), range(4)))
    assert sorted(answers, key=str) == [(201, None), *[(409, "username_taken")] * 3]
    assert names(stack) == ["zoe"]


BAD_NAMES = [
    "",
    " ",
    "a b",
    "x" * 51,
    "\u3164",
    "\u1160",
    "ada\u200b",
    "a\u202eb",
    "<b>",
    "a/b",
    "\u0301a",
    "\x00",
    "😀",
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_a_bad_name_is_refused(stack: Stack, browser_of_nobody: HttpClient, name: str) -> None:
    assert register(browser_of_nobody, name) == (400, "bad_username")
    form = browser_of_nobody.post_form("/backend/e_register", {"username": name, "password": PASSWORD})
    assert form.status == 302
    assert (form.location or "").startswith("/register?error=bad_username")
    page = browser_of_nobody.get(form.location or "")
    assert page.status == 200
    assert "<b>" not in page.text
    assert names(stack) == []


@pytest.mark.parametrize("password", ["", "1234567", "é" * 7, "x" * 1_025, "x" * 60_000], ids=len)
def test_a_password_too_short_or_too_long_is_refused(
    stack: Stack, browser_of_nobody: HttpClient, password: str
) -> None:
    assert register(browser_of_nobody, "zoe", password) == (400, "bad_password")
    form = browser_of_nobody.post_form("/backend/e_register", {"username": "zoe", "password": password})
    assert (form.status, form.location) == (302, "/register?error=bad_password&username=zoe")
    assert names(stack) == []


@pytest.mark.parametrize("password", ["12345678", "é" * 1_024], ids=len)
def test_a_password_has_8_to_1024_characters(browser_of_nobody: HttpClient, password: str) -> None:
    assert register(browser_of_nobody, "zoe", password) == (201, None)
    login = {"username": "zoe", "password": password}
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 200
    login["password"] = password[:-1]
    assert browser_of_nobody.post_json("/backend/e_login", login).status == 401


def test_an_unknown_error_code_in_the_address_shows_nothing(browser_of_nobody: HttpClient) -> None:
    for page in ("/register", "/login"):
        plain = browser_of_nobody.get(page).text
        for code in ("nonsense", "<script>alert(1)</script>", "x" * 1_000):
            assert browser_of_nobody.get(page, {"error": code}).text == plain
        shown = browser_of_nobody.get(page, {"username": '"><script>alert(1)</script>'}).text
        assert "<script>alert" not in shown
