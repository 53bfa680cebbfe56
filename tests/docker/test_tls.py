"""Does deploy/tls.yml put one door in front of ChatApp, with TLS, and nothing beside it?"""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from stack import free_port
from tests.support.compose import BUILD, PROJECT, SERVICES, Compose, docker, inspect, logs, wait_for_health
from tests.support.http import HttpClient
from tests.support.socket import Socket
from tests.support.tls import connect_tls
from tests.support.tus import PIECE, TUS, UPLOADS, metadata

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

OFFICIAL = "caddy:2"
PASSWORD = "correct horse battery"
LOOKUPS = 3  # a minute, of one address
numbers = itertools.count(1)


def is_official_at_hand() -> bool:
    if subprocess.run(["docker", "image", "inspect", OFFICIAL], capture_output=True, check=False).returncode == 0:
        return True
    try:
        return (
            subprocess.run(["docker", "pull", OFFICIAL], capture_output=True, timeout=60, check=False).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False


@pytest.fixture(scope="module")
def caddy_image() -> Iterator[str]:
    """The image that Caddy comes from: the official one, or one of Debian's package."""
    if is_official_at_hand():
        yield OFFICIAL
        return
    image = f"{PROJECT}-debian-caddy"
    docker("build", "--tag", image, str(Path(__file__).with_name("caddy")), deadline=BUILD)
    yield image
    docker("rmi", "--force", image)


class Door(Compose):
    """ChatApp with Caddy in front, on ports and a network of its own."""

    def __init__(self, image: str) -> None:
        self.https_port, self.http_port = free_port(), free_port()
        self.network = f"10.{214 + os.getpid() // 256 % 40}.{os.getpid() % 256}"
        super().__init__(
            "deploy/tls.yml",
            project=f"{PROJECT}-tls",
            CADDY_IMAGE=image,
            PROXY_NETWORK=self.network,
            HTTP_PORT=str(self.http_port),
            HTTPS_PORT=str(self.https_port),
            LIMIT_LOOKUPS=f"{LOOKUPS}/minute",
        )
        self.origin = f"https://localhost:{self.https_port}"

    def authority(self) -> str:
        """The certificate of Caddy's own authority, as somebody would install it in a browser."""
        return self.inside("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt")

    def trust(self) -> ssl.SSLContext:
        """Believe this authority and no other."""
        return ssl.create_default_context(cadata=self.authority())

    def browser(self) -> HttpClient:
        return HttpClient(self.origin, self.trust())

    def socket(self, url: str, origin: str | None = None) -> Socket:
        tunnel = connect_tls("localhost", self.https_port, self.trust())
        return Socket(
            url.replace("wss://", "ws://", 1), {"Origin": origin} if origin else None, sock=tunnel, proxy=None
        )


@pytest.fixture(scope="module")
def door(caddy_image: str) -> Iterator[Door]:
    door = Door(caddy_image)
    try:
        door.build()
        door.up()
        yield door
    finally:
        door.down("--volumes", "--timeout", "5")
        door.remove_images()


class Visitor:
    """Somebody new who comes through the door as a browser does."""

    def __init__(self, door: Door, name: str) -> None:
        self.door = door
        self.name = f"{name}{next(numbers)}"
        self.http = door.browser()
        person = {"username": self.name, "password": PASSWORD}
        own = {"Origin": door.origin, "Sec-Fetch-Site": "same-origin"}
        assert self.http.post_json("/backend/e_register", person, own).status == 201
        self.login = self.http.post_json("/backend/e_login", person, own)
        assert self.login.status == 200, self.login.text

    def session(self) -> dict[str, Any]:
        session: dict[str, Any] = self.http.get("/backend/get_session").json()
        return session

    def connect(self) -> Socket:
        session = self.session()
        connection = self.door.socket(session["ws_url"], self.door.origin)
        connection.send("auth", user_id=session["user_id"], token=session["token"])
        assert connection.expect("auth")["status"] == "success"
        return connection


# What passes


def test_a_login_over_https_has_a_cookie_that_only_https_can_have(door: Door) -> None:
    ada = Visitor(door, "ada")
    cookies = ada.login.headers.get_all("Set-Cookie", [])
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-device"}
    for cookie in cookies:
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert attribute in cookie
    assert ada.session()["username"] == ada.name


def test_two_people_talk_over_one_origin(door: Door) -> None:
    ada, bob = Visitor(door, "ada"), Visitor(door, "bob")
    assert ada.session()["ws_url"] == f"wss://localhost:{door.https_port}/ws"
    with ada.connect() as adas, bob.connect() as bobs:
        adas.send("add_chat", username=bob.name)
        chat_id = adas.expect("chat_added")["chat"]["id"]
        bobs.expect("chat_added")
        adas.send("send_message", chat_id=chat_id, message="over TLS 👋")
        adas.expect("message_sent")
        assert bobs.expect("message")["message"] == "over TLS 👋"


def test_the_headers_are_webs_once_each_and_name_no_program(door: Door) -> None:
    browser = door.browser()
    for path in ("/login", "/nothing", "/static/img/favicon.svg", "/healthz", "/backend/get_chats"):
        headers = browser.get(path).headers
        names = [name.lower() for name in headers]
        assert sorted(names) == sorted(set(names))
        assert not {"server", "via", "x-powered-by", "alt-svc"} & set(names)
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        policy = headers["Content-Security-Policy"].split("; ")
        assert f"connect-src 'self' wss://localhost:{door.https_port}" in policy


def test_plain_http_is_led_to_https_and_gets_nothing_else(door: Door) -> None:
    plain = HttpClient(f"http://localhost:{door.http_port}")
    for method, path in (("GET", "/login?registered=1"), ("POST", "/backend/e_login"), ("GET", "/ws")):
        answer = plain.request(method, path, headers={"Host": "evil.example"})
        assert (answer.status, answer.location) == (308, door.origin + path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] is None
        assert answer.body == b""


# What does not


def test_nothing_but_caddy_is_published(door: Door) -> None:
    for service in SERVICES:
        published = inspect(door.container(service))["NetworkSettings"]["Ports"]
        assert not any(published.values()), service
    published = inspect(door.container("caddy"))["NetworkSettings"]["Ports"]
    ports = {inside: {binding["HostPort"] for binding in outside} for inside, outside in published.items() if outside}
    assert ports == {"80/tcp": {str(door.http_port)}, "443/tcp": {str(door.https_port)}}


def test_a_page_of_another_origin_cannot_connect_and_its_visitors_address_is_logged(door: Door) -> None:
    ws_url = f"wss://localhost:{door.https_port}/ws"
    for origin in ("https://evil.example", "https://localhost", f"http://localhost:{door.https_port}", "null"):
        with pytest.raises(InvalidStatus) as refused:
            door.socket(ws_url, origin)
        assert refused.value.response.status_code == 403
        assert refused.value.response.headers["Strict-Transport-Security"] == "max-age=31536000"
    lines = [line for line in logs(door.container("ws-server")).splitlines() if "refused_origin" in line]
    assert len(lines) == 4
    assert not [line for line in lines if f"{door.network}.2" in line]
    answer = door.browser().post_json("/backend/e_login", {}, {"Origin": "https://evil.example"})
    assert answer.status == 403


def test_another_name_gets_nothing(door: Door) -> None:
    answer = door.browser().get("/login", headers={"Host": "evil.example"})
    assert answer.status == 421
    assert "ChatApp" not in answer.text
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", door.https_port), 5) as raw:
        door.trust().wrap_socket(raw, server_hostname="evil.example")


LOOK_UP = """
import socket, ssl, sys
tls = ssl.create_default_context(cadata=sys.argv[1])
for number in range(int(sys.argv[3])):
    with tls.wrap_socket(socket.create_connection(("caddy", 443), 5), server_hostname="localhost") as s:
        lines = [
            "GET /backend/check_user_existence?username=nobody HTTP/1.1", "Host: " + sys.argv[2],
            "Connection: close", f"X-Forwarded-For: 203.0.113.{number}", "Forwarded: for=203.0.113.99",
        ]
        s.sendall(("\\r\\n".join(lines) + "\\r\\n\\r\\n").encode())
        print(s.recv(4096).split()[1].decode())
"""


def look_up_from_elsewhere(door: Door, times: int) -> list[int]:
    """Ask from a new container, which has an address of its own and claims another one in each request."""
    network, image = f"{door.project}_proxied", f"{door.project}-web"
    script = ("python", "-c", LOOK_UP, door.authority(), f"localhost:{door.https_port}", str(times))
    return [int(word) for word in docker("run", "--rm", "--network", network, image, *script).split()]


def test_each_clients_own_address_is_counted_whatever_it_claims(door: Door) -> None:
    assert look_up_from_elsewhere(door, LOOKUPS + 2) == [200] * LOOKUPS + [429] * 2
    # This machine's own clients arrive as the network's gateway, which may be many people: a wider limit.
    browser = door.browser()
    for _ in range(LOOKUPS + 2):
        assert browser.get("/backend/check_user_existence", {"username": "nobody"}).status == 200


def test_a_body_beyond_any_request_is_refused(door: Door) -> None:
    browser = door.browser()
    answer = browser.post_json("/backend/e_login", {"username": "x" * 100_000, "password": PASSWORD})
    assert (answer.status, answer.json()["code"]) == (413, "too_large")


def test_a_piece_of_a_file_may_be_larger(door: Door) -> None:
    ada, bob = Visitor(door, "ada"), Visitor(door, "bob")
    with ada.connect() as adas:
        adas.send("add_chat", username=bob.name)
        chat_id = adas.expect("chat_added")["chat"]["id"]
    said = {"Upload-Length": "1000000", "Upload-Metadata": metadata(name="a", chat_id=chat_id, client_id="a")}
    begun = ada.http.request("POST", UPLOADS, None, {**TUS, **said})
    assert begun.status == 201, begun.text
    sent = ada.http.request("PATCH", str(begun.location), bytes(1_000_000), {**PIECE, "Upload-Offset": "0"})
    assert (sent.status, sent.headers["Upload-Offset"]) == (204, "1000000"), sent.text


def test_half_sent_requests_end_and_disturb_nobody(door: Door) -> None:
    trust, closed = door.trust(), []

    def drip() -> None:
        with (
            socket.create_connection(("127.0.0.1", door.https_port), 20) as raw,
            trust.wrap_socket(raw, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            closed.append(connection.recv(1000).partition(b"\r\n")[0])

    drippers = [threading.Thread(target=drip) for _ in range(50)]
    for dripper in drippers:
        dripper.start()
    while any(dripper.is_alive() for dripper in drippers):  # each waits 20 s at most
        assert door.browser().get("/login").status == 200
        time.sleep(0.5)
    assert len(closed) == 50
    assert set(closed) <= {b"", b"HTTP/1.1 408 Request Timeout", b"HTTP/1.1 400 Bad Request"}


# What happens when something ends


def test_close_codes_pass(door: Door) -> None:
    stranger = door.socket(f"wss://localhost:{door.https_port}/ws", door.origin)
    stranger.send("auth", user_id=1, token="0" * 43)
    assert stranger.wait_closed() == 4401
    ada = Visitor(door, "ada")
    with ada.connect() as connection:
        door.run("restart", "ws-server")
        assert connection.wait_closed() == 1012
    wait_for_health(door.container("ws-server"))
    ada.connect().close()


def test_while_web_is_away_the_door_says_so_kindly(door: Door) -> None:
    door.run("stop", "web")
    try:
        answer = door.browser().get("/backend/get_session")
        assert (answer.status, answer.json()["code"]) == (503, "unavailable")
        page = door.browser().get("/reset?token=one-time-secret")
        assert page.status == 503
        for headers in (answer.headers, page.headers):
            assert headers["Retry-After"]
            assert headers["Strict-Transport-Security"] == "max-age=31536000"
            assert headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert headers["Server"] is None
    finally:
        door.up()
    assert "one-time-secret" not in logs(door.container("caddy"))


def test_the_door_ends_by_itself_and_keeps_its_authority(door: Door) -> None:
    authority = door.authority()
    half_sent = f"POST /backend/e_login HTTP/1.1\r\nHost: localhost:{door.https_port}\r\nContent-Length: 9\r\n\r\n"
    with (
        Visitor(door, "ada").connect() as connection,
        connect_tls("localhost", door.https_port, door.trust()) as unfinished,
    ):
        unfinished.sendall(half_sent.encode())
        door.run("stop", "caddy")
        # 1002: Caddy writes its close frame wherever it is, also into a frame that it is handing on.
        assert connection.wait_closed() in (1001, 1002, 1006)
    assert inspect(door.container("caddy"))["State"]["ExitCode"] == 0, "Docker had to kill it"
    door.run("rm", "--force", "caddy")
    door.up()
    assert door.authority() == authority


def test_caddy_has_no_more_rights_than_it_needs(door: Door) -> None:
    status = dict(line.split(":\t") for line in door.inside("caddy", "cat", "/proc/1/status").splitlines())
    assert "0" not in status["Uid"].split()
    assert status["CapEff"] == "0" * 16
    assert status["NoNewPrivs"] == "1"
    assert inspect(door.container("caddy"))["HostConfig"]["ReadonlyRootfs"] is True
    assert 0 < inspect(door.container("caddy"))["HostConfig"]["Memory"] <= 2**30
    assert door.inside("caddy", "stat", "--format=%a", "/data/caddy/pki/authorities/local/root.key") == "600"


@pytest.mark.parametrize(
    "public_url", ["http://chat.example", "chat.example", "https://", "https://a b", "https://{x}"]
)
def test_an_address_that_is_none_stops_the_door_and_is_named(door: Door, public_url: str) -> None:
    image = f"{door.project}-caddy"
    with pytest.raises(AssertionError, match="PUBLIC_URL must look like"):
        docker("run", "--rm", "--env", f"PUBLIC_URL={public_url}", image)
