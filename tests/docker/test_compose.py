"""Does `docker compose up` give people a chat that they can rely on?"""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from tests.support.compose import SERVICES, Compose, docker, inspect, logs
from tests.support.http import HttpClient
from tests.support.socket import Socket

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PASSWORD = "correct horse battery"
MEMORY_USED = "/sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes"  # cgroups 2, or 1
numbers = itertools.count(1)


class Visitor:
    """Somebody new who comes through the published ports only."""

    def __init__(self, compose: Compose, name: str) -> None:
        self.compose = compose
        self.name = f"{name}{next(numbers)}"
        self.http = HttpClient(f"http://127.0.0.1:{compose.web_port}")
        answer = self.http.post_json("/backend/e_register", {"username": self.name, "password": PASSWORD})
        assert answer.status == 201, answer.text
        self.id = answer.json()["user_id"]
        self.log_in()

    def log_in(self) -> None:
        answer = self.http.post_json("/backend/e_login", {"username": self.name, "password": PASSWORD})
        assert answer.status == 200, answer.text

    def session(self) -> dict[str, Any]:
        """What get_session tells the page; fails where nobody is logged in."""
        answer = self.http.get("/backend/get_session")
        assert answer.status == 200, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def connect(self) -> Socket:
        """Open the WebSocket where the page would, with the login's token."""
        session = self.session()
        socket = Socket(session["ws_url"])
        socket.send("auth", user_id=session["user_id"], token=session["token"])
        assert socket.expect("auth")["status"] == "success"
        return socket

    def texts(self) -> list[str]:
        """All messages of all chats, as get_chats shows them."""
        chats = self.http.get("/backend/get_chats").json()
        return [message["content"] for chat in chats for message in chat["messages"]]


def talk(ada: Visitor, bob: Visitor, text: str) -> None:
    """Ada starts a chat with Bob and writes; Bob receives it live."""
    with ada.connect() as adas, bob.connect() as bobs:
        adas.send("add_chat", username=bob.name)
        chat_id = adas.expect("chat_added")["chat"]["id"]
        assert bobs.expect("chat_added")["chat"]["id"] == chat_id
        adas.send("send_message", chat_id=chat_id, message=text)
        assert adas.expect("message_sent")["seq"] == 1
        assert bobs.expect("message")["message"] == text


@pytest.fixture
def ada(compose: Compose) -> Visitor:
    return Visitor(compose, "ada")


@pytest.fixture
def bob(compose: Compose) -> Visitor:
    return Visitor(compose, "bob")


def test_two_people_register_log_in_and_talk(ada: Visitor, bob: Visitor) -> None:
    talk(ada, bob, "hello, Bob — здравствуй 👋")
    assert ada.texts() == bob.texts() == ["hello, Bob — здравствуй 👋"]


def test_nobody_runs_as_root(compose: Compose) -> None:
    users = {service: compose.inside(service, "id", "-u") for service in SERVICES}
    assert "0" not in users.values()
    assert users["web"] == users["ws-server"]  # they share volumes
    for service in SERVICES:
        assert inspect(compose.container(service))["HostConfig"]["Privileged"] is False
        status = compose.inside(service, "cat", "/proc/1/status").splitlines()
        assert next(line.split()[1] for line in status if line.startswith("Uid:")) != "0"
        assert next(line.split()[1] for line in status if line.startswith("CapEff:")) == "0" * 16
        assert next(line.split()[1] for line in status if line.startswith("NoNewPrivs:")) == "1"


def test_the_database_is_published_on_this_machine_only(compose: Compose) -> None:
    bindings = inspect(compose.container("db"))["NetworkSettings"]["Ports"]
    addresses = {binding["HostIp"] for published in bindings.values() for binding in published or ()}
    assert addresses == {"127.0.0.1"}


def test_the_containers_show_the_time_of_rome(compose: Compose) -> None:
    for service in SERVICES:
        assert compose.inside(service, "date", "+%Z") in ("CET", "CEST")


