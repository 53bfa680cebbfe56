"""A volume for the keys that is full, or cannot be written, is said in one sentence by whoever meets it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from chat_db.key_files import KeyRingError, new_key, write_keys
from stack import StartFailed
from tests.conftest import StackMaker
from tests.support.command_line import flask
from tests.support.people import People
from tests.support.stored import keys_of


def test_a_full_volume_is_named_with_the_file_and_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    path = tmp_path / "message-keys"
    with pytest.raises(KeyRingError, match=f"{path} cannot be written: No space left on device"):
        write_keys(path, {1: new_key()}, is_new=True)
    assert list(tmp_path.iterdir()) == []  # nothing half written


def test_a_service_that_cannot_make_the_key_says_so_and_ends(own_stack: StackMaker) -> None:
    """It said that it cannot listen on its port, or showed a traceback."""
    stack = own_stack()
    path = "/proc/self/message-keys"  # where nobody can make a file
    for service in (stack.ws_server, stack.web):
        service.stop()
        service.process.environment["MESSAGE_KEYS_FILE"] = path
        service.log.write_text("")
        with pytest.raises(StartFailed):
            service.start()
        text = service.log.read_text()
        assert f"{path} cannot be written: " in text
        assert "cannot_listen" not in text
        assert "Traceback" not in text


def test_a_port_that_is_taken_is_still_said(own_stack: StackMaker) -> None:
    stack = own_stack()
    second = stack.another_ws_server()
    second.process.environment["WS_PORT"] = str(stack.ws_server.port)
    with pytest.raises(StartFailed):
        second.start()
    assert f"event=cannot_listen port={stack.ws_server.port} " in second.log.read_text()


def test_the_command_line_says_a_damaged_key_file_in_one_sentence(own_stack: StackMaker) -> None:
    stack = own_stack()
    People(stack).register("ada")
    path = keys_of(stack)
    path.write_text("1 damaged")
    run = flask(stack, "rotate-key")
    assert (run.returncode, run.stderr) == (1, f"Error: {path} cannot be read as message keys\n")
    assert flask(stack, "users").stdout.split("\t")[1] == "ada"  # it needs no key
    path.unlink()
    path.with_name(f"{path.name}.sealing").write_text("0 perhaps\n")
    run = flask(stack, "rotate-key")
    assert run.returncode == 1
    assert run.stderr.startswith(f"Error: {path}.sealing cannot be read: ")
    assert run.stderr.count("\n") == 1
