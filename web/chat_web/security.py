"""Who may ask, and what may a browser do with the answer? Checks before and headers after every request.

Rules: OWASP ASVS 5 (V3 web frontend security) and the Fetch standard's `Sec-Fetch-Site`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError

from .bodies import most_of
from .config import Config
from .headers import common_headers
from .refusals import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN_SITES = ("same-origin", "none")  # values of Sec-Fetch-Site: this page, or no page
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HOST = re.compile(r"\A(?P<name>[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")


def host_name() -> str:
    """Return the host under which the page was asked for, without its port. Raises Refusal (400)."""
    match = HOST.match(request.headers.get("Host", ""))
    if match is None:
        raise Refusal("bad_request")
    return match["name"]


def check_host(config: Config) -> None:
    """Refuse a Host header that is none: it goes into addresses and into the Content-Security-Policy.

    Where PUBLIC_URL is set, no other name is ours: a page of a name that leads here (DNS rebinding) gets nothing.
    The health check comes from inside, under whatever name.
    """
    host_name()
    own = config.public_url.partition("://")[2].lower() if config.public_url else None
    if own and request.headers["Host"].lower() != own and request.path != "/healthz":
        raise Refusal("wrong_address")
    try:
        request.host  # noqa: B018  # werkzeug's own check
    except SecurityError:
        raise Refusal("bad_request") from None


def check_source(config: Config) -> None:
    """Refuse a change that another site's page asks for (CSRF).

    Browsers say where a request comes from: `Sec-Fetch-Site`, or, where the page's address is not trustworthy to
    them (plain http on a LAN), `Origin`. A program sends neither.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = config.public_url or f"{request.scheme}://{request.host}"
    allowed = site in OWN_SITES if site is not None else origin in (None, own)
    if not allowed:
        raise Refusal("forbidden")


def check_size() -> None:
    """Refuse a body that is too large, whoever would read it. (Of one in chunks, worker.py has found the length.)"""
    if (request.content_length or 0) > most_of(request.method, request.path):
        raise RequestEntityTooLarge


def content_policy(config: Config, hostname: str) -> str:
    """Return the Content-Security-Policy: nothing but our own files, and the WebSocket on its own port.

    A page shows pictures and plays what is not sent yet, too: those are its own (`blob:`).
    """
    own = ["script", "style", "font", "manifest", "worker"]
    ws_origin = re.sub(r"(?<=[^/:])/.*\Z", "", config.ws_url(hostname))
    return "; ".join(
        [
            "default-src 'none'",
            *(f"{kind}-src 'self'" for kind in own),
            *(f"{kind}-src 'self' blob:" for kind in ("img", "media")),
            f"connect-src 'self' {ws_origin}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def add_headers(config: Config, response: Response) -> Response:
    """Add what every answer carries; what a view has said by itself stays."""
    try:
        hostname = host_name()
    except Refusal:
        hostname = "localhost"
    headers = response.headers
    common = common_headers(config, hostname, content_policy(config, hostname))
    for name, value in {**common, "Cache-Control": "no-store"}.items():
        headers.setdefault(name, value)
    return response


def force_https_scheme(application: WSGIApplication) -> WSGIApplication:
    """Wrap the application that is reached over https only: the TLS ends in front of it, and it would not know."""

    def reached_over_https(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https"
        return application(environ, start_response)

    return reached_over_https


def init_app(app: Flask) -> None:
    config = app.extensions["chatapp"]
    if config.is_https:
        app.wsgi_app = force_https_scheme(app.wsgi_app)  # type: ignore[assignment, method-assign]  # Flask's own way to wrap it

    @app.before_request
    def check() -> None:
        check_size()
        check_host(config)
        check_source(config)

    @app.after_request
    def headers(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=3600"
        return add_headers(current_app.extensions["chatapp"], response)
