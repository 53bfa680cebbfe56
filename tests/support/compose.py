"""How does a test bring the three containers up beside whatever else runs on the machine, and take them down?"""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

from stack import ROOT, free_port

PROJECT = f"chatapp-test-{os.getpid()}"  # what every container of this test run is named after
SERVICES = ("db", "web", "ws-server")
BUILD = 400  # seconds; the first one downloads every Python package
START = 150


def docker(*arguments: str, deadline: float = 60) -> str:
    """Run one docker command; return what it prints. Its failure fails the test with its own message."""
    done = subprocess.run(
        ["docker", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=deadline, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def inspect(container: str) -> dict[str, Any]:
    """Everything that the engine knows of a container."""
    found: dict[str, Any] = json.loads(docker("inspect", container))[0]
    return found


def logs(container: str) -> str:
    """What a container wrote, on both channels."""
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout + done.stderr


def wait_for_health(container: str, deadline: float = START) -> None:
    """Return when a container is healthy. Unhealthy is nothing final: so it is while its database is away."""
    end = time.monotonic() + deadline
    while (status := inspect(container)["State"]["Health"]["Status"]) != "healthy":
        assert time.monotonic() < end, f"{container} is {status}:\n{logs(container)[-3000:]}"
        time.sleep(0.2)


def wait_for_log(container: str, text: str, deadline: float = 60) -> None:
    """Return when a container has written `text`."""
    end = time.monotonic() + deadline
    while text not in logs(container):
        assert time.monotonic() < end, f"{container} did not write {text!r}:\n{logs(container)[-3000:]}"
        time.sleep(0.05)


def last_logs(lines: int = 40) -> dict[str, str]:
    """What each container of this test run wrote last, by its name; nothing where no engine answers."""
    listing = ["docker", "ps", "--all", "--filter", f"name={PROJECT}", "--format", "{{.Names}}"]
    done = subprocess.run(listing, capture_output=True, text=True, timeout=60, check=False)
    return {name: "\n".join(logs(name).splitlines()[-lines:]) for name in sorted(done.stdout.split())}


class Compose:
    """docker-compose.yml as it is, with `overrides` of it, under a project name and on ports of its own."""

    def __init__(self, *overrides: str, project: str = "", **settings: str) -> None:
        self.files = [f"--file={name}" for name in ("docker-compose.yml", *overrides)]
        self.project = project or PROJECT
        self.web_port, self.ws_port, self.db_port = free_port(), free_port(), free_port()
        self.settings = {
            "WEB_PORT": str(self.web_port),
            "WS_PORT": str(self.ws_port),
            "DB_PORT": str(self.db_port),
            **settings,
        }

    def run(self, *arguments: str, deadline: float = START) -> str:
        """Run one docker compose command on this project, without anybody's .env."""
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, "--env-file", os.devnull, *self.files, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.settings},
            capture_output=True,
            text=True,
            timeout=deadline,
            check=False,
        )
        assert done.returncode == 0, f"compose {' '.join(arguments)}\n{done.stderr[-3000:]}\n{self.last_logs()}"
        return done.stdout.strip()

    def last_logs(self) -> str:
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, "logs", "--tail", "15"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    def build(self) -> None:
        self.run("build", deadline=BUILD)

    def remove_images(self) -> None:
        """Remove what build() made. (`down --rmi local` forgets images whose containers are gone already.)"""
        docker("rmi", "--force", *docker("images", "--quiet", f"{self.project}-*").split())

    def up(self) -> None:
        """Return when all three are healthy."""
        self.run("up", "--detach", "--no-build")
        for service in SERVICES:
            wait_for_health(self.container(service))

    def down(self, *options: str) -> None:
        self.run("down", *options)

    def container(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container; return what it prints."""
        return docker("exec", self.container(service), *command)
