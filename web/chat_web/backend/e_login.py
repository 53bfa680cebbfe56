"""POST e_login: start a session and issue a WebSocket token."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from chat_db import DatabaseUnavailable
from chat_db.names import clean_name
from chat_db.users import Account, find_account, save_password

from .. import passwords
from ..config import current_database
from ..errors import RETRY_AFTER, Refusal, answer_json
from ..routes import route_twins
from ..sessions import start_session
from .credentials import Credentials, answer_refusal, read_credentials

blueprint = Blueprint("e_login", __name__)


@route_twins(blueprint, "/backend/e_login", "POST")
def log_in() -> Response:
    credentials = read_credentials()
    try:
        account = check_login(credentials)
        token = start_session(account.id)
    except Refusal as refusal:
        return answer_refusal("/login", credentials.username, refusal)
    except DatabaseUnavailable:
        return answer_refusal("/login", credentials.username, Refusal("unavailable", 503, RETRY_AFTER))
    if request.is_json:
        body = {"status": "success", "user_id": account.id, "username": account.username, "token": token}
        return answer_json(body)
    return redirect("/")


def check_login(credentials: Credentials) -> Account:
    """Return whose login this is. Raises Refusal: the same, after the same time, for an unknown name."""
    name = clean_name(credentials.username)
    account = current_database().run(find_account, name) if name else None
    if account is None:
        passwords.waste_time(credentials.password[: passwords.MAX_LENGTH])
        raise Refusal("wrong_login", 401)
    if len(credentials.password) > passwords.MAX_LENGTH or not passwords.is_password(
        account.password, credentials.password
    ):
        raise Refusal("wrong_login", 401)
    if passwords.needs_rehash(account.password):
        current_database().run(save_password, account.id, passwords.hash_password(credentials.password))
    return account
