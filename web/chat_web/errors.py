"""What does a client hear when something cannot be done? The one place where exceptions become answers."""

from __future__ import annotations

import logging

import msgspec
from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from chat_db import DatabaseUnavailable

from .config import current_config

log = logging.getLogger("chatapp.web")

RETRY_AFTER = 5  # seconds; what clients are told while the database is away

PAGES = {400: "errors/400.html", 403: "errors/403.html", 404: "errors/404.html", 429: "errors/429.html"}
CODES = {403: "forbidden", 404: "not_found", 413: "too_large", 429: "rate_limited"}
WORDS = {
    "bad_request": "A field is missing or wrong.",
    "wrong_address": "This is not the address of this server.",
    "bad_username": "A name has 1 to 50 letters, digits or _ . - and nothing else.",
    "bad_password": "A password has 8 to 1,024 characters.",
    "username_taken": "This name is taken.",
    "wrong_login": "Name or password is wrong.",
    "wrong_password": "The password is wrong.",
    "registration_closed": "New accounts are not made here.",
    "bad_invite": "This invitation is not good any more.",
    "bad_link": "This link is not good any more.",
    "too_many_invites": "There are enough open invitations; wait until some are used.",
    "not_logged_in": "Please log in.",
    "forbidden": "This request did not come from ChatApp's own page.",
    "not_found": "There is nothing here.",
    "no_such_user": "There is no user with this name.",
    "no_such_chat": "There is no such chat.",
    "too_large": "The request is too large.",
    "rate_limited": "That was a lot at once. Please wait a moment.",
    "storage_full": "The server has no room to store a login. Please try again later.",
    "unavailable": "The server cannot reach its database. Please try again in a moment.",
}
# What is wrong, more closely than the code says: the field `reason` of an answer, and the words that go with it.
REASONS = {
    "mixed_scripts": "A name is written in one alphabet: letters that look alike would let one pass for another.",
    "mixed_digits": "A name's digits are all of one kind.",
    "fate_unknown": "It is not certain whether the account was made. Try to log in.",
}


class Refusal(Exception):
    """The user may not, or the request makes no sense: `code` is the contract's, `status` an HTTP status."""

    def __init__(self, code: str, status: int = 400, retry_after: int | None = None, reason: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.reason = reason


class FormRefusal(Exception):
    """A form was refused: its page, at `location`, says why."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def answer_json(body: object, status: int = 200) -> Response:
    """Return a JSON answer that no cache keeps."""
    answer = Response(msgspec.json.encode(body), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def answer_done(page: str) -> BaseResponse:
    """Say that it is done: a form goes on to a page, a program gets JSON."""
    return answer_json({"status": "success"}) if request.is_json else redirect(page)


def answer_error(code: str, status: int, retry_after: int | None = None, reason: str | None = None) -> Response:
    body = {"status": "error", "code": code, "message": REASONS[reason] if reason else WORDS[code]}
    answer = answer_json(body | ({"reason": reason} if reason else {}), status)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def wants_page() -> bool:
    """Say whether a person with a browser is asking: for a page, or with a form of a page.

    Below /backend/ that is only a form that an endpoint takes; what no endpoint takes has no `url_rule`.
    """
    if request.is_json:
        return False
    return not request.path.startswith("/backend/") or (request.method == "POST" and request.url_rule is not None)


def _answer(code: str, status: int, retry_after: int | None = None, reason: str | None = None) -> Response:
    if not wants_page():
        return answer_error(code, status, retry_after, reason)
    template = "errors/503.html" if status == 503 else PAGES.get(status, "errors/400.html")
    # What is right instead is no secret: it is in every link that people are given.
    address = current_config().public_url if code == "wrong_address" else None
    answer = make_response(render_template(template, retry_after=retry_after, address=address), status)
    answer.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def init_app(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refuse(error: Refusal) -> Response:
        return _answer(error.code, error.status, error.retry_after, error.reason)

    @app.errorhandler(FormRefusal)
    def send_back(error: FormRefusal) -> BaseResponse:
        return redirect(error.location)

    @app.errorhandler(DatabaseUnavailable)
    def unavailable(error: DatabaseUnavailable) -> Response:
        log.warning("event=unavailable path=%s error=%r", request.path, str(error))
        return _answer("unavailable", 503, RETRY_AFTER)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # a redirect of the router's own
            return make_response(error.get_response())
        if status >= 500:
            return _answer("unavailable", 503, RETRY_AFTER)
        answer = _answer(CODES.get(status, "bad_request"), status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.exception("event=bug path=%s", request.path)
        return _answer("unavailable", 503, RETRY_AFTER)
