"""Which browser is this? A cookie that every login replaces; `known_devices` says who has logged in with it."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from chat_db.known_devices import Browser, is_known
from chat_db.secrets import is_token_shaped, new_token

from .config import current_config, current_database

LIFETIME = timedelta(days=365)


def cookie_name() -> str:
    return "__Host-device" if current_config().is_https else "device"


def device_secret() -> str | None:
    """Return what the browser's cookie holds, None where it is none of ours."""
    secret = request.cookies.get(cookie_name(), "")
    return secret if is_token_shaped(secret) else None


def find_known_device(user_id: int | None) -> str | None:
    """Return the browser's secret where somebody has logged in as this user with it before."""
    secret = device_secret()
    if secret is None or user_id is None:
        return None
    return secret if current_database().run(is_known, user_id, secret) else None


def new_browser() -> Browser:
    return Browser(old=device_secret(), new=new_token())


def set_device_cookie(answer: Response, browser: Browser) -> None:
    answer.set_cookie(
        cookie_name(),
        browser.new,
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=current_config().is_https,
    )
