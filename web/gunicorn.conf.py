"""How gunicorn serves ChatApp's pages. What can be set is in the table of docs/self-hosting.md."""

import logging
import os
import sys

import gevent

from chat_db import Database, SettingError
from chat_db.connection import DEFAULT_WARNING
from chat_db.encrypted_columns import FILES
from chat_db.key_files import KeyRingError
from chat_db.keys import wait_for_keys
from chat_db.open_files import allow_open_files
from chat_web.config import Config, current_ring
from chat_web.file_store import FileStore
from chat_web.file_sweep import run_file_sweep
from chat_web.housekeeping import run_housekeeping
from chat_web.session_files import keep_session_files

log = logging.getLogger("chatapp.web")

try:
    settings = Config.from_environ(os.environ)
except SettingError as error:
    sys.exit(f"web: {error}")

wsgi_app = "chat_web:create_app()"
bind = f"{settings.host}:{settings.port}"
workers = settings.workers
worker_class = "chat_web.worker.Worker"
# Half of them may wait for their clients (chat_web/worker.py); the rest is for requests that are complete.
worker_connections = 2000
backlog = 1024

# keepalive is also the time in which a request's header must be complete (see chat_web/worker.py).
keepalive = 10
timeout = 30
graceful_timeout = 2
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# Nobody is believed about where a request came from.
forwarded_allow_ips = ""
control_socket_disable = True
accesslog = None
logger_class = "chat_web.logs.Logger"
errorlog = "-"
loglevel = settings.log_level
# The workers' sign of life: a file in memory, where there is one, does not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # gunicorn makes it privately


def on_starting(server):
    """Say where to find ChatApp, and compare the message keys with what is stored before any worker starts."""
    log.info("event=start open %s", settings.home)
    allow_open_files(worker_connections)
    if settings.database.has_default_password:
        log.warning(DEFAULT_WARNING)
    try:
        wait_for_keys(Database(settings.database), settings.keys, lambda: False, FILES)
    except KeyRingError as error:
        sys.exit(f"web: {error}")


def on_exit(server):
    log.info("event=stop")


def post_worker_init(worker):
    """Read the message keys while they are there; each worker does its housekeeping, in greenlets of their own."""
    app = worker.wsgi
    try:
        with app.app_context():
            current_ring()
    except KeyRingError as error:  # damaged since the start: they are read again when they are wanted
        log.error("event=keys_unreadable error=%r", str(error))
    store = FileStore(settings.files_dir)
    gevent.spawn(run_file_sweep, app.extensions["database"], store, settings.files_sweep_seconds)
    gevent.spawn(run_housekeeping, app.extensions["database"], settings.lifetimes)
    gevent.spawn(keep_session_files, app.extensions["database"], settings.lifetimes, settings.session_dir)
