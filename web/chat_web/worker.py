"""How does gunicorn serve clients that are slow, or that send what nobody wants? In greenlets, and not for ever.

A request is worked on when all of it has arrived: its header within `keepalive` seconds and MAX_HEAD bytes, its body
within BODY_SECONDS and MAX_BODY bytes. Until then, and while its answer is not taken, its connection holds one of
MAX_WAITING places (see connections.py); no address has more than MAX_PER_ADDRESS of them, nor more requests that are
being worked on. A trusted proxy's connections are everybody's: there the requests are counted, by the address that the
proxy names. A body that is too large is not read: the application says so, and the connection ends. A piece of a file
is read while the application works (see bodies.py).
"""

from __future__ import annotations

import errno
import io
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gunicorn import http
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData
from gunicorn.workers.ggevent import GeventWorker

from chat_db.settings import named_by_proxy, network_of

from .bodies import MAX_BODY, MAX_PIECE, StreamedBody, is_piece
from .connections import AnswerCutOff, Connection, LimitExceeded, Waiting
from .headers import common_headers

MAX_HEAD = 32_768  # bytes
MAX_BODY_SENT = 2 * MAX_BODY  # bytes: a body and what its chunks are wrapped in
BODY_SECONDS = 30
PIPELINE_PAUSE = 0.002  # seconds between requests that came at once, in which everybody else has a turn
MAX_WAITING = 1000
MAX_PER_ADDRESS = 400
MAX_UNTAKEN = 64 * 2**20  # bytes of answers that wait for their clients
BARE_POLICY = "default-src 'none'; frame-ancestors 'none'"
log = logging.getLogger("chatapp.web")

CLIENT_IS_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EBADF)


