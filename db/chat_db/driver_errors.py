"""What does an error of PyMySQL mean: is the database away, is it worth another try, was it carried out?"""

from __future__ import annotations

import pymysql
from pymysql.constants import CR, ER

from .errors import DatabaseUnavailable

# A violated CHECK is an OperationalError in PyMySQL (3819 MySQL, 4025 MariaDB), but no outage.
CHECK_VIOLATED = (3819, 4025)
CONNECTION_LOST = (CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST)
TRY_AGAIN = (ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT)


def error_code(error: BaseException) -> int:
    """Return the server's or client's number of a PyMySQL error, 0 where it has none."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def is_outage(error: BaseException) -> bool:
    """Say whether an error means "ask again later" rather than "this statement is wrong"."""
    if isinstance(error, pymysql.err.OperationalError):
        return error_code(error) not in CHECK_VIOLATED
    return isinstance(error, pymysql.err.InterfaceError | OSError)


def is_fate_unknown(error: DatabaseUnavailable) -> bool:
    """Say whether what was asked may have been carried out: the connection was there, and broke."""
    cause = error.__cause__
    if isinstance(cause, pymysql.err.OperationalError):
        return error_code(cause) in CONNECTION_LOST
    return cause is not None  # of the connection itself, or of the socket below it


def is_duplicate(error: pymysql.err.IntegrityError, key: str) -> bool:
    """Say whether an INSERT was refused by the UNIQUE key of that name."""
    return error_code(error) == ER.DUP_ENTRY and key in str(error.args[1])
