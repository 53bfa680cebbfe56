"""POST e_reset_password: set a new password with a one-time link; every login ends."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db.links import find_reset, use_reset

from .. import passwords, rates
from ..config import current_database
from ..errors import Refusal, answer_done
from ..routes import route_twins
from ..session_files import look_soon
from .fields import read_fields, refusals_go_to

blueprint = Blueprint("e_reset_password", __name__)


class Reset(msgspec.Struct):
    token: str
    password: str


@route_twins(blueprint, "/backend/e_reset_password", "POST")
def reset() -> Response:
    fields = read_fields(Reset)
    with refusals_go_to("/reset", token=fields.token[:64]):
        rates.count_login()
        if current_database().run(find_reset, fields.token) is None:
            raise Refusal("bad_link", 403)
        if not passwords.is_acceptable(fields.password):
            raise Refusal("bad_password")
        password_hash = passwords.hash_password(fields.password)
        if not current_database().run(use_reset, fields.token, password_hash):
            raise Refusal("bad_link", 403)
    look_soon()
    return answer_done("/login?done=password")