class CapturedResponse:
    """Stands for a client's connection while gunicorn writes its error page; its first line is what we want."""

    def __init__(self) -> None:
        self.written = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.written += data


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's gevent worker, which works on complete requests only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting = Waiting(MAX_WAITING, MAX_PER_ADDRESS, MAX_UNTAKEN)
        self._busy: Counter[str] = Counter()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it ends."""
        is_proxy = self.wsgi.extensions["chatapp"].is_trusted_proxy(address_of(addr))
        address = None if is_proxy else network_of(address_of(addr))
        if address is not None and not self._waiting.admits(address):
            client.close()
            return
        connection = Connection(client, self._waiting, address)
        try:
            self._serve(listener.getsockname(), connection, addr, is_proxy)
        except (StopIteration, NoMoreData, LimitExceeded, AnswerCutOff, TimeoutError) as error:
            self.log.debug("Closing connection. %r", error)
        except OSError as error:
            if error.errno not in CLIENT_IS_GONE:
                self.log.exception("Socket error processing request.")
        except Exception as error:  # noqa: BLE001  # answered and logged there
            self.handle_error(None, connection, addr, error)
            connection.linger()
        finally:
            connection.close()

    def _serve(self, listener_name: Any, connection: Connection, addr: Any, is_proxy: bool) -> None:
        """Answer one request after another. Raises StopIteration after the last one."""
        parser = http.get_parser(self.cfg, connection, addr)
        while True:
            request = self._next_request(parser, connection)
            request.proxy_protocol_info = {}
            if is_proxy:
                connection.address = network_of(named_by_proxy(header_of(request, "X-FORWARDED-FOR")))
            body = stream_of(request, connection)
            is_whole = body is None and self._read_body(request, connection)
            try:
                with self._count(connection.address or ""):
                    self.handle_request(listener_name, request, connection, addr)
            finally:
                if not (body.is_whole if body else is_whole):
                    connection.linger()
            if is_proxy:
                connection.address = None
            if parser.unreader.buf.getbuffer().nbytes:  # the next request came along with this one
                gevent.sleep(PIPELINE_PAUSE)

    def _next_request(self, parser: Any, connection: Connection) -> Any:
        """Wait for the next request's header. Raises StopIteration where none comes in time."""
        connection.allow(MAX_HEAD)
        with self._waiting.place(connection), gevent.Timeout(self.cfg.keepalive, False):
            try:
                return next(parser)
            except LimitExceeded:
                raise LimitRequestHeaders("header of a request") from None
        raise StopIteration

    def _read_body(self, request: Any, connection: Connection) -> bool:
        """Read a request's body before anybody works on it; say whether this was all of it.

        One that is too large is left: the request then says a length that the application refuses. Raises NoMoreData
        where the client ends before its body does, StopIteration where that takes too long.
        """
        reader = request.body.reader
        length = reader.length if isinstance(reader, LengthReader) else None  # None: it comes in chunks
        is_expected, request._expected_100_continue = request._expected_100_continue, False
        if length == 0:
            return True
        content = None
        if length is None or length <= MAX_BODY:
            if is_expected:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            content = self._read_in_time(request.body, connection)
        if content is None or len(content) > MAX_BODY:
            request.force_close()
            set_body(request, b"", length or MAX_PIECE + 1)
            return False
        if length is not None and len(content) < length:
            raise NoMoreData
        set_body(request, content, len(content))
        return True

    def _read_in_time(self, body: Any, connection: Connection) -> bytes | None:
        """Return a body, or a little more than MAX_BODY bytes of it; None where too much had to be sent for that."""
        connection.allow(MAX_BODY_SENT)
        with self._waiting.place(connection), gevent.Timeout(BODY_SECONDS, False) as deadline:
            try:
                return bytes(body.read(MAX_BODY + 1))
            except LimitExceeded:
                return None
        log.info("event=request_timeout seconds=%s", deadline.seconds)
        raise StopIteration

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what gunicorn refuses before there is a request: as every answer, and without repeating what came."""
        page = CapturedResponse()
        super().handle_error(req, page, addr, exc)
        status = page.written.partition(b"\r\n")[0].decode("ascii")
        body = status.partition(" ")[2] + "\n"
        headers = {
            "Connection": "close",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            # For which host this was, nobody can say: every header is on it.
            **common_headers(self.wsgi.extensions["chatapp"], "localhost", BARE_POLICY),
        }
        lines = [status, *(f"{name}: {value}" for name, value in headers.items())]
        with suppress(OSError):
            client.sendall("\r\n".join([*lines, "", body]).encode("ascii"))

    @contextmanager
    def _count(self, address: str) -> Iterator[None]:
        """Count one more request of an address while it lasts. Raises LimitExceeded beyond the cap."""
        self._busy[address] += 1
        try:
            if self._busy[address] > MAX_PER_ADDRESS:
                raise LimitExceeded  # a proxy answers that we are busy
            yield
        finally:
            self._busy[address] -= 1
            if not self._busy[address]:
                del self._busy[address]


def stream_of(request: Any, connection: Connection) -> StreamedBody | None:
    """Let the application itself read the body of a request that brings a piece of a file; None for any other."""
    reader = request.body.reader
    is_streamed = isinstance(reader, LengthReader) and 0 < reader.length <= MAX_PIECE
    if not is_streamed or not is_piece(request.method, request.path):
        return None
    body = request.body = StreamedBody(request, connection, reader.length)
    return body


def set_body(request: Any, content: bytes, length: int) -> None:
    """Give a request its body in memory, and say its length as if it had not come in chunks."""
    framing = ("CONTENT-LENGTH", "TRANSFER-ENCODING")
    request.headers = [header for header in request.headers if header[0] not in framing]
    request.headers.append(("CONTENT-LENGTH", str(length)))
    request.body = io.BytesIO(content)


def header_of(request: Any, wanted: str) -> str:
    """Return a header, wherever it was repeated, as one (RFC 9110, 5.3)."""
    return ",".join(value for name, value in request.headers if name == wanted)


def address_of(addr: Any) -> str:
    """Return the address of a socket's peer; "" on a socket that has none."""
    return str(addr[0]) if isinstance(addr, tuple) else ""
