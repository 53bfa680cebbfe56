"""Which settings does web have? Read once, at start, into one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from limits import parse_many

from chat_db import Database, DatabaseSettings, SettingError, Settings
from chat_db.connection import MOST_CONNECTIONS
from chat_db.encryption import KeyRing, KeySettings
from chat_db.settings import Network, address_to_open, is_in
from chat_db.tokens import Lifetimes

from .file_store import FileStore

# MySQL takes 151 connections unless it is told otherwise (ours takes 300), for all workers, ws-server and the command
# line together. Two for each of 64 workers are within that.
ALL_CONNECTIONS = 96
MIB = 2**20
MOST_BYTES = 2**50  # that a setting may allow


@dataclass(frozen=True)
class Config:
    """Settings of web."""

    database: DatabaseSettings
    host: str
    port: int
    published_port: int  # where people find it without PUBLIC_URL
    workers: int
    ws_port: int
    public_url: str | None
    public_ws_url: str | None
    session_dir: Path
    keys: KeySettings
    files_dir: Path
    max_file_bytes: int
    max_user_bytes: int
    files_reserve_bytes: int  # that uploads leave free on the disk
    max_open_uploads: int  # of one user
    files_sweep_seconds: int
    lifetimes: Lifetimes
    registration: str  # open, invite or closed
    trusted_proxies: tuple[Network, ...]
    rate_limits: bool
    limit_failed_logins: str
    limit_account_logins: str
    limit_logins: str
    limit_registrations: str
    limit_lookups: str
    limit_writes: str
    limit_searches: str
    limit_exports: str
    limit_uploads: str
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Raises SettingError, which names the variable."""
        settings = Settings(environ)
        return cls(
            database=DatabaseSettings.read(settings),
            host=settings.text("WEB_HOST", "0.0.0.0"),
            port=settings.port("WEB_PORT", 80),
            published_port=settings.port("WEB_PUBLISHED_PORT", settings.port("WEB_PORT", 80)),
            workers=settings.whole("WEB_WORKERS", 1, low=1, high=64),
            ws_port=settings.port("WS_PORT", 8080),
            public_url=settings.origin("PUBLIC_URL", ("https", "http")),
            public_ws_url=settings.text("PUBLIC_WS_URL") or None,
            session_dir=Path(settings.text("SESSION_DIR", "/var/lib/chatapp/sessions")),
            keys=KeySettings.read(settings),
            files_dir=Path(settings.text("FILES_DIR", "/var/lib/chatapp/files")),
            max_file_bytes=settings.whole("MAX_FILE_BYTES", 100 * MIB, low=1, high=MOST_BYTES),
            max_user_bytes=settings.whole("MAX_USER_BYTES", 5120 * MIB, low=1, high=MOST_BYTES),
            files_reserve_bytes=settings.whole("FILES_RESERVE_BYTES", 1024 * MIB, high=MOST_BYTES),
            max_open_uploads=settings.whole("MAX_OPEN_UPLOADS", 20, low=1, high=10_000),
            lifetimes=Lifetimes.read(settings),
            registration=settings.one_of("REGISTRATION", "open", ("open", "invite", "closed")),
            trusted_proxies=settings.networks("TRUSTED_PROXIES"),
            limit_failed_logins=rate(settings, "LIMIT_FAILED_LOGINS", "5/5 minutes;10/hour;20/day"),
            limit_account_logins=rate(settings, "LIMIT_ACCOUNT_LOGINS", "100/hour;400/day"),
            limit_logins=rate(settings, "LIMIT_LOGINS", "10/3 minutes"),
            limit_registrations=rate(settings, "LIMIT_REGISTRATIONS", "10/hour"),
            limit_lookups=rate(settings, "LIMIT_LOOKUPS", "30/minute"),
            limit_writes=rate(settings, "LIMIT_WRITES", "60/minute"),
            limit_searches=rate(settings, "LIMIT_SEARCHES", "120/minute"),
            limit_exports=rate(settings, "LIMIT_EXPORTS", "20/hour"),
            files_sweep_seconds=settings.whole("FILES_SWEEP_SECONDS", 20, low=1, high=86_400),
            limit_uploads=rate(settings, "LIMIT_UPLOADS", "240/minute"),
            rate_limits=settings.switch("RATE_LIMITS", True),
            log_level=settings.one_of("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        )

    @property
    def is_https(self) -> bool:
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def home(self) -> str:
        """Where people find the pages: PUBLIC_URL, or this machine's published port."""
        return address_to_open(self.public_url, self.host, self.published_port)

    @property
    def connections(self) -> int:
        """Return how many connections to the database a worker has at most: its part of what all have."""
        return max(2, min(MOST_CONNECTIONS, ALL_CONNECTIONS // self.workers))

    def is_trusted_proxy(self, address: str) -> bool:
        return is_in(address, self.trusted_proxies)

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


def rate(settings: Settings, name: str, default: str) -> str:
    """Return a limit in Flask-Limiter's notation, `5/5 minutes;20/day`. Raises SettingError."""
    text = settings.text(name, default)
    try:
        parse_many(text)
    except ValueError:
        raise SettingError(f"{name} must look like {default!r}, not {text!r}") from None
    return text


def current_config() -> Config:
    config = current_app.extensions["chatapp"]
    assert isinstance(config, Config)  # noqa: S101  # put there by create_app
    return config


def current_database() -> Database:
    database = current_app.extensions["database"]
    assert isinstance(database, Database)  # noqa: S101  # put there by create_app
    return database


def current_ring() -> KeyRing:
    """Return the message keys, read when they are first wanted: not every command wants them. Raises KeyRingError."""
    ring = current_app.extensions.get("key_ring")
    if ring is None:
        keys = current_config().keys
        ring = current_app.extensions["key_ring"] = KeyRing(keys.path, keys.encrypts)
    assert isinstance(ring, KeyRing)  # noqa: S101  # put there above
    return ring


def current_store() -> FileStore:
    return FileStore(current_config().files_dir)
