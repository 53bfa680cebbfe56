"""Which settings does web have? Read once, at start, into one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from chat_db import Database, DatabaseSettings, Settings


@dataclass(frozen=True)
class Config:
    """Settings of web."""

    database: DatabaseSettings
    host: str
    port: int
    workers: int
    ws_port: int
    public_url: str | None
    public_ws_url: str | None
    session_dir: Path
    login_limits: bool
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Raises SettingError, which names the variable."""
        settings = Settings(environ)
        return cls(
            database=DatabaseSettings.read(settings),
            host=settings.text("WEB_HOST", "0.0.0.0"),
            port=settings.port("WEB_PORT", 80),
            workers=settings.whole("WEB_WORKERS", 2, low=1, high=64),
            ws_port=settings.port("WS_PORT", 8080),
            public_url=settings.origin("PUBLIC_URL", ("https", "http")),
            public_ws_url=settings.text("PUBLIC_WS_URL") or None,
            session_dir=Path(settings.text("SESSION_DIR", "/var/lib/chatapp/sessions")),
            login_limits=settings.switch("LOGIN_LIMITS", True),
            log_level=settings.one_of("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        )

    @property
    def is_https(self) -> bool:
        return bool(self.public_url and self.public_url.startswith("https://"))

    def ws_url(self, hostname: str) -> str:
        """Return the WebSocket address for a page that was asked for under `hostname`.

        Behind TLS one origin serves both, and `/ws` leads to ws-server; otherwise it is the same host, another port.
        """
        if self.public_ws_url:
            return self.public_ws_url
        if self.public_url:
            public = urlsplit(self.public_url)
            if public.scheme == "https":
                return f"wss://{public.netloc}/ws"
            hostname = f"[{public.hostname}]" if ":" in (public.hostname or "") else public.hostname or hostname
        return f"ws://{hostname}:{self.ws_port}/"


def current_config() -> Config:
    config = current_app.extensions["chatapp"]
    assert isinstance(config, Config)  # noqa: S101  # put there by create_app
    return config


def current_database() -> Database:
    database = current_app.extensions["database"]
    assert isinstance(database, Database)  # noqa: S101  # put there by create_app
    return database
