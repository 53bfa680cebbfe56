"""Everything that knows ChatApp's tables: the only Python in the project that contains SQL.

Functions take an open connection first and are called through `Database.run`, which picks the connection,
decides about retries and turns an outage into `DatabaseUnavailable`.
"""

from .connection import Database, DatabaseSettings, DatabaseUnavailable, connect
from .settings import SettingError, Settings

__all__ = ["Database", "DatabaseSettings", "DatabaseUnavailable", "SettingError", "Settings", "connect"]