def test_each_container_has_a_bound_on_its_memory_and_room_below_it(compose: Compose, ada: Visitor) -> None:
    """`ada` has logged in: MySQL and web have done what they do."""
    with ada.connect():
        for service in SERVICES:
            bound = inspect(compose.container(service))["HostConfig"]["Memory"]
            assert 0 < bound < 4 * 2**30, service
            used = int(compose.inside(service, "bash", "-c", f"cat {MEMORY_USED} 2>/dev/null | head -n 1"))
            assert used < 0.6 * bound, service


def test_the_log_begins_with_the_address_to_open(compose: Compose) -> None:
    compose.run("up", "--detach", "--no-build", "--force-recreate", "web")
    compose.up()
    assert logs(compose.container("web")).splitlines()[0].endswith(f"open http://localhost:{compose.web_port}")


def test_messages_are_stored_in_utc(compose: Compose, ada: Visitor, bob: Visitor) -> None:
    talk(ada, bob, "what time is it?")
    sent_at = ada.http.get("/backend/get_chats").json()[0]["messages"][0]["sent_at"]
    now = time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    a_minute_ago = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 60))
    assert sent_at[:16] in (now, a_minute_ago)


def test_login_works_after_mysql_was_restarted(compose: Compose, ada: Visitor, bob: Visitor) -> None:
    """A new MySQL remembers no password it has seen: the first login takes the long way of its login method."""
    compose.run("restart", "db")
    compose.up()
    ada.log_in()
    talk(ada, bob, "after the restart")
    assert bob.texts() == ["after the restart"]


def test_nobody_is_healthy_while_the_database_is_away(compose: Compose, ada: Visitor) -> None:
    compose.run("stop", "db")
    assert ada.http.get("/healthz").status == 503
    assert HttpClient(f"http://127.0.0.1:{compose.ws_port}").get("/healthz").status == 503
    compose.run("start", "db")
    compose.up()
    assert ada.http.get("/healthz").status == 200


def test_data_and_logins_survive_a_restart_of_everything(compose: Compose, ada: Visitor, bob: Visitor) -> None:
    talk(ada, bob, "still here?")
    compose.run("restart")
    compose.up()
    assert ada.session()["username"] == ada.name
    assert bob.texts() == ["still here?"]


def test_data_and_logins_survive_down_and_up(compose: Compose, ada: Visitor, bob: Visitor) -> None:
    talk(ada, bob, "and now?")
    compose.down()
    compose.up()
    assert ada.session()["username"] == ada.name
    assert bob.texts() == ["and now?"]


@pytest.mark.parametrize("service", SERVICES)
def test_sigterm_ends_each_container_cleanly_before_docker_kills_it(compose: Compose, service: str) -> None:
    with Visitor(compose, "ada").connect():  # somebody is there
        compose.run("stop", service)
    assert inspect(compose.container(service))["State"]["ExitCode"] == 0


def test_the_images_carry_what_they_need_and_no_more(compose: Compose) -> None:
    for service, package in (("web", "chat_web"), ("ws-server", "chat_ws")):
        files = set(compose.inside(service, "ls", "-A", "/app").split()) - {"__pycache__"}
        assert files <= {"chat_db", package, "requirements.txt", "gunicorn.conf.py"}
        assert f"{package}" in files
    for service in SERVICES:
        environment = inspect(compose.container(service))["Config"]["Env"]
        assert not [line for line in environment if "PASSWORD" in line and "=" in line]


def test_down_with_volumes_leaves_nothing(compose: Compose) -> None:
    mine = f"label=com.docker.compose.project={compose.project}"
    anonymous = set(docker("volume", "ls", "--quiet", "--filter", "dangling=true").split())
    assert docker("ps", "--all", "--quiet", "--filter", mine)
    compose.down("--volumes")
    assert docker("ps", "--all", "--quiet", "--filter", mine) == ""
    assert docker("volume", "ls", "--quiet", "--filter", mine) == ""
    assert docker("network", "ls", "--quiet", "--filter", mine) == ""
    assert set(docker("volume", "ls", "--quiet", "--filter", "dangling=true").split()) <= anonymous
