"""Somebody who guesses a password is slowed down; the one whose password it is, is not."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat_db.links import make_reset
from chat_db.users import set_disabled
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, People, Person

WRONG = "not the password at all"
NEW = "an entirely new password"


@pytest.fixture
def world(own_web: StackMaker) -> Stack:
    """The product's limits; a test says from which address it comes, as a proxy in front would."""
    return own_web(limits=True, TRUSTED_PROXIES="127.0.0.1")


def browser(stack: Stack) -> HttpClient:
    return HttpClient(stack.web.url)


def log_in(http: HttpClient, password: str, address: str, name: str = "ada") -> Answer:
    headers = {"X-Forwarded-For": address}
    return http.post_json("/backend/e_login", {"username": name, "password": password}, headers)


def change_password(person: Person, old: str, new: str) -> int:
    return person.http.post_json("/backend/e_change_password", {"old_password": old, "new_password": new}).status


def stranger_guesses(stack: Stack, network: str = "203.0.113", addresses: int = 1) -> None:
    """Guess until nothing more is allowed, from so many addresses."""
    for last in range(1, addresses + 1):
        for _ in range(6):
            answer = log_in(browser(stack), WRONG, f"{network}.{last}")
        assert answer.status == 429


def test_a_stranger_who_guesses_locks_the_owner_out_of_nothing(world: Stack) -> None:
    ada = People(world).register("ada")
    stranger_guesses(world)
    assert log_in(browser(world), PASSWORD, "198.51.100.1").status == 200
    assert change_password(ada, PASSWORD, NEW) == 200
    assert ada.http.post_json("/backend/e_delete_account", {"password": NEW}).status == 200


def test_tries_inside_a_session_count_for_that_session_only(world: Stack) -> None:
    ada = People(world).register("ada")
    second = browser(world)
    assert log_in(second, PASSWORD, "198.51.100.1").status == 200
    assert [change_password(ada, WRONG, NEW) for _ in range(6)] == [403] * 5 + [429]
    assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 429
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert second.post_json("/backend/e_change_password", body).status == 200
    assert log_in(browser(world), NEW, "198.51.100.2").status == 200


def test_a_device_that_logged_in_before_gets_in_however_many_others_guess(own_web: StackMaker) -> None:
    stack = own_web(limits=True, TRUSTED_PROXIES="127.0.0.1", LIMIT_ACCOUNT_LOGINS="20/hour")
    People(stack).register("ada")
    device = browser(stack)
    assert log_in(device, PASSWORD, "198.51.100.1").status == 200
    stranger_guesses(stack, addresses=4)
    assert log_in(browser(stack), PASSWORD, "198.51.100.77").status == 429  # a new device waits
    stranger_guesses(stack, network="198.51.100")  # and in the network of the device itself
    assert device.post_form("/logout").status == 302
    assert log_in(device, PASSWORD, "198.51.100.1").status == 200


def test_a_known_device_gets_no_more_tries_than_anybody_in_parallel_too(world: Stack) -> None:
    People(world).register("ada")
    device = browser(world)
    assert log_in(device, PASSWORD, "198.51.100.1").status == 200

    def guess(_: int) -> int:
        copy = browser(world)
        copy.cookies = {"device": device.cookies["device"]}
        return log_in(copy, WRONG, "198.51.100.1").status

    with ThreadPoolExecutor(12) as threads:
        answers = sorted(threads.map(guess, range(12)))
    assert answers == [401] * 5 + [429] * 7


def test_a_known_device_does_not_log_in_without_end(world: Stack) -> None:
    """A right password is as much work for the server as a wrong one."""
    people = People(world)
    people.register("ada")
    people.register("bob")
    device = browser(world)
    answers = [log_in(device, PASSWORD, "198.51.100.1").status for _ in range(12)]
    assert answers == [200] * 11 + [429]  # the first one counted for its address
    assert log_in(browser(world), PASSWORD, "198.51.100.1", "bob").status == 200


def test_the_cookie_of_one_user_opens_no_way_to_another(world: Stack) -> None:
    people = People(world)
    people.register("ada")
    people.register("eve")
    own = browser(world)
    assert log_in(own, PASSWORD, "203.0.113.1", "eve").status == 200
    assert [log_in(own, WRONG, "203.0.113.1").status for _ in range(6)] == [401] * 5 + [429]


