"""How does gunicorn wait for slow clients? In greenlets, and not for ever.

gunicorn's threaded worker is stopped by some seventy connections that send half a header; a greenlet costs little
enough to wait. A header must be complete within `keepalive` seconds (gunicorn's gevent worker sees to that), a body
within BODY_SECONDS, and no address holds more than MAX_PER_ADDRESS connections of one worker. A trusted proxy's
connections are everybody's: there the requests are counted, by the address that the proxy names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from chat_db.settings import network_of

from .addresses import named_by_proxy
from .security import A_YEAR

BODY_SECONDS = 30
MAX_PER_ADDRESS = 400


BARE_HEADERS = {
    "Connection": "close",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Overheard:
    """Stands for a client's connection while gunicorn writes its error page; its first line is what we want."""

    def __init__(self) -> None:
        self.written = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.written += data


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's gevent worker with a deadline for whole requests and a cap for each address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: Counter[str] = Counter()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        if self._is_trusted_proxy(addr):
            super().handle(listener, client, addr)
            return
        with self._count(address_of(addr)) as is_within_cap:
            if is_within_cap:
                super().handle(listener, client, addr)
            else:
                client.close()

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        if not self._is_trusted_proxy(addr):
            self._handle_in_time(listener_name, req, sock, addr)
            return
        forwarded_for = ",".join(value for name, value in req.headers if name == "X-FORWARDED-FOR")
        with self._count(named_by_proxy(forwarded_for)) as is_within_cap:
            if is_within_cap:
                self._handle_in_time(listener_name, req, sock, addr)
        if not is_within_cap:
            raise StopIteration  # what ends a connection in gunicorn; the proxy answers that we are busy

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what gunicorn refuses before there is a request: as every answer, and without repeating what came."""
        page = Overheard()
        super().handle_error(req, page, addr, exc)
        status = page.written.partition(b"\r\n")[0].decode("ascii")
        body = status.partition(" ")[2] + "\n"
        headers = dict(BARE_HEADERS)
        if self.wsgi.extensions["chatapp"].is_https:
            headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        lines = [status, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}"]
        with suppress(OSError):
            write_nonblock(client, "\r\n".join([*lines, "", body]).encode("ascii"))

    def _handle_in_time(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        with gevent.Timeout(BODY_SECONDS, False) as deadline:
            super().handle_request(listener_name, req, sock, addr)
            return
        self.log.info("event=request_timeout seconds=%s", deadline.seconds)
        sock.close()

    def _is_trusted_proxy(self, addr: Any) -> bool:
        config = self.wsgi.extensions["chatapp"]
        return bool(config.is_trusted_proxy(address_of(addr)))

    @contextmanager
    def _count(self, address: str) -> Iterator[bool]:
        """Count one more of an address while it lasts; say whether that is within the cap."""
        address = network_of(address)
        self._open[address] += 1
        try:
            yield self._open[address] <= MAX_PER_ADDRESS
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


def address_of(addr: Any) -> str:
    """Return the address of a socket's peer; "" on a socket that has none."""
    return str(addr[0]) if isinstance(addr, tuple) else ""
