"""Does every wrong request get the contract's error, never a 500, and change nothing?"""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, Person

TABLES = ("users", "tokens", "chats", "messages")
ENDPOINTS = ("/backend/e_login", "/backend/e_login.php", "/backend/e_register", "/backend/e_register.php")
EVERY_TYPE: list[Any] = [None, True, False, 0, 1, -1, 2**70, 1.5, [], [""], ["ada"], {}, {"a": "b"}]


def contents(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored, but for when a login was used."""
    return {
        table: [
            {name: value for name, value in row.items() if name != "last_used_at"}
            for row in stack.database.query(f"SELECT * FROM {table}")
        ]
        for table in TABLES
    }


def raw(stack: Stack, request: bytes) -> bytes:
    """Send bytes as they are; return everything that comes back before the connection ends, however it does."""
    with socket.create_connection(("127.0.0.1", stack.web.port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):  # it closes without reading what is too much
            while part := connection.recv(65536):
                answer += part
    return answer


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_json_type_in_every_field_is_a_bad_request(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, endpoint: str
) -> None:
    before = contents(stack)
    right = {"username": "ada", "password": PASSWORD}
    wrong: list[Any] = [{**right, field: value} for field in right for value in EVERY_TYPE]
    wrong += [{"username": "ada"}, {"password": PASSWORD}, *EVERY_TYPE, "ada", [right]]
    for body in wrong:
        answer = browser_of_nobody.post_json(endpoint, body)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), body
    assert contents(stack) == before
    assert browser_of_nobody.cookies == {}


BROKEN = [
    b"",
    b"{",
    b"\xff\xfe",
    b'{"username":"ada","password":"\xff"}',
    b'{"username":"ada","password":"\\ud800 12345678"}',
    b'{"username":"\\udfff","password":"correct horse battery"}',
    b'{"username":"ada","password":NaN}',
    b'{"username":"ada","password":"correct horse battery"}x',
    b'{"username":"ada","password":"correct horse battery","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    b"[" * 60_000,
    '{"username":"ada","password":"correct horse battery"}'.encode("utf-16"),
    b"username=ada&password=correct+horse+battery",
]


@pytest.mark.parametrize("endpoint", ENDPOINTS[::2])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-16", "application/x+json"])
def test_what_is_not_json_is_a_bad_request(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, endpoint: str, kind: str
) -> None:
    before = contents(stack)
    for body in BROKEN:
        answer = browser_of_nobody.request("POST", endpoint, body, {"Content-Type": kind})
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), body[:80]
    assert contents(stack) == before


@pytest.mark.parametrize(("endpoint", "page"), [(ENDPOINTS[1], "/login"), (ENDPOINTS[2], "/register")])
def test_a_form_that_makes_no_sense_goes_back_to_its_page(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, endpoint: str, page: str
) -> None:
    before = contents(stack)
    urlencoded = "application/x-www-form-urlencoded"
    bodies = [
        (b"", urlencoded),
        (b"username=%ff%fe&password=%ff", urlencoded),
        (b"username=%00&password=%00", urlencoded),
        (b"&&&===&username=&", urlencoded),
        (b"username=" + b"%F0%9F%92%A9" * 900 + b"&password=12345678", urlencoded),
        (b"username=a%0d%0aSet-Cookie:+x=y&password=correct+horse+battery", urlencoded),
        (b"whatever", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=username\r\n\r\nada\r\n", "multipart/form-data; boundary=x"),
        (json.dumps({"username": "ada", "password": PASSWORD}).encode(), "text/plain"),
        (b"x", "nonsense"),
    ]
    for body, kind in bodies if page == "/register" else bodies[::3]:  # a login takes its time, on purpose
        answer = browser_of_nobody.request("POST", endpoint, body, {"Content-Type": kind})
        assert answer.status == 302, body
        assert (answer.location or "").startswith(f"{page}?error="), body
        assert answer.headers["Set-Cookie"] is None
    assert contents(stack) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_64_kib_are_read_and_not_one_byte_more(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, endpoint: str
) -> None:
    before = contents(stack)
    fits = json.dumps({"username": "", "password": ""}).replace('""', '"' + "x" * 32_748 + '"', 1)
    body = fits.ljust(64 * 1024)
    answer = browser_of_nobody.request("POST", endpoint, body, {"Content-Type": "application/json"})
    assert answer.status in (400, 401)
    answer = browser_of_nobody.request("POST", endpoint, body + " ", {"Content-Type": "application/json"})
    assert (answer.status, answer.json()["code"]) == (413, "too_large")
    form = b"username=ada&password=" + b"x" * (64 * 1024)
    answer = browser_of_nobody.request("POST", endpoint, form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 413
    assert answer.headers["Content-Type"].startswith("text/html")
    assert contents(stack) == before


def test_a_body_whose_length_nobody_says_has_the_same_limit(stack: Stack, ada: Person) -> None:
    head = "POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    body = json.dumps({"username": "ada", "password": "wrong password"}).encode()
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    small = raw(stack, head.encode() + chunk + b"0\r\n\r\n")
    assert small.startswith(b"HTTP/1.1 401 ")
    spaces = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    large = raw(stack, head.encode() + spaces * 3 + chunk + b"0\r\n\r\n")
    assert large == b"" or large.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))  # read no further than 64 KiB


@pytest.mark.parametrize("query", ["", "username", "name=ada", "USERNAME=ada"])
def test_a_look_up_without_a_name_is_a_bad_request(browser_of_nobody: HttpClient, query: str) -> None:
    answer = browser_of_nobody.get(f"/backend/check_user_existence?{query}")
    if query == "username":  # there, and empty
        assert (answer.status, answer.json()["code"]) == (200, "no_such_user")
    else:
        assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def test_an_unknown_path_is_404_as_a_page_or_as_json(ada: Person) -> None:
    for path in ("/nothing", "/index.php5", "/static/../config.py", "/static/nothing.css", "/%00", "/%ff", "/login/"):
        answer = ada.http.get(path)
        assert answer.status == 404, path
        assert answer.headers["Content-Type"].startswith("text/html"), path
    for path in ("/backend/nothing", "/backend/", "/backend/e_login.php5", "/backend/GET_CHATS", "/backend/%ff"):
        for method in ("GET", "POST", "DELETE"):
            answer = ada.http.request(method, path)
            assert answer.status == 404, path
            assert (answer.json()["status"], answer.json()["code"]) == ("error", "not_found"), path


def test_an_endpoint_has_one_method(stack: Stack, ada: Person) -> None:
    before = contents(stack)
    wrong = [
        *(("GET", path) for path in ENDPOINTS),
        *(("POST", f"/backend/{name}") for name in ("get_chats", "get_session", "get_messages.php")),
        ("POST", "/backend/check_user_existence"),
        *((method, "/backend/e_login") for method in ("PUT", "PATCH", "DELETE", "TRACE")),
    ]
    for method, path in wrong:
        answer = ada.http.request(method, path)
        assert answer.status == 405, (method, path)
        assert answer.json()["status"] == "error"
        assert answer.headers["Allow"]
    for method, path in (("POST", "/"), ("DELETE", "/login"), ("PUT", "/logout")):
        answer = ada.http.request(method, path)
        assert answer.status == 405
        assert answer.headers["Content-Type"].startswith("text/html")
    assert ada.http.request("OPTIONS", "/backend/get_chats").status == 200
    assert ada.http.request("HEAD", "/backend/get_chats").body == b""
    assert contents(stack) == before


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", "a b", "a/b", "a@b", "a:b", "a:99999999", ":80", "[::1", "::1", "<script>", "a;b", "a'b", 'a"b'),
        *("'unsafe-inline'", "ex\u00e4mple", "x" * 300, "a,b", "a?b", "a#b", "%41", "[::1]x", "[fe80::1%25eth0]"),
    ],
    ids=ascii,
)
def test_a_host_that_is_none_is_400_and_gets_into_no_header(ada: Person, host: str) -> None:
    for path in ("/", "/login", "/backend/get_session", "/nothing"):
        answer = ada.http.get(path, headers={"Host": host})
        assert answer.status == 400, path
        policy = answer.headers["Content-Security-Policy"]
        assert policy is None or not host.strip() or host not in policy
        assert answer.headers["Set-Cookie"] is None


def test_a_request_without_host_is_400(stack: Stack) -> None:
    for version in ("1.0", "1.1"):
        assert b" 400 " in raw(stack, f"GET /login HTTP/{version}\r\n\r\n".encode())[:20]


def test_bytes_that_are_no_http_disturb_nobody(stack: Stack, browser_of_nobody: HttpClient) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /backend/e_login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ):
        status = b""
        with contextlib.suppress(BrokenPipeError):  # it hung up before it had read all of it
            status = raw(stack, nonsense)[:13]
        assert not status.startswith((b"HTTP/1.1 2", b"HTTP/1.1 500", b"HTTP/1.1 503")), nonsense[:60]
        assert browser_of_nobody.get("/login").status == 200
