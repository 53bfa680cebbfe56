"""What does a client hear when something cannot be done? The one place where exceptions become answers."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, redirect, render_template, request
from msgspec import UNSET
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from chat_db import DatabaseUnavailable

from .answers import Answer, Refused
from .config import current_config
from .refusals import RETRY_AFTER, FormRefusal, Refusal, text_of

log = logging.getLogger("chatapp.web")

PAGES = {400: "errors/400.html", 403: "errors/403.html", 404: "errors/404.html", 429: "errors/429.html"}
CODES = {403: "forbidden", 404: "not_found", 413: "too_large", 429: "rate_limited"}


def wants_page() -> bool:
    """Say whether a person with a browser is asking: for a page, or with a form of a page.

    Below /backend/ that is only a form that an endpoint takes; what no endpoint takes has no `url_rule`. Who sends
    files is always a program, and they are mostly asked for by a page.
    """
    if request.is_json or request.blueprint == "uploads":
        return False
    if request.path.startswith("/files/"):
        return request.headers.get("Sec-Fetch-Dest") == "document"
    return not request.path.startswith("/backend/") or (request.method == "POST" and request.url_rule is not None)


def answer_refusal(refusal: Refusal, status: int | None = None) -> Response:
    """Return a refusal as the page or the JSON that says it, with its own status or another one."""
    status = status or refusal.status
    answer = _page(refusal, status) if wants_page() else _json(refusal, status)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def _json(refusal: Refusal, status: int) -> Response:
    return Answer(Refused(refusal.code, text_of(refusal.code, refusal.reason), refusal.reason or UNSET), status)


def _page(refusal: Refusal, status: int) -> Response:
    template = "errors/503.html" if status == 503 else PAGES.get(status, "errors/400.html")
    # What is right instead is no secret: it is in every link that people are given.
    address = current_config().public_url if refusal.code == "wrong_address" else None
    return make_response(render_template(template, retry_after=refusal.retry_after, address=address), status)


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, answer_refusal)

    @app.errorhandler(FormRefusal)
    def send_back(error: FormRefusal) -> BaseResponse:
        return redirect(error.location)

    @app.errorhandler(DatabaseUnavailable)
    def unavailable(error: DatabaseUnavailable) -> Response:
        log.warning("event=unavailable path=%s error=%r", request.path, str(error))
        return answer_refusal(Refusal("unavailable", RETRY_AFTER))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # a redirect of the router's own
            return make_response(error.get_response())
        if status >= 500:
            return answer_refusal(Refusal("unavailable", RETRY_AFTER))
        answer = answer_refusal(Refusal(CODES.get(status, "bad_request")), status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.exception("event=bug path=%s", request.path)
        return answer_refusal(Refusal("unavailable", RETRY_AFTER))
