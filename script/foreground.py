"""What does script/server run? The three services in the foreground, until somebody ends them or one ends itself."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from database import Database
from processes import StartFailed
from stack import ROOT, Stack

sys.path.insert(0, str(ROOT / "db"))

from chat_db import DatabaseSettings, SettingError, Settings  # the path has to be there first
from chat_db.settings import address_to_open

DEFAULT_FOLDER = ROOT / ".local" / "server"
EVERY_ADDRESS = "0.0.0.0"
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Refused(Exception):
    """It cannot start; the text is the one sentence that says why and what to do."""


class Ended(Exception):
    """SIGTERM or Ctrl-C."""


def main() -> int:
    for number in ENDING:
        signal.signal(number, end)
    try:
        serve(Settings(os.environ), Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else DEFAULT_FOLDER)
    except Ended:
        return 0
    except (Refused, SettingError, StartFailed) as error:
        print(f"script/server: {error}", file=sys.stderr)
        return 1
    return 0


def end(number: int, frame: FrameType | None) -> None:
    for again in ENDING:  # once is enough: a second Ctrl-C must not cut the ending short
        signal.signal(again, signal.SIG_IGN)
    raise Ended


def serve(settings: Settings, folder: Path) -> None:
    """Start everything, say where, and wait. Whatever ends this, everything that was started has ended after it."""
    web_port, ws_port = settings.port("WEB_PORT", 8000), settings.port("WS_PORT", 8080)
    db_port = settings.port("DB_PORT", 3306) if settings.text("DB_PORT") else None
    web_host, ws_host = settings.text("WEB_HOST", EVERY_ADDRESS), settings.text("WS_HOST", EVERY_ADDRESS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        only_one(lock.fileno())
        check_port("WEB_PORT", web_host, web_port)
        check_port("WS_PORT", ws_host, ws_port, web_port)
        if db_port:
            check_port("DB_PORT", "127.0.0.1", db_port, web_port, ws_port)
        asked = DatabaseSettings.read(settings)
        database = Database(
            folder / "database", port=db_port, name=asked.name, user=asked.user, password=asked.password
        )
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DB_")},
            "WEB_HOST": web_host,
            "WS_HOST": ws_host,
        }
        stack = Stack(folder, database=database, environment=environment, web_port=web_port, ws_port=ws_port)
        with database, stack:
            address = address_to_open(settings.origin("PUBLIC_URL", ("https", "http")), web_host, web_port)
            print(f"ChatApp is ready: {address} (Ctrl-C ends it; data and logs: {folder})")
            sys.stdout.flush()
            watch(stack)


def watch(stack: Stack) -> None:
    """Wait until a service ends; raise StartFailed with the end of its log."""
    processes = [stack.database.process, stack.web.process, stack.ws_server.process]
    while True:
        for process in processes:
            if not process.is_running:
                raise process.failed("ended by itself")
        time.sleep(0.2)


def only_one(lock: int) -> None:
    """Hold the folder's lock as long as this program runs: two servers on one data folder would destroy it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused("it is already running in this folder; end that one first") from None


def check_port(name: str, host: str, port: int, *others: int) -> None:
    """Raise Refused where the variable `name` asks for a port that cannot be had."""
    advice = f"set {name} to another one, for instance {name}={port + 1 if port >= 1024 else port + 8000}"
    if port in others:
        raise Refused(f"port {port} is asked for twice; {advice}")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reasons = {errno.EADDRINUSE: "is taken by another program", errno.EACCES: "is not allowed for this user"}
            reason = reasons.get(error.errno or 0, f"cannot be used ({error.strerror})")
            raise Refused(f"port {port} {reason}; {advice}") from None


if __name__ == "__main__":
    sys.exit(main())
