"""What does a line of web's log look like? As one of ws-server's: time, level, logger, what happened."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from chat_db.settings import LOG_FORMAT


class Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's log and the application's, by one handler. What gunicorn says of its own start is for debugging: the
    address that it listens at is the one inside the container, which nobody can open."""

    error_fmt = LOG_FORMAT
    datefmt = None

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        root = logging.getLogger()
        root.handlers = list(self.error_log.handlers)
        root.setLevel(self.loglevel)
        self.error_log.propagate = False
        if self.loglevel == logging.INFO:
            self.error_log.setLevel(logging.WARNING)
