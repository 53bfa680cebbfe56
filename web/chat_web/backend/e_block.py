"""POST e_block and e_unblock: hear nothing more of somebody, and tell them nothing more; or take it back."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db import NoSuchUser
from chat_db.blocks import add_block, remove_block
from chat_db.chats import have_chat
from chat_db.users import find_user_by_id

from .. import rates
from ..config import current_database
from ..errors import Refusal, answer_done
from ..routes import route_twins
from ..sessions import get_current_login
from .fields import Id, read_fields

blueprint = Blueprint("e_block", __name__)


class BlockedUser(msgspec.Struct):
    user_id: Id


@route_twins(blueprint, "/backend/e_block", "POST")
def block() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(BlockedUser)
    if fields.user_id == login.user_id:
        raise Refusal("bad_request")
    database = current_database()
    if not database.run(have_chat, login.user_id, fields.user_id):  # else the name is no news
        rates.count_lookup()  # whom one has blocked one sees by name
    if database.run(find_user_by_id, fields.user_id) is None:
        raise Refusal("no_such_user", 404)
    try:
        database.run(add_block, login.user_id, fields.user_id)
    except NoSuchUser:
        raise Refusal("no_such_user", 404) from None
    return answer_done("/account?done=blocked")


@route_twins(blueprint, "/backend/e_unblock", "POST")
def unblock() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(BlockedUser)
    current_database().run(remove_block, login.user_id, fields.user_id)
    return answer_done("/account?done=unblocked")
