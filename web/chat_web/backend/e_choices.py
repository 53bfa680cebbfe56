"""POST e_choices: whether one shows read receipts and presence, and so sees those of others."""

from __future__ import annotations

import msgspec
from flask import Blueprint
from werkzeug.wrappers import Response

from chat_db.users import Choices, save_choices

from .. import rates
from ..config import current_database
from ..errors import answer_done
from ..routes import route_twins
from ..sessions import get_current_login
from .fields import read_fields

blueprint = Blueprint("e_choices", __name__)


class ChosenFields(msgspec.Struct):
    """A box of a form that is not ticked is not sent: left out means off."""

    show_receipts: bool = False
    show_presence: bool = False


@route_twins(blueprint, "/backend/e_choices", "POST")
def choose() -> Response:
    login = get_current_login()
    rates.count_write(login.user_id)
    fields = read_fields(ChosenFields)
    current_database().run(save_choices, login.user_id, Choices(fields.show_receipts, fields.show_presence))
    return answer_done("/account?done=choices")
