"""POST e_register: create a user, where registration is open or an invite is shown."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint

from chat_db import DatabaseUnavailable
from chat_db.driver_errors import is_fate_unknown
from chat_db.links import create_invited_user, is_invite_good
from chat_db.names import clean_name
from chat_db.users import UsernameTaken, create_user

from .. import passwords, rates
from ..answers import Answer, Registered
from ..config import current_config, current_database
from ..new_names import has_digits_of_one_kind, is_of_one_script
from ..refusals import RETRY_AFTER, Refusal
from .endpoint import endpoint
from .fields import Credentials, refusals_go_to

blueprint = Blueprint("e_register", __name__)

REFUSALS = ("bad_username", "bad_password", "username_taken", "registration_closed", "bad_invite", "rate_limited")


class NewUser(Credentials):
    """`invite` is the secret of an invitation's link; it is needed where registration wants one."""

    invite: str = ""


@endpoint(blueprint, "POST", "e_register", *REFUSALS, status=201)
def register(fields: NewUser) -> Answer[Registered]:
    """Create an account; nobody is logged in by that. An invite also brings a chat with who made it."""
    keep = {"invite": fields.invite} if fields.invite else {}
    with refusals_go_to("/register", fields.username, **keep):
        rates.count_registration()
        user_id, username = add_user(fields)
    return Answer(Registered(user_id), 201, page="/login?" + urlencode({"registered": 1, "username": username}))


def add_user(fields: NewUser) -> tuple[int, str]:
    """Store the user; return id and name as stored. Raises Refusal; an invite is used up only by success."""
    mode, database = current_config().registration, current_database()
    if mode == "closed":
        raise Refusal("registration_closed")
    if mode == "invite" and not database.run(is_invite_good, fields.invite):
        raise Refusal("bad_invite")
    username = check_name(fields.username)
    passwords.check_new_password(fields.password)
    password_hash = passwords.hash_password(fields.password)
    try:
        user_id = store_user(fields.invite, username, password_hash)
    except UsernameTaken:
        raise Refusal("username_taken") from None
    except DatabaseUnavailable as error:
        if not is_fate_unknown(error):
            raise
        raise Refusal("unavailable", RETRY_AFTER, reason="fate_unknown") from error
    return user_id, username


def check_name(typed: str) -> str:
    """Return a new user's name in its stored form. Raises Refusal."""
    username = clean_name(typed)
    if username is None:
        raise Refusal("bad_username")
    if not is_of_one_script(username):
        raise Refusal("bad_username", reason="mixed_scripts")
    if not has_digits_of_one_kind(username):
        raise Refusal("bad_username", reason="mixed_digits")
    return username


def store_user(invite: str, username: str, password_hash: str) -> int:
    """Store the user, by the invite where there is one; registration that is open wants none. Raises Refusal."""
    database = current_database()
    user_id = database.run(create_invited_user, invite, username, password_hash) if invite else None
    if user_id is None and current_config().registration == "open":
        user_id = database.run(create_user, username, password_hash)
    if user_id is None:  # somebody else used the same link meanwhile
        raise Refusal("bad_invite")
    return user_id
