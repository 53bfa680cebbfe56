"""GET check_user_existence: is there a user of this name?"""

from __future__ import annotations

import msgspec
from flask import Blueprint
from msgspec import UNSET, UnsetType

from chat_db.names import clean_name
from chat_db.users import find_user

from .. import rates
from ..answers import Answer, Refused, UserExists
from ..config import current_database
from ..refusals import Refusal, text_of
from ..sessions import find_current_login
from .endpoint import endpoint

blueprint = Blueprint("check_user_existence", __name__)


class WantedName(msgspec.Struct):
    """One of the two; `user_name` is the prototype's other word for it."""

    username: str | UnsetType = UNSET
    user_name: str | UnsetType = UNSET


@endpoint(blueprint, "GET", "check_user_existence", "rate_limited")
def check(query: WantedName) -> Answer[UserExists | Refused]:
    """Say whether there is a user of a name: 200 in both cases, as in the prototype.

    Only somebody who is logged in also gets the user's id.
    """
    typed = query.user_name if query.username is UNSET else query.username
    if typed is UNSET:
        raise Refusal("bad_request")
    rates.count_lookup()
    name = clean_name(typed)
    user = current_database().run(find_user, name) if name else None
    if user is None:
        return Answer(Refused("no_such_user", text_of("no_such_user")))
    return Answer(UserExists(UNSET if find_current_login() is None else user.id))
