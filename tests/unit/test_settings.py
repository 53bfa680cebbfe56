"""Does a wrong setting stop a service with one clear line, and a right one mean what it says?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chat_web.config
import chat_ws.config
from chat_db import DatabaseSettings, SettingError, Settings
from chat_db.connection import MOST_CONNECTIONS

MIB = 2**20
READERS: list[Callable[[dict[str, str]], Any]] = [
    chat_web.config.Config.from_environ,
    chat_ws.config.Config.from_environ,
]


def web(**environ: str) -> chat_web.config.Config:
    return chat_web.config.Config.from_environ(environ)


def ws(**environ: str) -> chat_ws.config.Config:
    return chat_ws.config.Config.from_environ(environ)


def test_without_any_setting_everything_has_the_documented_default() -> None:
    assert web().database == ws().database == DatabaseSettings()
    assert (web().port, web().workers, web().ws_port, web().rate_limits) == (80, 1, 8080, True)
    assert (web().max_file_bytes, web().max_user_bytes, web().files_reserve_bytes) == (
        100 * MIB,
        5120 * MIB,
        1024 * MIB,
    )
    assert (web().max_open_uploads, web().files_sweep_seconds) == (20, 20)
    assert str(web().files_dir) == "/var/lib/chatapp/files"
    assert (ws().port, ws().message_burst, ws().message_rate) == (8080, 30, 5)
    assert (ws().frame_burst, ws().frame_rate, ws().lookup_rate) == (200, 50, 30)
    assert (ws().max_connections, ws().max_per_address, ws().max_per_user) == (10_000, 1_000, 50)
    assert web().public_url is ws().public_url is web().public_ws_url is None


@pytest.mark.parametrize("workers", [1, 2, 5, 16, 64])
def test_all_workers_together_stay_below_what_mysql_takes(workers: int) -> None:
    """151 unless it is set, less what ws-server and its journal have, one for the command line, one for root."""
    assert web(WEB_WORKERS=str(workers)).connections * workers <= 151 - (MOST_CONNECTIONS + 1) - 2


def test_an_empty_setting_counts_as_one_that_is_not_set() -> None:
    empty = dict.fromkeys(
        ("DB_HOST", "DB_PORT", "WEB_PORT", "WS_PORT", "PUBLIC_URL", "WS_MESSAGE_RATE", "LOG_LEVEL"), ""
    )
    assert chat_web.config.Config.from_environ(empty) == web()
    assert chat_ws.config.Config.from_environ(empty) == ws()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("DB_PORT", value) for value in ("0", "65536", "-1", "x", "3306.5", " ")),
        *(("WS_PORT", value) for value in ("0", "65536", "eighty")),
        *(("PUBLIC_URL", value) for value in ("chat.example", "ftp://chat.example", "https://", "https://a/b")),
        *(("PUBLIC_URL", value) for value in ("https://a?b", "https://a#b", "https://a:99999", "https://[::1")),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    for read in READERS:
        with pytest.raises(SettingError, match=name):
            read({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WS_MESSAGE_RATE", "fast"),
        ("WS_MESSAGE_RATE", "-1"),
        ("WS_MESSAGE_RATE", "nan"),
        ("WS_MESSAGE_RATE", "inf"),
        ("WS_MESSAGE_BURST", "0"),
        ("WS_FRAME_BURST", "1.5"),
        ("WS_LOOKUP_RATE", "-3"),
        ("WS_SYNC_RATE", "often"),
        ("WS_MAX_CONNECTIONS", "0"),
        ("WS_MAX_PER_USER", ""),
    ],
)
def test_a_wrong_limit_is_named(name: str, value: str) -> None:
    if not value:
        assert ws(**{name: value}) == ws()
        return
    with pytest.raises(SettingError, match=name):
        ws(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_WORKERS", "0"),
        ("WEB_WORKERS", "many"),
        ("RATE_LIMITS", "yes"),
        ("MAX_FILE_BYTES", "0"),
        ("MAX_USER_BYTES", "5G"),
        ("FILES_RESERVE_BYTES", "-1"),
        ("MAX_OPEN_UPLOADS", "0"),
        ("FILES_SWEEP_SECONDS", "0"),
        ("LIMIT_UPLOADS", "often"),
    ],
)
def test_a_wrong_setting_of_web_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        web(**{name: value})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    settings = {"DB_PASSWORD_FILE": str(tmp_path / "secret")}
    assert ws(**settings).database.password == web(**settings).database.password == "from a file"


def test_a_secret_comes_from_one_place(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="DB_PASSWORD"):
        ws(DB_PASSWORD="a", DB_PASSWORD_FILE=str(tmp_path / "secret"))
    with pytest.raises(SettingError, match="DB_PASSWORD_FILE"):
        ws(DB_PASSWORD_FILE=str(tmp_path / "nowhere"))


def test_a_password_is_not_printed_with_the_settings() -> None:
    assert "sesame" not in repr(ws(DB_PASSWORD="sesame"))
    assert "sesame" not in repr(web(DB_PASSWORD="sesame"))


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "ws://192.168.1.5:8080/"),
        ({"WS_PORT": "9000"}, "ws://192.168.1.5:9000/"),
        ({"PUBLIC_URL": "https://chat.example"}, "wss://chat.example/ws"),
        ({"PUBLIC_URL": "https://chat.example:8443"}, "wss://chat.example:8443/ws"),
        ({"PUBLIC_URL": "http://chat.example"}, "ws://chat.example:8080/"),
        ({"PUBLIC_URL": "http://[::1]:81"}, "ws://[::1]:8080/"),
        ({"PUBLIC_WS_URL": "wss://live.example/x", "PUBLIC_URL": "https://chat.example"}, "wss://live.example/x"),
    ],
)
def test_the_websocket_address_follows_from_the_settings(settings: dict[str, str], address: str) -> None:
    assert web(**settings).ws_url("192.168.1.5") == address


def test_numbers_have_bounds() -> None:
    assert Settings({"N": "7"}).whole("N", 1, low=7, high=7) == 7
    with pytest.raises(SettingError, match="N must be between 8 and 9, not 7"):
        Settings({"N": "7"}).whole("N", 8, low=8, high=9)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Chat.Example/", "https://chat.example"),
        ("https://chat.example:443", "https://chat.example"),
        ("http://chat.example:80", "http://chat.example"),
        ("https://chat.example:80", "https://chat.example:80"),
        ("https://chat.example:8443", "https://chat.example:8443"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
    ],
)
def test_the_public_url_is_compared_as_browsers_write_an_origin(given: str, origin: str) -> None:
    assert web(PUBLIC_URL=given).public_url == ws(PUBLIC_URL=given).public_url == origin
