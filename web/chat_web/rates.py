"""How often may one do what an attacker would do often? Flask-Limiter, each limit a setting.

Counted before the work, so that requests in parallel count too. The limits by user carry the protection: an address
may be many people, and one person may have many addresses. Counts are kept in the memory of each worker.
"""

from __future__ import annotations

import time
import unicodedata

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from chat_db.settings import network_of

from .addresses import client_address, is_shared
from .config import current_config
from .errors import Refusal

SHARED_FACTOR = 20  # an address behind which many people are may do so many times as much

limiter = Limiter(client_address, storage_uri="memory://", strategy="moving-window")


def init_app(app: Flask) -> None:
    limiter.init_app(app)


def count_attempt(account: str) -> None:
    """Count a try at an account's password. Raises Refusal (429). A session that exists is never locked out."""
    _take("attempt", current_config().limit_failed_logins, account)


def forgive_attempts(account: str) -> None:
    """The password was right: the tries before it do not count any more."""
    for limit in parse_many(current_config().limit_failed_logins):
        limiter.limiter.clear(limit, "attempt", account)


def count_login() -> None:
    _take_by_address("login", current_config().limit_logins)


def count_registration() -> None:
    _take_by_address("registration", current_config().limit_registrations)


def count_lookup() -> None:
    _take_by_address("lookup", current_config().limit_lookups)


def count_write(user_id: int) -> None:
    """Count a change that a user makes with a session, whatever it is. Raises Refusal (429)."""
    _take("write", current_config().limit_writes, str(user_id))


def account_key(user_id: int | None, name: str) -> str:
    """Return under what tries are counted: the user, or a name that none has, however it is spelled."""
    if user_id is not None:
        return f"user:{user_id}"
    plain = unicodedata.normalize("NFKD", name[:200]).casefold()
    return "name:" + "".join(c for c in plain if not unicodedata.combining(c))


def _take_by_address(what: str, limits: str) -> None:
    address = client_address()
    _take(what, limits, network_of(address), SHARED_FACTOR if is_shared(address) else 1)


def _take(what: str, limits: str, key: str, factor: int = 1) -> None:
    if not current_config().rate_limits:
        return
    for limit in parse_many(limits):
        wide: RateLimitItem = type(limit)(limit.amount * factor, limit.multiples)
        if not limiter.limiter.hit(wide, what, key):
            reset = limiter.limiter.get_window_stats(wide, what, key).reset_time
            raise Refusal("rate_limited", 429, retry_after=max(1, int(reset - time.time()) + 1))
