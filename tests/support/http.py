"""How does a test talk HTTP? A small client that keeps cookies, follows no redirect and hides nothing."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT = 30  # seconds; a dozen passwords that are checked at once take their time on a busy machine
RFC3339 = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


@dataclass(frozen=True)
class Answer:
    """A response, read to its end. `headers[name]` ignores case; `headers.get_all(name)` gives repeated ones."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str | None:
        return self.headers["Location"]

    def json(self) -> Any:
        return json.loads(self.body)


class HttpClient:
    """One browser's worth of cookies for one service. Each request is a connection of its own.

    An https address wants `tls`, which says whose certificates are believed.
    """

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 80
        self.tls = tls
        self.timeout = TIMEOUT
        self.cookies: dict[str, str] = {}

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send any request; `headers` win over the client's own (Cookie)."""
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent = {**(own if self.cookies else {}), **(headers or {})}
        with contextlib.closing(self._connect()) as connection:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        self._keep_cookies(answer)
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=self.tls)

    def get(
        self, path: str, query: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self.request("GET", f"{path}?{urlencode(query)}" if query else path, None, headers)

    def post_form(
        self, path: str, fields: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post as a page's form does."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urlencode(fields or {}), {**kind, **(headers or {})})

    def post_json(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Post any JSON value, an object or not."""
        kind = {"Content-Type": "application/json"}
        return self.request("POST", path, json.dumps(value), {**kind, **(headers or {})})

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                gone = morsel["max-age"] == "0" or morsel["expires"].startswith("Thu, 01 Jan 1970")
                if gone:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
