"""Which numbers are ids? INT UNSIGNED columns, and JSON numbers that every client can hold."""

MAX_ID = 2**32 - 1
