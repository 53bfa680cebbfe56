"""POST e_delete_account: name, password and logins go; the other person keeps the conversation."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.tokens import Login
from chat_db.users import delete_user

from ..answers import Answer, Done
from ..config import current_database
from ..housekeeping import purge_after
from ..session_files import look_soon
from ..sessions import forget_session
from .e_change_password import check_password
from .endpoint import endpoint
from .fields import refusals_go_to

blueprint = Blueprint("e_delete_account", __name__)


class Deletion(msgspec.Struct):
    password: str


@endpoint(blueprint, "POST", "e_delete_account", "wrong_password")
def delete(login: Login, fields: Deletion) -> Answer[Done]:
    """Delete one's account for good. The other person keeps the conversation."""
    with refusals_go_to("/settings", form="delete"):
        check_password(login.user_id, fields.password)
        current_database().run(delete_user, login.user_id)
    forget_session()
    purge_after(current_database())
    look_soon()
    return Answer(Done(), page="/login?deleted=1")
