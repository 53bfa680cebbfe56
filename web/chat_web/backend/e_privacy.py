"""POST e_privacy: whether one shows read receipts and presence, and so sees those of others."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chat_db.tokens import Login
from chat_db.users import Choices, save_choices

from ..answers import Answer, Done
from ..config import current_database
from .endpoint import endpoint

blueprint = Blueprint("e_privacy", __name__)


class PrivacyChoices(msgspec.Struct):
    """What one shows to others. A box of a form that is not ticked is not sent, so that left out means off."""

    show_receipts: bool = False
    show_presence: bool = False


@endpoint(blueprint, "POST", "e_privacy")
def save(login: Login, fields: PrivacyChoices) -> Answer[Done]:
    """Set what one shows to others. What one hides, one does not see of others."""
    current_database().run(save_choices, login.user_id, Choices(fields.show_receipts, fields.show_presence))
    return Answer(Done(), page="/settings?done=choices#privacy")
