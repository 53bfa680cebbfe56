"""What is a session, when does it begin, and what ends with it?"""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, People, Person

A_DAY = 24 * 60 * 60


def log_in(http: HttpClient, name: str = "ada") -> Answer:
    answer = http.post_json("/backend/e_login", {"username": name, "password": PASSWORD})
    assert answer.status == 200
    return answer


def session_cookie(answer: Answer, name: str = "session") -> Morsel[str]:
    cookies: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        cookies.load(line)
    return cookies[name]


def who(http: HttpClient) -> int | None:
    answer = http.get("/backend/get_session")
    return answer.json().get("user_id") if answer.status == 200 else None


def test_get_session_says_who_one_is_and_where_the_socket_is(stack: Stack, ada: Person) -> None:
    for path in ("/backend/get_session", "/backend/get_session.php"):
        answer = ada.http.get(path)
        assert answer.json() == {
            "user_id": ada.id,
            "username": "ada",
            "token": ada.token,
            "ws_url": f"ws://127.0.0.1:{stack.ws_server.port}/",
        }
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"
    elsewhere = ada.http.get("/backend/get_session", headers={"Host": "192.168.1.5:8000"})
    assert elsewhere.json()["ws_url"] == f"ws://192.168.1.5:{stack.ws_server.port}/"
    ipv6 = ada.http.get("/backend/get_session", headers={"Host": "[::1]"})
    assert ipv6.json()["ws_url"] == f"ws://[::1]:{stack.ws_server.port}/"


def test_without_a_session_there_is_401_and_the_chat_leads_to_the_login(browser_of_nobody: HttpClient) -> None:
    for endpoint in ("get_session", "get_chats", "get_messages"):
        for path in (f"/backend/{endpoint}", f"/backend/{endpoint}.php"):
            answer = browser_of_nobody.get(path, {"chat_id": 1})
            assert answer.status == 401
            assert (answer.json()["status"], answer.json()["code"]) == ("error", "not_logged_in")
    for path in ("/", "/index.php"):
        answer = browser_of_nobody.get(path)
        assert (answer.status, answer.location) == (302, "/login")


def test_a_visit_without_login_sets_no_cookie_and_stores_no_session(
    stack: Stack, browser_of_nobody: HttpClient
) -> None:
    before = len(list((stack.web.folder / "sessions").iterdir()))
    for path in ("/", "/login", "/register", "/logout", "/nothing", "/backend/get_session", "/healthz"):
        assert browser_of_nobody.get(path).headers["Set-Cookie"] is None, path
    wrong = browser_of_nobody.post_json("/backend/e_login", {"username": "ada", "password": "wrong password"})
    assert wrong.headers["Set-Cookie"] is None
    assert browser_of_nobody.post_form("/logout").status == 302
    assert browser_of_nobody.cookies == {}
    assert len(list((stack.web.folder / "sessions").iterdir())) == before


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    answer = log_in(browser_of_nobody)
    cookie = session_cookie(answer)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert not cookie["secure"]  # http on a LAN
    lifetime = parsedate_to_datetime(cookie["expires"]) - parsedate_to_datetime(answer.headers["Date"])
    assert 364 * A_DAY < lifetime.total_seconds() <= 365 * A_DAY
    assert len(cookie.value) >= 43  # 256 bits
    folder = stack.web.folder / "sessions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_sessions_id_changes_at_login(ada: Person, people: People, browser_of_nobody: HttpClient) -> None:
    bob = people.register("bob")
    browser_of_nobody.cookies["session"] = "chosen-by-somebody-else"
    first = log_in(browser_of_nobody)
    old = HttpClient(f"http://{browser_of_nobody.host}:{browser_of_nobody.port}")
    old.cookies = dict(browser_of_nobody.cookies)
    assert session_cookie(first).value != "chosen-by-somebody-else"
    assert who(old) == ada.id

    second = log_in(browser_of_nobody, "bob")
    assert session_cookie(second).value != session_cookie(first).value
    assert who(browser_of_nobody) == bob.id
    assert who(old) is None
    thief = HttpClient(f"http://{browser_of_nobody.host}:{browser_of_nobody.port}")
    thief.cookies["session"] = "chosen-by-somebody-else"
    assert who(thief) is None


@pytest.mark.parametrize("cookie", ["", "x", "../../etc/passwd", "%00", "a" * 4_000, "🍪", '"', "session:x"], ids=ascii)
def test_a_cookie_that_names_no_session_is_nobody(ada: Person, browser_of_nobody: HttpClient, cookie: str) -> None:
    answer = browser_of_nobody.get(
        "/backend/get_session", headers={"Cookie": f"session={cookie}".encode().decode("latin-1")}
    )
    assert answer.status == 401


def test_two_logins_live_beside_each_other_and_end_alone(stack: Stack, ada: Person) -> None:
    phone = HttpClient(stack.web.url)
    token = log_in(phone).json()["token"]
    assert token != ada.token
    assert who(phone) == who(ada.http) == ada.id
    ada.http.post_form("/logout")
    assert who(ada.http) is None
    assert who(phone) == ada.id
    assert len(stack.database.query("SELECT id FROM tokens")) == 1


