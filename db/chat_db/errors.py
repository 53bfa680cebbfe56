"""What can a caller of this package be told? The driver's own errors stay inside it."""

from __future__ import annotations


class DatabaseError(Exception):
    """The database did not do what it was asked."""


class DatabaseUnavailable(DatabaseError):
    """The database could not be asked, or it is unknown whether it carried out what it was asked."""


class QueryFailed(DatabaseError):
    """The database objects to a query: `code` is its error number. A bug, or a restore that is still running."""

    def __init__(self, code: int) -> None:
        super().__init__(f"database error {code}")
        self.code = code


class NoSuchUser(Exception):
    """A row names a user who is not there, or not any more."""
