"""POST e_login: start a session and issue a WebSocket token."""

from __future__ import annotations

import msgspec
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from chat_db.names import clean_name
from chat_db.tokens import LoginOvertaken
from chat_db.users import Account, find_account, rehash_password

from .. import passwords, rates
from ..config import current_database
from ..device_cookie import find_known_device, new_browser, set_device_cookie
from ..errors import Refusal, answer_json
from ..routes import route_twins
from ..sessions import start_session
from .fields import Credentials, read_credentials, refusals_go_to

blueprint = Blueprint("e_login", __name__)


@route_twins(blueprint, "/backend/e_login", "POST")
def log_in() -> Response:
    credentials = read_credentials()
    browser = new_browser()
    with refusals_go_to("/login", credentials.username):
        account = check_login(credentials)
        try:
            token = start_session(account.id, account.password, browser)
        except LoginOvertaken:
            raise Refusal("wrong_login", 401) from None
    if request.is_json:
        body = {"status": "success", "user_id": account.id, "username": account.username, "token": token}
        answer: Response = answer_json(body)
    else:
        answer = redirect("/")
    set_device_cookie(answer, browser)
    return answer


def check_login(credentials: Credentials) -> Account:
    """Return whose login this is. Raises Refusal: the same, after the same time, for an unknown name."""
    name = clean_name(credentials.username)
    account = current_database().run(find_account, name) if name else None
    counted = count_try(account, credentials.username)
    if account is None:
        passwords.waste_time(credentials.password)
        raise Refusal("wrong_login", 401)
    if not passwords.is_password(account.password, credentials.password) or account.is_disabled:
        raise Refusal("wrong_login", 401)
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
