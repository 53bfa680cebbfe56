"""How does gunicorn wait for slow clients? In greenlets, and not for ever.

gunicorn's threaded worker is stopped by some seventy connections that send half a header; a greenlet costs little
enough to wait. A header must be complete within `keepalive` seconds (gunicorn's gevent worker sees to that), a body
within BODY_SECONDS, and no address holds more than MAX_PER_ADDRESS connections of one worker.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

BODY_SECONDS = 30
MAX_PER_ADDRESS = 400


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's gevent worker with a deadline for whole requests and a cap for each address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: Counter[str] = Counter()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        address = addr[0] if isinstance(addr, tuple) else ""
        if self._open[address] >= MAX_PER_ADDRESS:
            client.close()
            return
        self._open[address] += 1
        try:
            super().handle(listener, client, addr)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        with gevent.Timeout(BODY_SECONDS, False) as deadline:
            super().handle_request(listener_name, req, sock, addr)
            return
        self.log.info("event=request_timeout seconds=%s", deadline.seconds)
        sock.close()
