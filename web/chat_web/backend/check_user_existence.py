"""GET check_user_existence: is there a user of this name?"""

from __future__ import annotations

from flask import Blueprint, Response, request

from chat_db.names import clean_name
from chat_db.users import find_user

from .. import rates
from ..config import current_database
from ..errors import WORDS, Refusal, answer_json
from ..routes import route_twins
from ..sessions import find_current_login

blueprint = Blueprint("check_user_existence", __name__)


@route_twins(blueprint, "/backend/check_user_existence", "GET")
def check() -> Response:
    """Answer 200 in both cases, as the prototype did; only somebody who is logged in also gets the user's id."""
    typed = request.args.get("username", request.args.get("user_name"))
    if typed is None:
        raise Refusal("bad_request")
    rates.count_lookup()
    name = clean_name(typed)
    user = current_database().run(find_user, name) if name else None
    if user is None:
        return answer_json({"status": "error", "code": "no_such_user", "message": WORDS["no_such_user"]})
    if find_current_login() is None:
        return answer_json({"status": "success"})
    return answer_json({"status": "success", "message": user.id})
