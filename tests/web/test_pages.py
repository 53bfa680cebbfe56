"""Where do the pages around the chat lead, and what do they say to whom?"""

from __future__ import annotations

import re

import pytest

from chat_db.names import MAX_NAME
from chat_web.field_limits import MAX_PASSWORD, MIN_PASSWORD
from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import People, Person


@pytest.mark.parametrize(
    "path", ["/login", "/login.php", "/register", "/register?invite=x", "/login?registered=1", "/login?deleted=1"]
)
def test_who_is_logged_in_goes_on_to_the_chat(ada: Person, path: str) -> None:
    answer = ada.http.get(path)
    assert (answer.status, answer.location) == (302, "/")


def test_who_is_logged_in_is_told_why_a_form_was_refused(ada: Person) -> None:
    assert "The username or the password is wrong" in ada.http.get("/login?error=wrong_login").text
    assert ">A username has 1 to" in ada.http.get("/register?error=bad_username").text
    assert ada.http.get("/login?error=not_logged_in").location == "/"


def test_a_login_that_has_ended_is_none(stack: Stack, ada: Person) -> None:
    stack.database.query("DELETE FROM tokens")
    assert ada.http.get("/login").status == ada.http.get("/register").status == 200


def test_only_who_was_here_before_is_welcomed_back(stack: Stack, ada: Person, browser_of_nobody: HttpClient) -> None:
    assert "Welcome back" not in browser_of_nobody.get("/login").text
    ada.log_in(browser_of_nobody)
    browser_of_nobody.post_form("/logout")
    assert "Welcome back" in browser_of_nobody.get("/login").text
    assert "Welcome back" not in browser_of_nobody.get("/login?deleted=1").text


def test_password_managers_find_the_name_in_every_form_with_a_password(stack: Stack, people: People) -> None:
    person = people.register("Zoë")
    page = person.http.get("/settings").text
    forms = [form.partition("</form>")[0] for form in page.split("<form")[1:]]
    with_password = [form for form in forms if 'type="password"' in form]
    assert len(with_password) == 2
    for form in with_password:
        assert '<input type="text" name="username" value="Zoë" autocomplete="username" hidden>' in form


@pytest.mark.parametrize("path", ["/login", "/register", "/"])
def test_the_longest_name_fits_into_its_field(ada: Person, browser_of_nobody: HttpClient, path: str) -> None:
    """`maxlength` counts UTF-16 code units, of which some letters take two."""
    page = (ada.http if path == "/" else browser_of_nobody).get(path).text
    field = re.search(r'<input id="(?:username|other-name)"[^>]* maxlength="(\d+)"', page)
    assert field
    assert int(field[1]) >= 2 * MAX_NAME


def test_pages_and_answers_name_the_limits_that_are_checked(browser_of_nobody: HttpClient) -> None:
    numbers = f"{MIN_PASSWORD} to {MAX_PASSWORD:,} characters"
    register = browser_of_nobody.get("/register?error=bad_password").text
    assert f'minlength="{MIN_PASSWORD}"' in register
    assert f'maxlength="{MAX_PASSWORD}"' in register
    assert numbers in register
    for password in ("x" * (MIN_PASSWORD - 1), "x" * (MAX_PASSWORD + 1)):
        answer = browser_of_nobody.post_json("/backend/e_register", {"username": "ada", "password": password}).json()
        assert (answer["code"], numbers in answer["message"]) == ("bad_password", True)
    assert f"1 to {MAX_NAME} characters" in browser_of_nobody.get("/register?error=bad_username").text


@pytest.mark.parametrize("path", ["/", "/login"])
def test_the_chosen_theme_is_in_the_page_without_any_script(
    ada: Person, browser_of_nobody: HttpClient, path: str
) -> None:
    reader = ada.http if path == "/" else browser_of_nobody
    reader.cookies["theme"] = "dark"
    page = reader.get(path).text
    assert re.search(r'<html lang="en" data-theme="dark">', page)
    assert '<meta name="color-scheme" content="dark">' in page
    bars = dict(re.findall(r'media="([^"]+)" data-theme="(\w+)"', page))
    assert bars == {"all": "dark", "not all": "light"}


def test_a_theme_that_nobody_can_choose_is_none(browser_of_nobody: HttpClient) -> None:
    browser_of_nobody.cookies["theme"] = '"><script>'
    page = browser_of_nobody.get("/login").text
    assert re.search(r'<html lang="en">', page)
    assert '<meta name="color-scheme" content="light dark">' in page
