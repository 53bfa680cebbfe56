"""Start and stop, the command line, backup and restore, by the commands of the documents, word for word."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import ROOT
from tests.support.compose import BUILD, SERVICES, Compose, docker, wait_for_health
from tests.support.http import HttpClient
from tests.support.socket import Socket
from tests.support.tus import PIECE, UPLOADS, metadata
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

PASSWORD = "correct horse battery"


def commands(name: str, section: str) -> list[str]:
    """The commands of a document's section, in their order."""
    document = (ROOT / name).read_text(encoding="utf-8")
    text = document.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^    (\S.*)$", text, re.MULTILINE)


def environment_of(compose: Compose) -> dict[str, str]:
    """The environment of somebody who has this docker-compose.yml in a folder."""
    return {
        **os.environ,
        **compose.settings,
        "COMPOSE_FILE": str(ROOT / "docker-compose.yml"),
        "COMPOSE_PROJECT_NAME": compose.project,
        "COMPOSE_ENV_FILES": os.devnull,
    }


def run(compose: Compose, folder: Path, command: str, typed: str = "") -> str:
    """Run a command in a terminal; return what is to be seen there."""
    done = subprocess.run(
        # `docker compose exec` wants a terminal; `script` gives it one.
        ["script", "--quiet", "--return", "--command", shlex.join(["bash", "-euc", command]), os.devnull],
        cwd=folder,
        env=environment_of(compose),
        input=typed,
        capture_output=True,
        text=True,
        timeout=BUILD,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def run_all(compose: Compose, folder: Path, section: str) -> None:
    """Run the commands of a section of docs/self-hosting.md."""
    for command in commands("docs/self-hosting.md", section):
        run(compose, folder, command)
    wait_until_healthy(compose)


def wait_until_healthy(compose: Compose) -> None:
    for service in SERVICES:
        wait_for_health(compose.container(service))


def log_in(compose: Compose, name: str) -> tuple[HttpClient, Socket]:
    http = HttpClient(f"http://127.0.0.1:{compose.web_port}")
    answer = http.post_json("/backend/e_login", {"username": name, "password": PASSWORD})
    assert answer.status == 200, answer.text
    session = http.get("/backend/get_session").json()
    socket = Socket(session["ws_url"])
    socket.send("auth", user_id=session["user_id"], token=session["token"])
    assert socket.expect("auth")["status"] == "success"
    return http, socket


def register(compose: Compose, *names: str) -> None:
    http = HttpClient(f"http://127.0.0.1:{compose.web_port}")
    for name in names:
        assert http.post_json("/backend/e_register", {"username": name, "password": PASSWORD}).status == 201


@contextlib.contextmanager
def in_the_foreground(compose: Compose, folder: Path, command: str) -> Iterator[None]:
    """Run a command until its user presses Ctrl-C."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=environment_of(compose),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        process.send_signal(signal.SIGINT)
        process.wait(BUILD)
    finally:
        process.kill()
        process.wait()


def test_the_commands_of_the_readme_start_show_stop_and_remove_it(built: Compose, tmp_path: Path) -> None:
    mine = f"label=com.docker.compose.project={built.project}"
    built.down("--volumes", "--timeout", "5")
    with in_the_foreground(built, tmp_path, "docker compose up --build"):
        wait_until(lambda: docker("ps", "--quiet", "--filter", f"name={built.container('ws-server')}"), BUILD)
        wait_until_healthy(built)
        register(built, "ada")
    assert docker("ps", "--quiet", "--filter", mine) == ""

    start, show, stop, remove = (line.partition(" #")[0].strip() for line in commands("README.md", "Start"))
    run(built, tmp_path, start)
    wait_until_healthy(built)
    log_in(built, "ada")[1].close()
    assert f"open http://localhost:{built.web_port}" in run(built, tmp_path, show).splitlines()[0]
    assert built.container("web") in run(built, tmp_path, "docker compose ps")
    assert "ready for connections" in run(built, tmp_path, "docker compose logs db")
    run(built, tmp_path, stop)
    assert docker("ps", "--all", "--quiet", "--filter", mine) == ""
    assert docker("volume", "ls", "--quiet", "--filter", mine)
    run(built, tmp_path, remove)
    assert docker("volume", "ls", "--quiet", "--filter", mine) == ""


def test_the_command_line_does_what_is_said_of_it(compose: Compose, tmp_path: Path) -> None:
    register(compose, "ada")
    said = {}
    for line in commands("docs/self-hosting.md", "The command line"):
        command = line.partition(" #")[0].strip()
        said[command.partition("flask ")[2]] = run(compose, tmp_path, command, typed="y\n")
    assert "\tada\t" in said["users"]
    assert "/register?invite=" in said["invite"]
    assert "/reset?token=" in said["reset-password ada"]
    assert "ada is locked out." in said["disable ada"]
    assert "ada can log in again." in said["enable ada"]
    assert "ada is deleted." in said["delete ada"]
    assert "\tada\t" not in run(compose, tmp_path, "docker compose exec web flask users")
    assert "key" in said["rotate-key"]
    listed = run(compose, tmp_path, "docker compose exec web flask --help")
    assert [name for name in said if name.split()[0] not in listed] == []


def test_with_the_lines_for_env_a_plain_command_publishes_caddy_alone(tmp_path: Path) -> None:
    document = (ROOT / "docs/self-hosting.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```sh\n(COMPOSE_FILE=.*?)```", document, re.DOTALL)
    (tmp_path / ".env").write_text(lines)
    shown = json.loads(docker("compose", "--env-file", str(tmp_path / ".env"), "config", "--format", "json"))
    services = shown["services"]
    assert {name for name, service in services.items() if service.get("ports")} == {"caddy"}
    assert services["web"]["environment"]["PUBLIC_URL"] == "https://chat.example"


def test_a_backup_brings_everything_back(compose: Compose, tmp_path: Path) -> None:
    register(compose, "grace", "alan")
    grace, socket = log_in(compose, "grace")
    socket.send("add_chat", username="alan")
    chat = socket.wait_for("chat_added")["chat"]["id"]
    socket.send("send_message", chat_id=chat, message="remember this", client_id="before")
    socket.wait_for("message_sent")
    socket.close()
    said = {"Upload-Length": "9", "Upload-Metadata": metadata(name="a", chat_id=chat, client_id="file")}
    file = grace.request("POST", UPLOADS, b"and these", {**PIECE, **said}).json()["id"]

    run_all(compose, tmp_path, "Backup")
    assert (tmp_path / "backup/keys.tar").stat().st_size > 0
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    compose.down("--volumes", "--timeout", "5")
    run_all(compose, tmp_path, "Restore")

    grace, socket = log_in(compose, "grace")
    socket.close()
    assert grace.get(f"/files/{file}").body == b"and these"
    http, socket = log_in(compose, "alan")
    (listed,) = http.get("/backend/get_chats").json()
    assert [message["content"] for message in listed["messages"]] == ["remember this"]
    socket.send("send_message", chat_id=chat, message="and this", client_id="after")
    assert socket.wait_for("message_sent")["seq"] == 2
    socket.close()
