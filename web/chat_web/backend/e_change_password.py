"""POST e_change_password: a new password; every other login ends."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.secrets import digest
from chat_db.tokens import Login
from chat_db.users import change_password, find_account_by_id

from .. import passwords, rates
from ..answers import Answer, Done
from ..config import current_database
from ..refusals import Refusal
from ..session_files import look_soon
from ..sessions import session_token
from .endpoint import endpoint
from .fields import refusals_go_to

blueprint = Blueprint("e_change_password", __name__)


class PasswordChange(msgspec.Struct):
    old_password: str
    new_password: str


@endpoint(blueprint, "POST", "e_change_password", "wrong_password", "bad_password")
def change(login: Login, fields: PasswordChange) -> Answer[Done]:
    """Set a new password. Every other login ends, and an open link for a new password dies."""
    with refusals_go_to("/settings", form="password"):
        old_hash = check_password(login.user_id, fields.old_password)
        passwords.check_new_password(fields.new_password)
        password_hash = passwords.hash_password(fields.new_password)
        keep = digest(session_token() or "")
        if not current_database().run(change_password, login.user_id, password_hash, keep, old_hash):
            raise Refusal("wrong_password")  # it was changed elsewhere in this moment
    look_soon()
    return Answer(Done(), page="/settings?done=password#account")


def check_password(user_id: int, password: str) -> str:
    """Make sure that it is the user who sits there; return the hash. Raises Refusal; tries count for this session."""
    account = current_database().run(find_account_by_id, user_id)
    counted = rates.count_session_try(user_id, session_token() or "")
    if account is None or not passwords.is_password(account.password, password):
        raise Refusal("wrong_password")
    counted.succeed()
    return account.password
