"""How are frames written to a client without ever waiting for it?

`ClientSocket` is websockets' connection with a bounded queue of frames out, and with an end for clients that flood
or do not read. websockets' own keepalive does not notice the latter: its ping waits for the write buffer, and then
even closing hangs. Nothing here awaits a client.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, TEXT, Frame
from websockets.protocol import OPEN, Event
from websockets.typing import BytesLike

from .limits import Bucket, ConnectionLimiter

MAX_QUEUED_BYTES = 2 * 1024 * 1024  # of frames that wait for a client which reads slowly
MAX_QUEUED_FRAMES = 4_000
MAX_BUFFER = 1024 * 1024  # bytes in the transport beyond what the queue put there; only control frames do that
STALL_SECONDS = 10.0  # a client is cut when not one byte left for it in this time
CLOSE_SECONDS = 3.0  # for the closing handshake, before the TCP connection is cut
WRITE_SLICE = 64  # frames handed to the transport before asking whether it wants a pause
FLOOD_DEBT = 4  # so many bursts beyond the frame rate are a flood

CLOSE_UNAUTHENTICATED = 4401
CLOSE_NO_AUTH = 4408
CLOSE_TOO_SLOW = 4413
CLOSE_FLOOD = 4429
CLOSE_RESTART = 1012
CLOSE_TRY_LATER = 1013


class ClientSocket(ServerConnection):
    """One WebSocket. `send_soon` queues a frame, `close_now` ends the connection; neither ever waits.

    A text frame for which nothing else waits is offered to `take` where it arrives; what that leaves, and all that
    comes until it is done with, is read from `messages`: a task that must be woken first costs as much as most frames.
    """

    def __init__(
        self, *args: Any, limiter: ConnectionLimiter, frame_burst: int, frame_rate: float, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._limiter = limiter
        self._frame_rate = Bucket(frame_burst, frame_rate)
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._flush_is_due = False
        self._emptied: asyncio.Future[None] | None = None
        self._stalled_at = 0.0
        self._stalled_size = 0
        self._most_buffered = MAX_BUFFER
        self._unread = 0  # messages that wait for the reader of `messages`, and the one that it has
        self.take: Callable[[BytesLike], bool] | None = None  # says whether it has handled the frame
        self.address = ""
        self.knows_changes = False  # whether the client has said so
        self.is_within_caps = True
        self.overdraft = 0.0  # seconds until the client is within its frame rate again; 0 while it is
        self.closed_because = ""

    # What a connection does

    @property
    def is_closing(self) -> bool:
        """Say whether the connection is closed or being closed."""
        return self.protocol.state is not OPEN

    async def messages(self) -> AsyncIterator[str | bytes]:
        """Give the messages that `take` has not handled; who asks for the next is done with the last."""
        async for message in self:
            yield message
            self._unread -= 1

    def send_soon(self, payload: bytes) -> None:
        """Queue one text frame (UTF-8 JSON). Frames queued in one turn of the loop leave in one write."""
        if self._enqueue(payload) and not self._flush_is_due:
            self._flush_is_due = True
            self.loop.call_soon(self._flush)

    def send_now(self, payload: bytes) -> None:
        """As `send_soon`, without waiting for the turn's end; for a frame that would leave alone anyway."""
        if self._enqueue(payload):
            self._write_queue()

    def _enqueue(self, payload: bytes) -> bool:
        """Say whether what is queued may be written."""
        if self.protocol.state is not OPEN:
            return False
        self._queue.append(payload)
        self._queued_bytes += len(payload)
        waiting = len(self._queue)
        if waiting > MAX_QUEUED_FRAMES or (self._queued_bytes > MAX_QUEUED_BYTES and waiting > 1):
            self.close_now(CLOSE_TOO_SLOW, "reading too slowly")
            return False
        return not self.paused

    async def drain(self) -> None:
        """Wait until every queued frame has been handed to a transport that wants more, or the connection is over."""
        while self.protocol.state is OPEN and (self._queue or self.paused):
            if self._emptied is None:
                self._emptied = self.loop.create_future()
            await self._emptied

    def close_now(self, code: int, reason: str) -> None:
        """Close: what is queued, a close frame, and 3 s later the TCP connection, whatever the client does."""
        if self.protocol.state is not OPEN:
            return
        self.closed_because = reason
        if code != CLOSE_TOO_SLOW:
            self._write_queue(even_if_paused=True)
        self._queue.clear()
        self._queued_bytes = 0
        self.protocol.send_close(code, reason)
        self.send_data()
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)
        self._tell_emptied()

    def move_to(self, address: str) -> None:
        """Count the connection under the address that a proxy names."""
        if address:
            self._limiter.leave(self.address)
            self.address = address
            self.is_within_caps = self._limiter.enter(address)

    def check_stall(self, now: float) -> None:
        """Cut the connection where it has been paused for 10 s without one byte leaving. Call about every second."""
        if not self.paused:
            return
        size = self.transport.get_write_buffer_size()
        if size < self._stalled_size:
            self._stalled_size, self._stalled_at = size, now
        elif now - self._stalled_at > STALL_SECONDS:
            self.closed_because = "not reading"
            self.close_now(CLOSE_TOO_SLOW, "reading too slowly")
            self.transport.abort()

    def _flush(self) -> None:
        self._flush_is_due = False
        if self.protocol.state is OPEN:
            self._write_queue()
            if not self._queue and not self.paused:
                self._tell_emptied()

    def _write_queue(self, even_if_paused: bool = False) -> None:
        queue = self._queue
        while queue and (even_if_paused or not self.paused):
            frames = []
            for _ in range(min(WRITE_SLICE, len(queue))):
                payload = queue.popleft()
                self._queued_bytes -= len(payload)
                frames.append(text_frame(payload))
            self.transport.write(b"".join(frames))
            self._most_buffered = self.transport.get_write_buffer_size() + MAX_BUFFER

    def _tell_emptied(self) -> None:
        if self._emptied is not None:
            if not self._emptied.done():
                self._emptied.set_result(None)
            self._emptied = None

    # What the transport and the protocol tell

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.is_within_caps = self._limiter.enter(self.address)
        super().connection_made(transport)
        if self._limiter.is_overrun(self.address):
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._limiter.leave(self.address)
        super().connection_lost(exc)
        self._tell_emptied()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled_at = self.loop.time()
        self._stalled_size = self.transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._flush()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Answers to pings are written by the protocol itself, past the queue.
        if self.transport.get_write_buffer_size() > self._most_buffered:
            self.closed_because = "not reading"
            self.transport.abort()

    def process_event(self, event: Event) -> None:
        if not isinstance(event, Frame):  # the request
            super().process_event(event)
            return
        self._charge()
        if self._is_taken(event):
            return
        if event.fin and event.opcode in DATA_OPCODES:
            self._unread += 1
        super().process_event(event)

    def _is_taken(self, frame: Frame) -> bool:
        if self.take is None or self._unread or frame.opcode is not TEXT or not frame.fin:
            return False
        return not self.overdraft and self.protocol.state is OPEN and self.take(frame.data)

    def _charge(self) -> None:
        bucket = self._frame_rate
        level = bucket.charge()
        if level >= 0:
            self.overdraft = 0.0
        elif level < -FLOOD_DEBT * bucket.burst:
            self.close_now(CLOSE_FLOOD, "flooding")
        else:
            self.overdraft = -level / bucket.rate


def text_frame(payload: bytes) -> bytes:
    """Return an unfragmented, unmasked text frame (RFC 6455, 5.2), which is all that this server ever says in text."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8), payload)
