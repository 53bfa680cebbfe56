"""POST e_reset_password: set a new password with a one-time link; every login ends."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.links import find_reset, use_reset

from .. import passwords, rates
from ..answers import Answer, Done
from ..config import current_database
from ..refusals import Refusal
from ..session_files import look_soon
from .endpoint import endpoint
from .fields import refusals_go_to

blueprint = Blueprint("e_reset_password", __name__)


class Reset(msgspec.Struct):
    """`token` is the secret of the link."""

    token: str
    password: str


@endpoint(blueprint, "POST", "e_reset_password", "bad_link", "bad_password", "rate_limited")
def reset(fields: Reset) -> Answer[Done]:
    """Set a new password with a one-time link of the command line. Every login ends."""
    with refusals_go_to("/reset", token=fields.token[:64]):
        rates.count_login()
        if current_database().run(find_reset, fields.token) is None:
            raise Refusal("bad_link")
        passwords.check_new_password(fields.password)
        password_hash = passwords.hash_password(fields.password)
        if not current_database().run(use_reset, fields.token, password_hash):
            raise Refusal("bad_link")
    look_soon()
    return Answer(Done(), page="/login?done=password")
