"""What an attacker would do often is slowed down; a session that exists never is."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, People

WRONG = "not the password at all"


@pytest.fixture
def limited(own_web: StackMaker) -> Stack:
    """The product's limits, but room for many logins from this one address."""
    return own_web(limits=True, LIMIT_LOGINS="1000/minute")


def try_login(stack: Stack, name: str, password: str = WRONG) -> Answer:
    return HttpClient(stack.web.url).post_json("/backend/e_login", {"username": name, "password": password})


def test_guessing_one_password_is_stopped_after_five_and_sessions_go_on(limited: Stack) -> None:
    ada = People(limited).register("ada")
    socket = ada.connect()
    assert [try_login(limited, "ada").status for _ in range(5)] == [401] * 5
    for spelling in ("ada", "ADA", "ａｄａ", " ada ", "àda"):
        refused = try_login(limited, spelling, PASSWORD)  # one account, however it is spelled
        assert (refused.status, refused.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 300
    assert ada.http.get("/backend/get_session").status == 200
    assert socket.until_pong() == []
    form = HttpClient(limited.web.url).post_form("/backend/e_login", {"username": "ada", "password": WRONG})
    assert (form.location or "").startswith("/login?error=rate_limited")


def test_guessing_in_parallel_gets_no_more_tries(limited: Stack) -> None:
    People(limited).register("ada")
    with ThreadPoolExecutor(20) as pool:
        answers = Counter(answer.status for answer in pool.map(lambda _: try_login(limited, "ada"), range(20)))
    assert answers == {401: 5, 429: 15}


def test_a_name_that_nobody_has_is_slowed_down_alike(limited: Stack) -> None:
    assert [try_login(limited, "ghost").status for _ in range(6)] == [401] * 5 + [429]


def test_the_right_password_makes_the_tries_before_it_forgotten(limited: Stack) -> None:
    People(limited).register("ada")
    for _ in range(3):
        assert [try_login(limited, "ada").status for _ in range(4)] == [401] * 4
        assert try_login(limited, "ada", PASSWORD).status == 200


def test_guessing_the_old_password_in_a_stolen_session_counts_as_well(limited: Stack) -> None:
    ada = People(limited).register("ada")
    body = {"old_password": WRONG, "new_password": "whatever it may be"}
    answers = [ada.http.post_json("/backend/e_change_password", body).status for _ in range(6)]
    assert answers == [403] * 5 + [429]
    assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 429
    assert ada.http.get("/backend/get_session").status == 200


def test_logins_registrations_and_look_ups_of_one_address_have_limits(own_web: StackMaker) -> None:
    stack = own_web(
        limits=True,
        LIMIT_LOGINS="2/minute",
        LIMIT_REGISTRATIONS="1/hour",
        LIMIT_LOOKUPS="3/minute",
        TRUSTED_PROXIES="127.0.0.1",
    )
    browser = HttpClient(stack.web.url)
    assert [try_login(stack, f"nobody{n}").status for n in range(3)] == [401, 401, 429]
    body = [{"username": f"new{n}", "password": PASSWORD} for n in range(2)]
    assert [browser.post_json("/backend/e_register", each).status for each in body] == [201, 429]
    query = {"username": "new0"}
    assert [browser.get("/backend/check_user_existence", query).status for _ in range(4)] == [200, 200, 200, 429]
    # Another address behind the configured proxy; what the client itself wrote before it does not count.
    other = {"X-Forwarded-For": "203.0.113.9"}
    assert browser.get("/backend/check_user_existence", query, other).status == 200
    for forged in range(5):
        chain = {"X-Forwarded-For": f"198.51.100.{forged}, 203.0.113.9"}
        last = browser.get("/backend/check_user_existence", query, chain).status
    assert last == 429
    assert [row["username"] for row in stack.database.query("SELECT username FROM users")] == ["new0"]


def test_a_forwarded_address_is_believed_from_a_configured_proxy_only(own_web: StackMaker) -> None:
    stack = own_web(limits=True, LIMIT_LOOKUPS="3/minute")
    browser = HttpClient(stack.web.url)
    answers = [
        browser.get("/backend/check_user_existence", {"username": "x"}, {"X-Forwarded-For": f"203.0.113.{n}"}).status
        for n in range(4)
    ]
    assert answers == [200, 200, 200, 429]
