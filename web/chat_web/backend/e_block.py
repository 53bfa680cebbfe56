"""POST e_block and e_unblock: hear nothing more of somebody, and tell them nothing more; or take it back."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db import NoSuchUser
from chat_db.blocks import add_block, remove_block
from chat_db.chats import have_chat
from chat_db.tokens import Login
from chat_db.users import find_user_by_id

from .. import rates
from ..answers import Answer, Done
from ..config import current_database
from ..refusals import Refusal
from .endpoint import endpoint
from .fields import Id

blueprint = Blueprint("e_block", __name__)


class BlockedUser(msgspec.Struct):
    user_id: Id


@endpoint(blueprint, "POST", "e_block", "no_such_user")
def block(login: Login, fields: BlockedUser) -> Answer[Done]:
    """Block a user: nothing passes between the two any more, and they are not told."""
    if fields.user_id == login.user_id:
        raise Refusal("bad_request")
    database = current_database()
    if not database.run(have_chat, login.user_id, fields.user_id):  # else the name is no news
        rates.count_lookup()  # whom one has blocked one sees by name
    if database.run(find_user_by_id, fields.user_id) is None:
        raise Refusal("no_such_user")
    try:
        database.run(add_block, login.user_id, fields.user_id)
    except NoSuchUser:
        raise Refusal("no_such_user") from None
    return Answer(Done(), page="/settings?done=blocked#privacy")


@endpoint(blueprint, "POST", "e_unblock")
def unblock(login: Login, fields: BlockedUser) -> Answer[Done]:
    """Take a block back; where there is none, nothing happens."""
    current_database().run(remove_block, login.user_id, fields.user_id)
    return Answer(Done(), page="/settings?done=unblocked#privacy")
