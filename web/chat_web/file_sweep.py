"""Which files go from the disk? Those that dying rows name, within a minute; uploads that nobody sent, after a day.

Once in an hour rows and disk are compared. What is lacking on the disk is only reported: nobody can make it again. What
has no row goes when it is a day old, unless the database knows of no file at all: then it is more likely the wrong one.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import gevent

from chat_db import Database
from chat_db.connection import Connection, clock_difference
from chat_db.file_records import COMPLETE
from chat_db.file_sweep import StoredName, end_file, list_dying, list_names, mark_unsent, only_sweep

from .file_store import FileStore, Found
from .housekeeping import CLOCKS_AGREE, failures_logged

log = logging.getLogger("chatapp.web")

COMPARE_SECONDS = 3600
AT_ONCE = 1000  # files in one sweep
UNSENT = timedelta(hours=24)  # for which an upload waits to be complete, and to be sent
ORPHAN_SECONDS = 24 * 3600
NAMED = 20  # files that the log names one by one


def run_file_sweep(database: Database, store: FileStore, every_seconds: int) -> None:
    """Run for ever, in a greenlet of a worker; of several workers one at a time does it."""
    compared_at = -float(COMPARE_SECONDS)
    while True:
        with failures_logged("file_sweep_failed"):
            database.run(sweep, store)
            if time.monotonic() - compared_at >= COMPARE_SECONDS:
                database.run(compare, store)
                compared_at = time.monotonic()
        gevent.sleep(every_seconds)


def sweep(connection: Connection, store: FileStore) -> None:
    """Remove what is dying, and let die what was never sent. Raises the database's errors."""
    with only_sweep(connection) as is_only:
        if not is_only:
            return
        if abs(clock_difference(connection)) <= CLOCKS_AGREE:
            mark_unsent(connection, datetime.now(UTC) - UNSENT)
        for file in list_dying(connection, AT_ONCE):
            end(connection, store, file)
            gevent.sleep(0)


def end(connection: Connection, store: FileStore, file: StoredName) -> None:
    """Remove a file's bytes, and then its row; where the disk refuses, both stay for the next time."""
    try:
        store.remove(file.stored_name)
    except OSError as error:
        log.warning("event=file_not_removed id=%d error=%r", file.id, str(error))
        return
    end_file(connection, file.id)


def compare(connection: Connection, store: FileStore) -> None:
    """Report which files one of the two lacks, rows or disk; remove what had no row for long."""
    with only_sweep(connection) as is_only:
        if not is_only:
            return
        knows_any = bool(list_names(connection, ""))
        lost, orphans, removed = 0, 0, 0
        for prefix in map("{:02x}".format, range(256)):
            rows = rows_of(connection, prefix)
            there = {found.stored_name: found for found in store.list_folder(prefix)}
            lost += report_lost(rows, there)
            old = [found for name, found in there.items() if name not in rows and is_old(found)]
            orphans += len(old)
            if knows_any:
                removed += remove_orphans(store, old)
            gevent.sleep(0)
    if lost:
        log.error("event=files_lost rows=%d: their bytes are not on the disk", lost)
    if orphans:
        log.warning("event=files_without_rows files=%d removed=%d", orphans, removed)


def rows_of(connection: Connection, prefix: str) -> dict[str, StoredName]:
    """Return the rows of the files whose names begin so."""
    rows: dict[str, StoredName] = {}
    after = prefix
    while page := list_names(connection, after, f"{prefix}g"):
        rows.update((row.stored_name, row) for row in page)
        after = page[-1].stored_name
    return rows


def report_lost(rows: dict[str, StoredName], there: dict[str, Found]) -> int:
    """Log which complete files are not on the disk; return how many."""
    lost = [row for row in rows.values() if row.state == COMPLETE and row.stored_name not in there]
    for row in lost[:NAMED]:
        log.error("event=file_lost id=%d", row.id)
    return len(lost)


def is_old(found: Found) -> bool:
    return time.time() - found.changed_at > ORPHAN_SECONDS


def remove_orphans(store: FileStore, files: list[Found]) -> int:
    """Remove files that have no row; return how many."""
    for file in files:
        with failures_logged("file_not_removed"):
            store.remove(file.stored_name)
    return len(files)
