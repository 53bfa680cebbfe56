"""How many connections may a service hold? As many as the system lets it open files."""

from __future__ import annotations

import logging
import resource

OTHER_FILES = 512  # beside the connections: the database's, refused connections that are still answered, the log


def allow_open_files(connections: int) -> None:
    """Raise the limit of open files (getrlimit(2)) for so many connections; say so where the system forbids it."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
        if limit < wanted:
            logging.getLogger("chatapp").warning("event=few_files limit=%d wanted=%d", limit, wanted)
