"""POST e_invite: make a link that lets one person register, and brings them into a chat with whoever made it."""

from __future__ import annotations

from flask import Blueprint

from chat_db.links import make_own_invite
from chat_db.tokens import Login

from ..answers import Answer, InviteMade
from ..config import current_config, current_database
from ..invite import invite_link, show_next
from ..refusals import Refusal
from .endpoint import endpoint
from .fields import refusals_go_to

blueprint = Blueprint("e_invite", __name__)

MOST_OPEN = 20  # unused invitations of one user


@endpoint(blueprint, "POST", "e_invite", "registration_closed", "too_many_invites", status=201)
def invite(login: Login) -> Answer[InviteMade]:
    """Make an invitation, good once, for 7 days. Who registers with it has a chat with who made it.

    A form goes on to the page that shows the link.
    """
    with refusals_go_to("/invite"):
        if current_config().registration == "closed":
            raise Refusal("registration_closed")
        token = current_database().run(make_own_invite, login.user_id, MOST_OPEN)
        if token is None:
            raise Refusal("too_many_invites")
    answer = Answer(InviteMade(invite_link(token)), 201, page="/invite")
    if answer.location:
        show_next(answer, token)
    return answer
