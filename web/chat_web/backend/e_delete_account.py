"""POST e_delete_account: name, password and logins go; the other person keeps the conversation."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db.users import delete_user

from .. import rates
from ..config import current_database
from ..errors import answer_done
from ..housekeeping import purge_after
from ..routes import route_twins
from ..session_files import look_soon
from ..sessions import forget_session, get_current_login
from .e_change_password import check_password
from .fields import read_fields, refusals_go_to

blueprint = Blueprint("e_delete_account", __name__)


class Deletion(msgspec.Struct):
    password: str


@route_twins(blueprint, "/backend/e_delete_account", "POST")
def delete() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(Deletion)
    with refusals_go_to("/account"):
        check_password(login.user_id, fields.password)
        current_database().run(delete_user, login.user_id)
    forget_session()
    purge_after(current_database())
    look_soon()
    return answer_done("/login?deleted=1")
