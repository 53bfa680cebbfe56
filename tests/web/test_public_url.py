"""PUBLIC_URL says where people find ChatApp: https turns on what only https can have."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus

from stack import Stack, StartFailed
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People
from tests.support.socket import Socket

HOST = {"Host": "chat.example"}


@pytest.fixture
def public(own_web: StackMaker) -> Stack:
    return own_web(PUBLIC_URL="https://chat.example")


def test_https_turns_on_the_host_cookie_and_hsts_on_every_answer(public: Stack) -> None:
    People(public).register("ada")
    browser = HttpClient(public.web.url)
    body = {"username": "ada", "password": PASSWORD}
    answer = browser.post_json("/backend/e_login", body, HOST)
    cookies = answer.headers.get_all("Set-Cookie", [])
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-device"}
    for cookie in cookies:
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert attribute in cookie
        assert "Domain" not in cookie
    session = browser.get("/backend/get_session", headers=HOST)
    assert session.json()["ws_url"] == "wss://chat.example/ws"
    for path in ("/login", "/nothing", "/static/img/favicon.svg", "/healthz", "/backend/get_chats"):
        headers = browser.get(path, headers=HOST).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "connect-src 'self' wss://chat.example;" in headers["Content-Security-Policy"]


def test_the_application_knows_that_the_tls_ends_in_front_of_it(public: Stack) -> None:
    answer = HttpClient(public.web.url).post_form("/language", {"language": "it"}, HOST)
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_another_name_that_leads_here_gets_nothing(public: Stack) -> None:
    browser = HttpClient(public.web.url)
    for host in ("evil.example", "chat.example:8000", "localhost", "chat.example.evil"):
        assert browser.get("/login", headers={"Host": host}).status == 400
    assert browser.get("/login", headers=HOST).status == 200
    assert browser.get("/healthz").status == 200


def test_another_name_is_told_the_right_one(public: Stack) -> None:
    browser = HttpClient(public.web.url)
    page = browser.get("/login", headers={"Host": "localhost", "Accept-Language": "it"}).text
    assert '<a href="https://chat.example">https://chat.example</a>' in page
    assert "un altro indirizzo" in page
    answer = browser.get("/backend/get_session", headers={"Host": "localhost"})
    assert (answer.status, answer.json()["code"]) == (400, "wrong_address")


def test_only_its_own_pages_may_post_and_connect(own_stack: StackMaker) -> None:
    public = own_stack(PUBLIC_URL="https://chat.example")
    browser = HttpClient(public.web.url)
    body = {"username": "eve", "password": PASSWORD}
    for origin, status in (("https://chat.example", 201), ("http://chat.example", 403), ("https://evil.example", 403)):
        assert browser.post_json("/backend/e_register", body, {**HOST, "Origin": origin}).status == status
    for origin in ("http://127.0.0.1", "https://evil.example", "null", "http://chat.example"):
        with pytest.raises(InvalidStatus) as refused:
            Socket(public.ws_server.url, {"Origin": origin})
        assert refused.value.response.status_code == 403
    with Socket(public.ws_server.url, {"Origin": "https://chat.example"}) as socket:
        socket.send("ping")
        assert socket.expect("error")["code"] == "not_authenticated"


def test_without_it_plain_http_has_no_promises_that_only_https_can_keep(
    stack: Stack, browser_of_nobody: HttpClient
) -> None:
    headers = browser_of_nobody.get("/login").headers
    assert headers["Strict-Transport-Security"] is None


def test_connections_behind_a_proxy_are_counted_by_the_address_that_it_names(own_stack: StackMaker) -> None:
    stack = own_stack(WS_MAX_PER_ADDRESS="2", TRUSTED_PROXIES="127.0.0.0/8")
    open_ones = [Socket(stack.ws_server.url, {"X-Forwarded-For": "1.2.3.4, 203.0.113.5"}) for _ in range(2)]
    with pytest.raises(InvalidStatus) as refused:
        Socket(stack.ws_server.url, {"X-Forwarded-For": "9.9.9.9, 203.0.113.5"})
    assert refused.value.response.status_code == 503
    open_ones.append(Socket(stack.ws_server.url, {"X-Forwarded-For": "203.0.113.6"}))
    for socket in open_ones:
        socket.close()


def test_a_wrong_setting_stops_the_service_and_is_named(stack: Stack) -> None:
    for setting, value in (("PUBLIC_URL", "chat.example"), ("TRUSTED_PROXIES", "caddy"), ("REGISTRATION", "maybe")):
        broken = Stack(stack.folder / setting, database=stack.database, environment={setting: value})
        with pytest.raises(StartFailed):
            broken.web.start()
        assert setting in broken.web.log.read_text()
        assert "Traceback" not in broken.web.log.read_text()
