"""POST e_change_password: a new password; every other login ends."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db.secrets import digest
from chat_db.users import change_password, find_account_by_id

from .. import passwords, rates
from ..config import current_database
from ..errors import Refusal, answer_done
from ..routes import route_twins
from ..session_files import look_soon
from ..sessions import get_current_login, session_token
from .fields import read_fields, refusals_go_to

blueprint = Blueprint("e_change_password", __name__)


class PasswordChange(msgspec.Struct):
    old_password: str
    new_password: str


@route_twins(blueprint, "/backend/e_change_password", "POST")
def change() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(PasswordChange)
    with refusals_go_to("/account"):
        old_hash = check_password(login.user_id, fields.old_password)
        if not passwords.is_acceptable(fields.new_password):
            raise Refusal("bad_password")
        password_hash = passwords.hash_password(fields.new_password)
        keep = digest(session_token() or "")
        if not current_database().run(change_password, login.user_id, password_hash, keep, old_hash):
            raise Refusal("wrong_password", 403)  # it was changed elsewhere in this moment
    look_soon()
    return answer_done("/account?done=password")


def check_password(user_id: int, password: str) -> str:
    """Make sure that it is the user who sits there; return the hash. Raises Refusal; tries count for this session."""
    account = current_database().run(find_account_by_id, user_id)
    counted = rates.count_session_try(user_id, session_token() or "")
    if account is None or not passwords.is_password(account.password, password):
        raise Refusal("wrong_password", 403)
    counted.succeed()
    return account.password
