"""How do database, web and ws-server run as plain processes, on any ports, with a private folder?

    with Stack(folder, environment={"RATE_LIMITS": "off"}) as stack:
        print(stack.web.url, stack.ws_server.url)
        stack.ws_server.kill()
        stack.ws_server.start()      # on the same port

Several stacks run beside each other; two may share one Database. Whatever was started ends with the program
that started it (see processes.py).
"""

from __future__ import annotations

import contextlib
import copy
import http.client
import os
import random
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from database import ROOT, Database
from processes import Process, StartFailed, plain_environment

__all__ = ["ROOT", "Database", "Service", "Stack", "StartFailed", "Web", "WsServer", "free_port"]

LOCALHOST = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::", "")
START_DEADLINE = 30  # seconds until /healthz says yes; a start takes about one


class Service:
    """web or ws-server as a process: what both have in common."""

    name = ""

    def __init__(self, folder: Path, environment: Mapping[str, str], host: str, port: int) -> None:
        self.folder = folder
        self.host = LOCALHOST if host in EVERY_ADDRESS else host
        self.port = port
        self.process = Process(
            self.name,
            self.command(),
            folder / f"{self.name}.log",
            plain_environment(environment),
            self.home(),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def command(self) -> list[str]:
        raise NotImplementedError

    def home(self) -> Path:
        """The folder that the service is started in."""
        raise NotImplementedError

    @property
    def log(self) -> Path:
        return self.process.log

    @property
    def is_running(self) -> bool:
        return self.process.is_running

    def start(self, deadline: float = START_DEADLINE) -> None:
        """Start it and return when it is ready; raises StartFailed."""
        self.process.start()
        self.wait_until_ready(deadline)

    def wait_until_ready(self, deadline: float = START_DEADLINE) -> None:
        """Return when /healthz says that it can do its work; what does not get there is ended."""
        try:
            for _ in self.process.until(deadline):
                if self.health() == 200:
                    return
        except BaseException:
            self.process.kill()
            raise

    def stop(self, deadline: float = 15) -> int | None:
        """Send SIGTERM, as `docker stop` does; return the exit code, -9 where it had to be killed."""
        return self.process.stop(deadline)

    def kill(self) -> None:
        """End it with SIGKILL, all its workers too; start() brings it back on the same port."""
        self.process.kill()

    def pause(self) -> None:
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def restart(self) -> None:
        self.stop()
        self.start()

    def health(self) -> int:
        """Return the status of GET /healthz, 0 where nobody answers."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=6)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        return 0


class Web(Service):
    """gunicorn with the pages and the backend, as in its container."""

    name = "web"

    def __init__(
        self, folder: Path, database: Database, *, ws_port: int, environment: Mapping[str, str], port: int
    ) -> None:
        settings = {
            "SESSION_DIR": str(folder / "sessions"),
            "FILES_DIR": str(folder / "files"),
            "WEB_HOST": LOCALHOST,
            **environment,
            **database.environment(),
            **python_settings("db", "web"),
            "WEB_PORT": str(port),
            "WS_PORT": str(ws_port),
        }
        super().__init__(folder, settings, settings["WEB_HOST"], port)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]

    def home(self) -> Path:
        return ROOT / "web"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


class WsServer(Service):
    """The server of the live connections, as in its container."""

    name = "ws-server"

    def __init__(self, folder: Path, database: Database, *, environment: Mapping[str, str], port: int) -> None:
        settings = {
            "WS_HOST": LOCALHOST,
            **database.environment(),
            **environment,
            **python_settings("db", "ws-server"),
            "WS_PORT": str(port),
        }
        super().__init__(folder, settings, settings["WS_HOST"], port)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "chat_ws"]

    def home(self) -> Path:
        return ROOT / "ws-server"

    @property
    def url(self) -> str:
        return f"ws://{self.host}:{self.port}/"


class Stack:
    """The three services. `environment` holds settings of web and ws-server, as in .env.

    Without a `folder` there is a temporary one. Without a `database` the stack has one of its own; a given one
    must be running and is left running. Ports are free ones unless given. `survives_power_cuts`: see Database.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        database: Database | None = None,
        environment: Mapping[str, str] | None = None,
        web_port: int | None = None,
        ws_port: int | None = None,
        survives_power_cuts: bool = True,
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="chatapp-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._owns_database = database is None
        self.database = database or Database(self.folder / "database", survives_power_cuts=survives_power_cuts)
        environment = environment or {}
        ws_port = ws_port or free_port()
        self.ws_server = WsServer(self.folder, self.database, environment=environment, port=ws_port)
        self.web = Web(
            self.folder, self.database, ws_port=ws_port, environment=environment, port=web_port or free_port()
        )

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all, in the order of docker-compose.yml; on a failure what was started is stopped again."""
        try:
            if self._owns_database:
                self.database.start()
            self.web.process.start()
            self.ws_server.process.start()
            self.web.wait_until_ready()
            self.ws_server.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all, the database last."""
        self.ws_server.stop()
        self.web.stop()
        if self._owns_database:
            self.database.stop()
        if self._temporary:
            self._temporary.cleanup()

    def discard(self) -> None:
        """End everything at once, with SIGKILL; the data of its own database, which nobody will read, is removed."""
        self.ws_server.kill()
        self.web.kill()
        if self._owns_database:
            self.database.discard()

    def another_ws_server(self, environment: Mapping[str, str] | None = None) -> WsServer:
        """Return a second ws-server on the same database, not started; the caller stops it."""
        port = free_port()
        folder = self.folder / f"ws-server-{port}"
        folder.mkdir(mode=0o700)
        return WsServer(folder, self.database, environment=environment or {}, port=port)

    def with_another_web(self, environment: Mapping[str, str]) -> Stack:
        """Return this stack with another web in place of its own, not started; the caller stops that one alone."""
        port = free_port()
        folder = self.folder / f"web-{port}"
        folder.mkdir(mode=0o700)
        stack = copy.copy(self)
        stack.web = Web(folder, self.database, ws_port=self.ws_server.port, environment=environment, port=port)
        return stack


def python_settings(*packages: str) -> dict[str, str]:
    """The variables by which a service's Python finds its packages; it writes its log line by line."""
    return {"PYTHONPATH": ":".join(str(ROOT / package) for package in packages), "PYTHONUNBUFFERED": "1"}


NEIGHBOURS = 8
_given_ports: set[int] = set()


def free_port() -> int:
    """Return a port that is free now, that this program did not hand out before, and none of its neighbours does.

    Neighbours are the workers of one test run: a service that one of them restarts would find its port taken by
    another's. Below the range from which the system takes ports for outgoing connections (32768 and up): else a client
    that tries again and again to reach a stopped service ends up connected to itself, on that very port.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = range(20000 + worker % NEIGHBOURS, 32000, NEIGHBOURS)
    for port in random.sample(ports, len(ports)):
        if port not in _given_ports and is_free(port):
            _given_ports.add(port)
            return port
    raise StartFailed("no free port between 20000 and 32000")


def is_free(port: int, host: str = LOCALHOST) -> bool:
    """Say whether a service could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
