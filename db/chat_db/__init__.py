"""Everything that knows ChatApp's tables: the only Python in the project that contains SQL.

Functions take an open connection first and are called through `Database.run`, which picks the connection,
decides about retries and turns the driver's errors into those of `chat_db.errors`.
"""

from .connection import Database, DatabaseSettings, connect
from .errors import DatabaseError, DatabaseUnavailable, NoSuchUser, QueryFailed
from .settings import SettingError, Settings

__all__ = [
    "Database",
    "DatabaseError",
    "DatabaseSettings",
    "DatabaseUnavailable",
    "NoSuchUser",
    "QueryFailed",
    "SettingError",
    "Settings",
    "connect",
]