def test_the_addresses_of_one_ipv6_customer_are_one_network(world: Stack) -> None:
    People(world).register("ada")
    answers = [log_in(browser(world), WRONG, f"2001:db8:77:{n:x}::1").status for n in range(6)]
    assert answers == [401] * 5 + [429]
    assert log_in(browser(world), PASSWORD, "2001:db8:78::1").status == 200


def test_many_networks_together_are_slowed_down(own_web: StackMaker) -> None:
    stack = own_web(limits=True, TRUSTED_PROXIES="127.0.0.1", LIMIT_ACCOUNT_LOGINS="8/hour")
    People(stack).register("ada")
    answers = [log_in(browser(stack), WRONG, f"203.0.113.{n}").status for n in range(9)]
    assert answers == [401] * 8 + [429]


def test_right_passwords_use_up_none_of_the_accounts_tries(own_web: StackMaker) -> None:
    stack = own_web(limits=True, TRUSTED_PROXIES="127.0.0.1", LIMIT_ACCOUNT_LOGINS="3/hour")
    People(stack).register("ada")
    assert [log_in(browser(stack), PASSWORD, f"203.0.113.{n}").status for n in range(5)] == [200] * 5


class TestTheCookie:
    def test_it_is_random_out_of_reach_for_scripts_and_stored_as_a_digest(self, stack: Stack, ada: Person) -> None:
        http = browser(stack)
        ada.log_in(http)
        first = http.cookies["device"]
        assert len(first) == 43  # 256 bits
        rows = stack.database.query("SELECT user_id, token FROM known_devices")
        assert [row["user_id"] for row in rows] == [ada.id]
        assert first not in str(rows)
        answer = http.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD})
        line = next(line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith("device="))
        assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= set(line.split("; "))
        assert http.cookies["device"] != first  # one that somebody planted is known to nobody after a login
        assert len(stack.database.query("SELECT id FROM known_devices")) == 1

    def test_two_people_share_a_browser(self, stack: Stack, ada: Person, bob: Person) -> None:
        http = browser(stack)
        for person in (ada, bob, ada):
            person.log_in(http)
        rows = stack.database.query("SELECT user_id, token FROM known_devices ORDER BY user_id")
        assert [row["user_id"] for row in rows] == [ada.id, bob.id]
        assert rows[0]["token"] == rows[1]["token"]

    def test_behind_tls_it_is_bound_to_host_and_tls(self, own_web: StackMaker) -> None:
        stack = own_web(PUBLIC_URL="https://chat.example")
        People(stack).register("ada")
        body = {"username": "ada", "password": PASSWORD}
        answer = browser(stack).post_json("/backend/e_login", body, {"Host": "chat.example"})
        line = next(line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith("__Host-device="))
        assert "Secure" in line.split("; ")

    @pytest.mark.parametrize("how", ["change", "reset", "disable", "delete"])
    def test_whatever_ends_every_login_forgets_the_users_devices(
        self, stack: Stack, ada: Person, bob: Person, how: str
    ) -> None:
        for person in (ada, bob):
            person.log_in(browser(stack))
        with contextlib.closing(stack.database.connect()) as connection:
            if how == "change":
                assert change_password(ada, PASSWORD, NEW) == 200
            elif how == "reset":
                body = {"token": make_reset(connection, ada.id), "password": NEW}
                connection.commit()
                assert browser(stack).post_json("/backend/e_reset_password", body).status == 200
            elif how == "disable":
                set_disabled(connection, ada.id, True)
                connection.commit()
            else:
                assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 200
        rows = stack.database.query("SELECT user_id FROM known_devices")
        assert [row["user_id"] for row in rows] == [bob.id]

    def test_a_user_has_a_hundred_and_the_oldest_unused_one_goes(self, stack: Stack, ada: Person) -> None:
        for number in range(100):
            stack.database.query(
                "INSERT INTO known_devices (user_id, token, last_used_at) VALUES (%s, SHA2(%s, 256),"
                " NOW(3) - INTERVAL %s HOUR)",
                *(ada.id, str(number), number + 1),
            )
        ada.log_in(browser(stack))
        rows = stack.database.query("SELECT token = SHA2('99', 256) AS oldest FROM known_devices")
        assert len(rows) == 100
        assert not any(row["oldest"] for row in rows)
