"""POST e_end_device: end one of one's logins, or all but this one."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db.tokens import revoke_device, revoke_others

from .. import rates
from ..config import current_database
from ..errors import Refusal, answer_done
from ..routes import route_twins
from ..session_files import look_soon
from ..sessions import get_current_login, session_token
from .fields import Id, read_fields

blueprint = Blueprint("e_end_device", __name__)


class Ended(msgspec.Struct):
    """`id` of one login, or `others` for all but this one."""

    id: Id | None = None
    others: bool = False


@route_twins(blueprint, "/backend/e_end_device", "POST")
def end() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(Ended)
    if (fields.id is None) == (not fields.others):
        raise Refusal("bad_request")
    if fields.id is None:
        current_database().run(revoke_others, login.user_id, session_token() or "")
    elif not current_database().run(revoke_device, login.user_id, fields.id):
        raise Refusal("not_found", 404)
    look_soon()
    return answer_done("/devices?done=ended")
