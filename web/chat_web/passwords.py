"""Is this the password? Hashing in threads of its own, as many as there are processors.

scrypt with N=2^15, r=8, p=3 (OWASP Password Storage Cheat Sheet) takes 32 MiB for each check: 40 at once took 1 GB.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TypeVar

from gevent.threadpool import ThreadPool
from werkzeug.security import check_password_hash, generate_password_hash

from .field_limits import MAX_PASSWORD, MIN_PASSWORD
from .refusals import Refusal

METHOD = "scrypt:32768:8:3"

Result = TypeVar("Result")


@functools.cache
def _threads() -> ThreadPool:
    return ThreadPool(os.cpu_count() or 1)


def _in_thread(function: Callable[[], Result]) -> Result:
    """Run what takes a while without stopping the other requests of this worker."""
    result: Result = _threads().apply(function)
    return result


def check_new_password(password: str) -> None:
    """Raise Refusal (`bad_password`) where a new password is too short or too long (OWASP ASVS 5, 6.2)."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refusal("bad_password")


def hash_password(password: str) -> str:
    return _in_thread(lambda: generate_password_hash(password, method=METHOD))


def is_password(stored: str, password: str) -> bool:
    """Say whether a password fits a stored hash; a hash that cannot be parsed fits nothing, nor does a long text."""

    def check() -> bool:
        try:
            return check_password_hash(stored, password[: MAX_PASSWORD + 1])
        except ValueError:
            return False

    return _in_thread(check)


def needs_rehash(stored: str) -> bool:
    return not stored.startswith(METHOD + "$")


@functools.cache
def _unused_hash() -> str:
    return hash_password(os.urandom(16).hex())


def check_dummy_hash(password: str) -> None:
    """Take as long as a check: an unknown name must not answer sooner than a wrong password."""
    is_password(_unused_hash(), password)
