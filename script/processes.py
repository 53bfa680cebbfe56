"""How does a program start others so that none is left behind, however the program itself ends?"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

POLL = 0.02  # seconds between two looks at something that is about to happen
GUARD_PATIENCE = 10  # seconds that orphans get after SIGTERM, before SIGKILL


class StartFailed(Exception):
    """A process ended or did not become ready in time. The text ends with the last lines of its log."""


class Process:
    """One program in a process group of its own, with a log file; it can be started again after it ended.

    Signals go to this group only, by the number it got at start: nothing else is ever touched.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = dict(environment)
        self.cwd = cwd
        self._popen: subprocess.Popen[bytes] | None = None
        self._paused = False

    @property
    def pid(self) -> int:
        """The process's id; raises where it was never started."""
        if self._popen is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start the program; return at once, whether or not it is ready."""
        if self.is_running:
            raise RuntimeError(f"{self.name} is already running")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.cwd,
                start_new_session=True,
            )
        self._paused = False
        guard.watch(self._popen.pid)

    def stop(self, deadline: float = 15) -> int | None:
        """Send SIGTERM, kill what is left at the deadline; return the exit code (-9: it was killed)."""
        if self._popen is None:
            return None
        if self.is_running:
            self.resume()
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(deadline)
        self.kill()
        return self._popen.returncode

    def kill(self) -> None:
        """End the whole group with SIGKILL and wait until the program is gone."""
        if self._popen is None:
            return
        self._signal_group(signal.SIGKILL)
        self._popen.wait()
        guard.forget(self._popen.pid)

    def pause(self) -> None:
        """Freeze the whole group (SIGSTOP): connections stay open and nothing answers."""
        self._signal_group(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Let a frozen group go on."""
        if self._paused:
            self._signal_group(signal.SIGCONT)
            self._paused = False

    def failed(self, what: str) -> StartFailed:
        """Return (not raise) the error that says what went wrong, with the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return StartFailed("\n".join([f"{self.name} {what}; the end of {self.log}:", *lines[-25:]]))

    def until(self, deadline: float) -> Iterator[None]:
        """Yield again and again; raise StartFailed when the program ends or `deadline` seconds are over."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if not self.is_running:
                raise self.failed(f"ended with code {self._popen.returncode if self._popen else None}")
            yield
            time.sleep(POLL)
        raise self.failed(f"was not ready after {deadline:g} s")

    def _signal_group(self, number: signal.Signals) -> None:
        # The number cannot have passed to anybody else: a group lives on while a member does, and after the
        # leader was reaped only kill() comes here, right away.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Guard:
    """Ends the groups of this program's processes when the program itself is gone, even by SIGKILL.

    A small process of its own holds the reading end of a pipe. The writing end closes with the program,
    whatever ended it, and then the guard stops what it was told to watch. (PR_SET_PDEATHSIG would not do: it
    fires when the *thread* that started a process ends, and it does not reach gunicorn's workers.)
    """

    def __init__(self) -> None:
        self._popen: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._popen is None or self._owner != os.getpid():  # a fork must not speak for its parent
                self._start()
            if self._popen is not None and self._popen.stdin is not None:
                self._popen.stdin.write(line.encode())
                self._popen.stdin.flush()

    def _start(self) -> None:
        self._owner = os.getpid()
        self._popen = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, start_new_session=True
        )
        atexit.register(self._close)

    def _close(self) -> None:
        with self._lock:
            if self._popen is not None and self._owner == os.getpid():
                self._popen.communicate()
                self._popen = None


guard = Guard()


def guard_until_orphaned() -> None:
    """Be the guard: follow what standard input says, and end what is left when it closes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    _signal_groups(groups, signal.SIGCONT)
    _signal_groups(groups, signal.SIGTERM)
    end = time.monotonic() + GUARD_PATIENCE
    while groups and time.monotonic() < end:
        time.sleep(POLL)
        groups = _signal_groups(groups, 0)
    _signal_groups(groups, signal.SIGKILL)


def _signal_groups(groups: set[int], number: int) -> set[int]:
    """Send a signal to each group (0: only look); return the groups that still exist."""
    alive = set()
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            alive.add(group)
    return alive


def plain_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what any program needs to run, and nothing of the caller's settings, plus `extra`."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "COVERAGE_PROCESS_CONFIG")
    return {name: os.environ[name] for name in kept if name in os.environ} | dict(extra or {})


if __name__ == "__main__":
    guard_until_orphaned()
