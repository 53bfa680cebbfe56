"""Which settings does ws-server have? Read once, at start, into one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat_db import DatabaseSettings, Settings
from chat_db.encryption import KeySettings
from chat_db.settings import Network
from chat_db.tokens import Lifetimes


@dataclass(frozen=True)
class Config:
    """Settings of ws-server; a rate of 0 turns that limit off."""

    database: DatabaseSettings
    keys: KeySettings
    lifetimes: Lifetimes
    host: str
    port: int
    public_url: str | None
    message_burst: int  # messages that a user may send at once …
    message_rate: float  # … and messages a second after that
    frame_burst: int  # the same for frames of any kind on one connection
    frame_rate: float
    lookup_rate: int  # add_chat frames of a user in a minute
    sync_rate: int  # sync frames of a user in a minute, a third of them at once
    purge_seconds: float  # between two looks for messages that are to disappear
    max_connections: int
    max_per_address: int
    max_per_user: int
    trusted_proxies: tuple[Network, ...]
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Raises SettingError, which names the variable."""
        settings = Settings(environ)
        return cls(
            database=DatabaseSettings.read(settings),
            keys=KeySettings.read(settings),
            lifetimes=Lifetimes.read(settings),
            host=settings.text("WS_HOST", "0.0.0.0"),
            port=settings.port("WS_PORT", 8080),
            public_url=settings.origin("PUBLIC_URL", ("https", "http")),
            message_burst=settings.whole("WS_MESSAGE_BURST", 30, low=1),
            message_rate=settings.number("WS_MESSAGE_RATE", 5),
            frame_burst=settings.whole("WS_FRAME_BURST", 200, low=1),
            frame_rate=settings.number("WS_FRAME_RATE", 50),
            lookup_rate=settings.whole("WS_LOOKUP_RATE", 30),
            sync_rate=settings.whole("WS_SYNC_RATE", 300),
            purge_seconds=settings.number("WS_PURGE_SECONDS", 60, low=0.05, high=86_400),
            max_connections=settings.whole("WS_MAX_CONNECTIONS", 10_000, low=1),
            max_per_address=settings.whole("WS_MAX_PER_ADDRESS", 1_000, low=1),
            max_per_user=settings.whole("WS_MAX_PER_USER", 50, low=1),
            trusted_proxies=settings.networks("TRUSTED_PROXIES"),
            log_level=settings.one_of("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        )
