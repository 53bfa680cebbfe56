"""Start ws-server: settings, logging, signals, run."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys

import uvloop

from chat_db import Database, SettingError
from chat_db.connection import DEFAULT_WARNING
from chat_db.encrypted_columns import MESSAGES
from chat_db.key_files import KeyRingError
from chat_db.keys import wait_for_keys
from chat_db.open_files import allow_open_files
from chat_db.settings import LOG_FORMAT

from .config import Config
from .server import CannotListen, Server

# The default would look through every live connection for garbage after a few hundred frames.
GC_THRESHOLDS = (50_000, 50, 100)


async def serve_until_signal(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):  # as PID 1 a process ignores what it does not handle
        loop.add_signal_handler(number, stop.set)
    ring = await asyncio.to_thread(wait_for_keys, Database(config.database), config.keys, stop.is_set, MESSAGES)
    if ring is not None:
        await Server(config, ring).run(stop)


def main() -> int:
    try:
        config = Config.from_environ(os.environ)
    except SettingError as error:
        print(f"ws-server: {error}", file=sys.stderr)  # noqa: T201  # before there is a log
        return 2
    logging.basicConfig(level=config.log_level.upper(), format=LOG_FORMAT)
    # Handshakes that fail are the network's business, not an error of ours with a traceback.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    if config.database.has_default_password:
        logging.getLogger("chatapp").warning(DEFAULT_WARNING)
    allow_open_files(config.max_connections)
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        uvloop.run(serve_until_signal(config))
    except KeyRingError as error:
        logging.getLogger("chatapp").error("event=cannot_start error=%r", str(error))
        return 2
    except CannotListen as error:
        logging.getLogger("chatapp").error("event=cannot_listen port=%d error=%r", config.port, str(error))
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stderr.flush()
    # A query thread may still wait for a database that is away; the interpreter's exit would wait with it.
    os._exit(code)
