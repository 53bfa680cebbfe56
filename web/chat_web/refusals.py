"""What is not done, and why? Each code of the contract with its HTTP status and its text, in one place."""

from __future__ import annotations

from chat_db.names import MAX_NAME

from .field_limits import MAX_PASSWORD, MIN_PASSWORD

RETRY_AFTER = 5  # seconds; what clients are told while the database is away

# `code` is for programs and never changes; the text is for people.
REFUSALS = {
    "bad_request": (400, "A field is missing or wrong."),
    "wrong_address": (400, "This is not the address of this server."),
    "bad_username": (400, f"A name has 1 to {MAX_NAME} characters: letters, digits, and . - _"),
    "bad_password": (400, f"A password has {MIN_PASSWORD} to {MAX_PASSWORD:,} characters."),
    "username_taken": (409, "This name is already taken."),
    "wrong_login": (401, "The name or the password is wrong."),
    "wrong_password": (403, "The password is wrong."),
    "registration_closed": (403, "This server does not accept new accounts."),
    "bad_invite": (403, "This invitation is no longer valid."),
    "bad_link": (403, "This link is no longer valid."),
    "too_many_invites": (409, "There are too many unused invitations. Wait until some are used."),
    "not_logged_in": (401, "Please log in."),
    "forbidden": (403, "This request did not come from ChatApp's own page."),
    "not_found": (404, "There is nothing here."),
    "no_such_user": (404, "There is no user with this name."),
    "no_such_chat": (404, "There is no such chat."),
    "no_such_file": (404, "There is no such file."),
    "no_such_upload": (404, "There is no such upload."),
    "bad_thumbnail": (400, "A small picture has at most 64 KiB and 1,024 pixels on a side, and belongs to one file."),
    "client_id_reused": (409, "Another file has been sent under this name."),
    "too_many_uploads": (409, "There are too many unfinished uploads. Wait until some are done."),
    "wrong_offset": (409, "The upload has come to another place. HEAD says where it goes on."),
    "upload_gone": (410, "The server has lost this file. Please send it again."),
    "wrong_version": (412, "Uploads speak tus 1.0.0 here."),
    "too_large": (413, "The request is too large."),
    "file_too_large": (413, "This file is too large for this server."),
    "quota_full": (413, "There is no room left for your files. Delete some that you have sent."),
    "wrong_type": (415, "A piece of a file has the type application/offset+octet-stream."),
    "upload_busy": (423, "Another request is sending this file."),
    "rate_limited": (429, "Too many requests in a short time. Please wait a moment."),
    "storage_full": (503, "The server has no space left to store a login. Please try again later."),
    "unavailable": (503, "The server cannot reach its database. Please try again in a moment."),
    "disk_full": (507, "The server has no room for this file at present. Please try again later."),
}
# What is wrong, more closely than the code says: the field `reason` of an answer, and the text that goes with it.
REASONS = {
    "mixed_scripts": "A name may use only one alphabet: letters that look alike would let one person pass for another.",
    "mixed_digits": "A name may use digits of only one script.",
    "fate_unknown": "The account may or may not have been created. Try to log in.",
}


class Refusal(Exception):
    """The user may not, or the request makes no sense: `code` is one of REFUSALS, `reason` one of REASONS.

    `retry_after` is in seconds, and is there where waiting helps.
    """

    def __init__(self, code: str, retry_after: int | None = None, reason: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.reason = reason

    @property
    def status(self) -> int:
        return status_of(self.code)


class FormRefusal(Exception):
    """A form was refused: its page, at `location`, says why."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def status_of(code: str) -> int:
    return REFUSALS[code][0]


def text_of(code: str, reason: str | None = None) -> str:
    return REASONS[reason] if reason else REFUSALS[code][1]
