"""Who is asking? A session is a file on the server that holds the login's token; the login's row decides.

Flask-Session with cachelib's files is the equivalent of PHP's session files and is shared by gunicorn's workers.
A session changes at login and logout only, so that no request in flight can bring a logged-out one back.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

from cachelib.file import FileSystemCache
from flask import Flask, current_app, request, session
from flask_session import Session
from flask_session.cachelib import CacheLibSessionInterface

from chat_db import DatabaseUnavailable
from chat_db.known_devices import Browser
from chat_db.tokens import Login, find_login, issue_token, revoke_token

from .config import Config, current_config, current_database
from .refusals import RETRY_AFTER, Refusal

log = logging.getLogger("chatapp.web")


def init_app(app: Flask, config: Config) -> None:
    make_private(config.session_dir)  # they are pickles, and they hold tokens
    app.config.update(
        SESSION_TYPE="cachelib",
        # threshold 0: the cache's default would let 600 anonymous visits evict somebody's login.
        SESSION_CACHELIB=FileSystemCache(str(config.session_dir), threshold=0, mode=0o600),
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_NAME="__Host-session" if config.is_https else "session",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=config.lifetimes.days),
    )
    Session(app)


def make_private(folder: Path) -> None:
    """Make a folder that nobody else reads or writes, or make it private. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)


def find_current_login() -> Login | None:
    """Return the live login of this request's session, or None. Raises DatabaseUnavailable."""
    token = session_token()
    return current_database().run(find_login, token, current_config().lifetimes) if token else None


def is_logged_in() -> bool:
    """Say whether there is a live login; while the database is away, there is none."""
    try:
        return find_current_login() is not None
    except DatabaseUnavailable:
        return False


def get_current_login() -> Login:
    """As find_current_login; raises Refusal (401) where there is none."""
    login = find_current_login()
    if login is None:
        raise Refusal("not_logged_in")
    return login


def session_token() -> str | None:
    token = session.get("token")
    return token if isinstance(token, str) else None


def start_session(user_id: int, password_hash: str, browser: Browser) -> str:
    """Log a user in: a login's row, a session with a new id; return the token. An earlier login here ends.

    The browser is known from now on. Raises LoginOvertaken where `password_hash`, which was checked, is not the user's
    any more, and Refusal (503) where the session cannot be stored: a cookie for nothing would lead back to the login
    without a word.
    """
    agent = request.headers.get("User-Agent", "")
    lifetimes = current_config().lifetimes
    token = current_database().run(
        issue_token, user_id, agent, lifetimes, password_hash, replaces=session_token(), browser=browser
    )
    session.clear()
    session["token"] = token
    session.permanent = True
    current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]  # against session fixation
    if not is_stored():
        log.error("event=session_not_stored folder=%s", current_config().session_dir)
        current_database().run(revoke_token, token)
        forget_session()
        raise Refusal("storage_full", RETRY_AFTER)
    return token


def is_stored() -> bool:
    """Write this request's session; say whether that was possible. (At a request's end, cachelib only logs it.)"""
    interface = current_app.session_interface
    assert isinstance(interface, CacheLibSessionInterface)  # noqa: S101  # made by init_app
    lifetime = int(current_app.permanent_session_lifetime.total_seconds())
    return bool(interface.cache.set(f"{interface.key_prefix}{session.sid}", dict(session), lifetime))  # type: ignore[attr-defined]


def end_session() -> None:
    """Log out: the login's row first, then the session. Raises DatabaseUnavailable, and then nothing has changed."""
    token = session_token()
    if token:
        current_database().run(revoke_token, token)
    forget_session()


def forget_session() -> None:
    """Remove this browser's session, and nothing else."""
    for key in list(session):  # `clear` would keep a marker, and with it the session
        del session[key]
