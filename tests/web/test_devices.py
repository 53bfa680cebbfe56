"""A login is one row of `tokens`, for HTTP and WebSocket alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chat_web.devices import describe
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People, Person


def devices(person: Person) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = person.http.get("/backend/get_account").json()["devices"]
    return listed


def another_browser(stack: Stack, person: Person) -> tuple[HttpClient, str]:
    http = HttpClient(stack.web.url)
    _, token = person.log_in(http)
    return http, token


def test_a_user_sees_every_login_and_which_one_this_is(stack: Stack, ada: Person) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    stack.database.query("UPDATE tokens SET user_agent = %s", agent)
    another_browser(stack, ada)
    listed = devices(ada)
    assert [device["is_current"] for device in listed].count(True) == 1
    assert len(listed) == 2
    page = ada.http.get("/settings").text
    assert "Firefox on Linux" in page
    assert "this device" in page
    assert ada.token not in page


def test_ending_a_device_ends_its_session_and_closes_its_sockets(stack: Stack, ada: Person) -> None:
    http, token = another_browser(stack, ada)
    socket = ada.connect(token=token)
    stays = ada.connect()
    other = next(device["id"] for device in devices(ada) if not device["is_current"])
    assert ada.http.post_json("/backend/e_end_device", {"id": other}).status == 200
    assert http.get("/backend/get_session").status == 401
    assert socket.wait_closed(deadline=7) == 4401
    assert stays.until_pong() == []


def test_ending_all_others_leaves_this_one(stack: Stack, ada: Person) -> None:
    others = [another_browser(stack, ada)[0] for _ in range(2)]
    assert ada.http.post_form("/backend/e_end_device", {"others": "true"}).location == "/settings?done=ended#devices"
    assert [http.get("/backend/get_session").status for http in others] == [401, 401]
    assert ada.http.get("/backend/get_session").status == 200


def test_nobody_ends_the_login_of_another(stack: Stack, ada: Person, eve: Person) -> None:
    of_ada = devices(ada)[0]["id"]
    assert eve.http.post_json("/backend/e_end_device", {"id": of_ada}).status == 404
    assert ada.http.get("/backend/get_session").status == 200


def test_a_wrong_request_to_end_a_device_changes_nothing(stack: Stack, ada: Person) -> None:
    bodies: list[object] = [{}, {"id": None}, {"id": "x"}, {"id": 0}, {"id": True}, {"id": 1, "others": True}, []]
    for body in bodies:
        assert ada.http.post_json("/backend/e_end_device", body).status == 400, body
    assert len(devices(ada)) == 1


def test_a_login_ends_when_it_is_not_used_for_the_days_that_are_set(own_stack: StackMaker) -> None:
    stack = own_stack(SESSION_UNUSED_DAYS="2", SESSION_MAX_DAYS="9")
    ada = People(stack).register("ada")
    socket = ada.connect()
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 49 HOUR")
    assert ada.http.get("/backend/get_session").status == 401
    assert socket.wait_closed(deadline=7) == 4401
    http, _ = another_browser(stack, ada)
    rows = stack.database.query("SELECT TIMESTAMPDIFF(HOUR, created_at, expires_at) AS hours FROM tokens ORDER BY id")
    assert rows[-1]["hours"] == 9 * 24
    assert http.get("/backend/get_session").status == 200
    stack.database.query("UPDATE tokens SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    assert http.get("/backend/get_session").status == 401


def test_a_request_in_flight_does_not_bring_a_logged_out_session_back(stack: Stack, ada: Person) -> None:
    cookies = dict(ada.http.cookies)
    assert ada.http.request("POST", "/logout").status == 302
    stolen = HttpClient(stack.web.url)
    stolen.cookies.update(cookies)
    for path in ("/backend/get_session", "/backend/get_chats", "/backend/get_account"):
        assert stolen.get(path).status == 401
    assert stolen.get("/").location == "/login"


def test_a_user_has_a_hundred_logins_and_the_oldest_unused_one_ends(stack: Stack, ada: Person) -> None:
    for number in range(99):
        stack.database.query(
            "INSERT INTO tokens (user_id, token, expires_at) VALUES (%s, SHA2(%s, 256), NOW(3) + INTERVAL 9 DAY)",
            *(ada.id, str(number)),
        )
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 1 HOUR")
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 3 DAY ORDER BY id LIMIT 1")
    with ThreadPoolExecutor(3) as threads:
        browsers = [http for http, _ in threads.map(lambda _: another_browser(stack, ada), range(3))]
    assert stack.database.query("SELECT COUNT(*) AS n FROM tokens")[0]["n"] == 100
    assert ada.http.get("/backend/get_session").status == 401
    assert [http.get("/backend/get_session").status for http in browsers] == [200] * 3


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox", "Windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
            " Safari/537.36 Edg/142.0.0.0",
            *("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile"
            " Safari/537.36",
            *("Chrome", "Android"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.5 Mobile/15E148 Safari/604.1",
            *("Safari", "iPhone"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
            *("Chrome", "iPhone"),
        ),
        ("python-requests/2.32", "", ""),
    ],
)
def test_two_browsers_are_told_apart(agent: str, browser: str, system: str) -> None:
    described = describe(agent)
    assert (described.browser, described.system) == (browser, system)
    assert described.is_handheld == (system in ("Android", "iPhone"))