@pytest.mark.parametrize("path", ["/logout", "/logout.php"])
def test_logging_out_ends_session_and_token(stack: Stack, ada: Person, path: str) -> None:
    kept = dict(ada.http.cookies)
    answer = ada.http.post_form(path)
    assert (answer.status, answer.location) == (302, "/login")
    assert ada.http.cookies == {}
    ada.http.cookies = kept
    assert who(ada.http) is None
    assert stack.database.query("SELECT id FROM tokens") == []
    assert ada.http.post_form(path).status == 302  # a second time does no harm


def test_only_a_post_logs_out(ada: Person) -> None:
    for path in ("/logout", "/logout.php"):
        page = ada.http.get(path)
        assert page.status == 200
        assert "<form" in page.text
    assert who(ada.http) == ada.id


def test_a_request_in_flight_does_not_bring_a_session_back(stack: Stack, ada: Person) -> None:
    kept = dict(ada.http.cookies)
    in_flight = HttpClient(stack.web.url)
    in_flight.cookies = dict(kept)
    with ThreadPoolExecutor(1) as threads, contextlib.closing(stack.database.connect()) as root:
        with root.cursor() as cursor:
            cursor.execute("LOCK TABLES users WRITE")
            waiting = threads.submit(in_flight.get, "/backend/get_session")
            waits = "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'"
            while not stack.database.query(waits):
                assert not waiting.done()
            assert ada.http.post_form("/logout").status == 302
            cursor.execute("UNLOCK TABLES")
        answer = waiting.result()
    assert answer.headers["Set-Cookie"] is None
    late = HttpClient(stack.web.url)
    late.cookies = dict(kept)
    assert who(late) is None


def test_a_login_whose_row_is_gone_is_over(stack: Stack, ada: Person) -> None:
    stack.database.query("DELETE FROM tokens")
    assert who(ada.http) is None
    assert ada.http.get("/").location == "/login"
    log_in(ada.http)
    assert who(ada.http) == ada.id


def test_a_login_lasts_a_year_but_only_30_days_unused(stack: Stack, ada: Person) -> None:
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 29 DAY")
    assert who(ada.http) == ada.id  # which counts as use
    used = stack.database.query("SELECT TIMESTAMPDIFF(SECOND, last_used_at, NOW(3)) AS ago FROM tokens")
    assert used[0]["ago"] < 60
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3) - INTERVAL 31 DAY")
    assert who(ada.http) is None
    stack.database.query("UPDATE tokens SET last_used_at = NOW(3), expires_at = NOW(3) - INTERVAL 1 SECOND")
    assert who(ada.http) is None


def test_with_a_public_https_address_the_cookie_is_bound_to_it(own_web: Callable[..., Stack]) -> None:
    stack = own_web(PUBLIC_URL="https://chat.example")
    People(stack).register("ada")
    http = HttpClient(stack.web.url)
    host = {"Host": "chat.example"}
    login = {"username": "ada", "password": PASSWORD}
    answer = http.post_json("/backend/e_login", login, {**host, "Origin": "https://chat.example"})
    assert answer.status == 200
    cookie = session_cookie(answer, "__Host-session")
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "connect-src 'self' wss://chat.example;" in answer.headers["Content-Security-Policy"]
    session = http.get("/backend/get_session", headers=host).json()
    assert session["ws_url"] == "wss://chat.example/ws"
    for foreign in ("http://chat.example", "https://evil.example", "null", stack.web.url):
        refused = http.post_form("/logout", headers={**host, "Origin": foreign})
        assert refused.status == 403, foreign
    assert http.get("/backend/get_session", headers=host).json() == session


def test_a_login_that_cannot_be_stored_says_so_and_leaves_nothing(own_web: StackMaker) -> None:
    """It looked like a success, and the chat page led back to the login without a word."""
    stack = own_web()
    People(stack).register("ada")
    sessions = stack.web.folder / "sessions"
    shutil.rmtree(sessions)
    sessions.write_text("no room for a folder")
    stack.database.query("DELETE FROM tokens")
    browser = HttpClient(stack.web.url)
    fields = {"username": "ada", "password": PASSWORD}
    answer = browser.post_json("/backend/e_login", fields)
    assert (answer.status, answer.json()["code"]) == (503, "storage_full")
    assert browser.post_form("/backend/e_login", fields).location == "/login?error=storage_full&username=ada"
    assert "no space left to keep you logged in" in browser.get("/login", {"error": "storage_full"}).text
    assert browser.cookies == {}
    assert stack.database.query("SELECT id FROM tokens") == []
    assert "event=session_not_stored" in stack.web.log.read_text()

    sessions.unlink()
    sessions.mkdir(mode=0o700)
    log_in(browser)
    assert who(browser) is not None
