"""Does script/server run ChatApp on a machine without Docker, and leave nothing behind?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import ROOT, free_port
from tests.support.http import HttpClient

pytestmark = pytest.mark.timeout(360)  # seconds: the first test waits for the virtual environment
READY = 20  # seconds
Starter = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module", autouse=True)
def environment_is_set_up() -> None:
    """Its first start on a machine makes the virtual environment; that is not what is measured here."""
    subprocess.run(
        ["bash", "-c", ". script/setup.bash && make_venv venv web/requirements.txt ws-server/requirements.txt"],
        cwd=ROOT,
        check=True,
        timeout=300,
    )


@pytest.fixture
def ports() -> dict[str, str]:
    return {"WEB_PORT": str(free_port()), "WS_PORT": str(free_port())}


@pytest.fixture
def start(tmp_path: Path, ports: dict[str, str]) -> Iterator[Starter]:
    """Start script/server on a data folder of this test; ended after it."""
    started: list[subprocess.Popen[str]] = []

    def start(**settings: str) -> subprocess.Popen[str]:
        server = subprocess.Popen(
            [ROOT / "script" / "server", tmp_path / "data"],
            env={**os.environ, **ports, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.terminate()
        server.communicate(timeout=READY)


def first_line(server: subprocess.Popen[str]) -> str:
    """The line it prints when it is ready (pytest's timeout is the deadline)."""
    assert server.stdout is not None
    return server.stdout.readline()


def processes_in(folder: Path) -> list[str]:
    """The command lines of all processes that have to do with a folder."""
    found = []
    for command_line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command, environment = command_line.read_bytes(), (command_line.parent / "environ").read_bytes()
        except OSError:  # gone, or somebody else's
            continue
        if os.fsencode(folder) in command + environment:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def wait_until_nothing_runs_in(folder: Path) -> None:
    end = time.monotonic() + 15
    while (left := processes_in(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


def test_one_line_says_where_it_is_and_a_person_can_register(start: Starter, ports: dict[str, str]) -> None:
    line = first_line(start())
    assert f"http://localhost:{ports['WEB_PORT']} " in line
    http = HttpClient(f"http://127.0.0.1:{ports['WEB_PORT']}")
    name_and_password = {"username": "ada", "password": "correct horse battery"}
    assert http.post_json("/backend/e_register", name_and_password).status == 201
    assert http.post_json("/backend/e_login", name_and_password).status == 200


def test_the_line_names_the_public_address_where_there_is_one(start: Starter) -> None:
    assert ": http://chat.example " in first_line(start(PUBLIC_URL="http://chat.example"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_it(start: Starter, tmp_path: Path, number: signal.Signals) -> None:
    server = start()
    first_line(server)
    assert len(processes_in(tmp_path / "data")) >= 4
    server.send_signal(number)
    assert server.wait(timeout=10) == 0
    wait_until_nothing_runs_in(tmp_path / "data")


def test_even_sigkill_leaves_nothing_running(start: Starter, tmp_path: Path) -> None:
    server = start()
    first_line(server)
    server.kill()
    wait_until_nothing_runs_in(tmp_path / "data")


def test_the_second_start_makes_no_new_database_and_finds_everything(
    start: Starter, ports: dict[str, str], tmp_path: Path
) -> None:
    name_and_password = {"username": "ada", "password": "correct horse battery"}
    http = HttpClient(f"http://127.0.0.1:{ports['WEB_PORT']}")
    server = start()
    first_line(server)
    made = (tmp_path / "data/database/data").stat().st_ino
    http.post_json("/backend/e_register", name_and_password)
    http.post_json("/backend/e_login", name_and_password)
    server.terminate()
    server.wait(timeout=10)

    assert "ready" in first_line(start())
    assert (tmp_path / "data/database/data").stat().st_ino == made
    assert http.get("/backend/get_session").json()["username"] == "ada"


@pytest.mark.parametrize("name", ["WEB_PORT", "WS_PORT", "DB_PORT"])
def test_a_taken_port_is_one_sentence_with_the_variable_to_set(start: Starter, name: str) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as somebody:
        port = somebody.getsockname()[1]
        server = start(**{name: str(port)})
        out, err = server.communicate(timeout=READY)
    assert server.returncode == 1
    assert out == ""
    assert err.count("\n") == 1
    assert f"port {port} is taken" in err
    assert f"set {name} " in err


def test_a_wrong_setting_is_named(start: Starter) -> None:
    server = start(WEB_PORT="eighty")
    _, err = server.communicate(timeout=READY)
    assert server.returncode == 1
    assert "WEB_PORT" in err
    assert "Traceback" not in err


def test_two_do_not_share_a_data_folder(start: Starter) -> None:
    first_line(start())
    _, err = (second := start()).communicate(timeout=READY)
    assert second.returncode == 1
    assert "already running" in err
