"""POST e_login: start a session and issue a WebSocket token."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.names import clean_name
from chat_db.tokens import LoginOvertaken
from chat_db.users import Account, find_account, rehash_password

from .. import passwords, rates
from ..answers import Answer, LoggedIn
from ..config import current_database
from ..device_cookie import find_known_device, new_browser, set_device_cookie
from ..refusals import Refusal
from ..sessions import start_session
from .endpoint import endpoint
from .fields import Credentials, refusals_go_to

blueprint = Blueprint("e_login", __name__)


@endpoint(blueprint, "POST", "e_login", "wrong_login", "rate_limited", "storage_full")
def log_in(fields: Credentials) -> Answer[LoggedIn]:
    """Log in: a session (the cookie `session`), and a token for WebSockets.

    An unknown name and a wrong password give the same answer, after the same time.
    """
    browser = new_browser()
    with refusals_go_to("/login", fields.username):
        account = check_login(fields)
        try:
            token = start_session(account.id, account.password, browser)
        except LoginOvertaken:
            raise Refusal("wrong_login") from None
    answer = Answer(LoggedIn(account.id, account.username, token), page="/")
    set_device_cookie(answer, browser)
    return answer


def check_login(credentials: Credentials) -> Account:
    """Return whose login this is. Raises Refusal: the same, after the same time, for an unknown name."""
    name = clean_name(credentials.username)
    account = current_database().run(find_account, name) if name else None
    counted = count_try(account, credentials.username)
    if account is None:
        passwords.check_dummy_hash(credentials.password)
        raise Refusal("wrong_login")
    if not passwords.is_password(account.password, credentials.password) or account.is_disabled:
        raise Refusal("wrong_login")
    counted.succeed()
    if passwords.needs_rehash(account.password):
        new_hash = passwords.hash_password(credentials.password)
        current_database().run(rehash_password, account.id, new_hash, account.password)
        return msgspec.structs.replace(account, password=new_hash)
    return account


def count_try(account: Account | None, typed_name: str) -> rates.Try:
    """Count this try. A browser that logged in before has a count of its own, whatever others do where it is."""
    user_id = account.id if account else None
    device = find_known_device(user_id)
    if user_id is not None and device is not None:
        return rates.count_device_try(user_id, device)
    rates.count_login()
    return rates.count_login_try(user_id, typed_name)
