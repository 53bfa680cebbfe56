"""POST e_end_device: end one of one's logins, or all but this one."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.tokens import Login, revoke_device, revoke_others

from ..answers import Answer, Done
from ..config import current_database
from ..refusals import Refusal
from ..session_files import look_soon
from ..sessions import session_token
from .endpoint import endpoint
from .fields import Id

blueprint = Blueprint("e_end_device", __name__)


class DeviceSelection(msgspec.Struct):
    """`id` of one login, or `others` for all but this one."""

    id: Id | None = None
    others: bool = False


@endpoint(blueprint, "POST", "e_end_device", "not_found")
def end(login: Login, fields: DeviceSelection) -> Answer[Done]:
    """End one of one's logins (`id`, as in `get_account`), or all but the one that asks (`others`)."""
    if (fields.id is None) == (not fields.others):
        raise Refusal("bad_request")
    if fields.id is None:
        current_database().run(revoke_others, login.user_id, session_token() or "")
    elif not current_database().run(revoke_device, login.user_id, fields.id):
        raise Refusal("not_found")
    look_soon()
    return Answer(Done(), page="/settings?done=ended#devices")
