"""How often may one do what an attacker would do often? Flask-Limiter, each limit a setting.

Counted before the work, so that requests in parallel count too. Tries at a password count where they come from, so that
a stranger cannot lock anybody out: a session's for that session, a known browser's for that browser, all others for the
account and their network, and in a wide limit for the account. Counts are kept in the memory of each worker.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from dataclasses import dataclass

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, parse_many

from chat_db.secrets import digest
from chat_db.settings import network_of

from .addresses import client_address, is_shared
from .attempts import Attempts
from .config import current_config
from .refusals import Refusal

SHARED_FACTOR = 20  # an address behind which many people are may do so many times as much
IPV6_CUSTOMER = 48  # bits; a /48 or less is what a provider gives to one customer (RFC 6177)

attempts = Attempts()
limiter = Limiter(client_address, storage_uri="memory://", strategy="moving-window")


def init_app(app: Flask) -> None:
    limiter.init_app(app)


@dataclass(frozen=True)
class Try:
    """A try at a password that was counted: under a key of its own, and at most logins for the account as well."""

    key: str
    account: str | None = None

    def succeed(self) -> None:
        """The password was right: the tries before it do not count any more, for the account only this one."""
        attempts.forget(self.key)
        if self.account:
            attempts.take_back(self.account)


def count_session_try(user_id: int, token: str) -> Try:
    """Count a try at the password inside a session: for this session. Raises Refusal (429).

    Right ones, and those of many sessions, are as much work: all of a user's sessions have a limit together.
    """
    config = current_config()
    key = f"session:{digest(token)}"
    _count_tries(
        (key, parse_many(config.limit_failed_logins)),
        (f"sessions:{user_id}", parse_many(config.limit_logins)),
    )
    return Try(key)


def count_device_try(user_id: int, device: str) -> Try:
    """Count a try from a browser that has logged in as this user before: for it only. Raises Refusal (429).

    What strangers do cannot lock it out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Right
    passwords have a limit too, since each is as much work as a wrong one: for the user, instead of the address.
    """
    config = current_config()
    key = f"device:{user_id}:{digest(device)}"
    _count_tries(
        (key, parse_many(config.limit_failed_logins)),
        (f"logins:{user_id}", parse_many(config.limit_logins)),
    )
    return Try(key)


def count_login_try(user_id: int | None, name: str) -> Try:
    """Count a try from anywhere: for the account and the network it comes from, and for the account as a whole.

    One network comes to its end long before the account does, and what it tries after that counts for nothing. Of an
    IPv6 address the /48 counts, which is what one customer is given. Raises Refusal (429).
    """
    config, address, account = current_config(), client_address(), account_key(user_id, name)
    own = f"login:{account}:{network_of(address, IPV6_CUSTOMER)}"
    factor = SHARED_FACTOR if is_shared(address) else 1
    _count_tries(
        (own, _widen(config.limit_failed_logins, factor)),
        (account, parse_many(config.limit_account_logins)),
    )
    return Try(own, account)


def _count_tries(*counts: tuple[str, list[RateLimitItem]]) -> None:
    """Count a try under each key, or under none where one of them is at its end: then raises Refusal (429)."""
    if not current_config().rate_limits:
        return
    wait = max(attempts.wait(key, limits) for key, limits in counts)
    if wait:
        raise Refusal("rate_limited", wait)
    for key, limits in counts:
        attempts.count(key, limits)


def count_login() -> None:
    _take_by_address("login", current_config().limit_logins)


def count_registration() -> None:
    _take_by_address("registration", current_config().limit_registrations)


def count_lookup() -> None:
    _take_by_address("lookup", current_config().limit_lookups)


def count_write(user_id: int) -> None:
    """Count a change that a user makes with a session, whatever it is. Raises Refusal (429)."""
    _take("write", current_config().limit_writes, str(user_id))


def count_search(user_id: int) -> None:
    """Count a search of a user. Raises Refusal (429)."""
    _take("search", current_config().limit_searches, str(user_id))


def count_export(user_id: int) -> None:
    """Count a conversation that a user takes along. Raises Refusal (429)."""
    _take("export", current_config().limit_exports, str(user_id))


def count_upload(user_id: int) -> None:
    """Count a file that a user begins to send. Raises Refusal (429)."""
    _take("upload", current_config().limit_uploads, str(user_id))


def account_key(user_id: int | None, name: str) -> str:
    """Return under what tries are counted: the user, or a name that none has, however it is spelled."""
    if user_id is not None:
        return f"user:{user_id}"
    folded = unicodedata.normalize("NFKD", name[:200]).casefold()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return "name:" + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _take_by_address(what: str, limits: str) -> None:
    address = client_address()
    _take(what, limits, network_of(address), SHARED_FACTOR if is_shared(address) else 1)


def _take(what: str, limits: str, key: str, factor: int = 1) -> None:
    if not current_config().rate_limits:
        return
    for wide in _widen(limits, factor):
        if not limiter.limiter.hit(wide, what, key):
            reset = limiter.limiter.get_window_stats(wide, what, key).reset_time
            raise Refusal("rate_limited", max(1, int(reset - time.time()) + 1))


def _widen(limits: str, factor: int) -> list[RateLimitItem]:
    return [type(limit)(limit.amount * factor, limit.multiples) for limit in parse_many(limits)]
