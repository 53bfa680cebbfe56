"""How does an event loop run a statement, without a thread that waits for the answer?"""

from __future__ import annotations

import os
import struct

import pymysql
from pymysql.constants import COMMAND, CR
from pymysql.protocol import MysqlPacket

from .connection import Connection, socket_of

HEADER_BYTES = 4  # of a packet: length (3) and number
READ_BYTES = 64 * 1024
OK, OK_BYTES = 0, 7  # the first byte of an answer without rows, and how many it has at least
LONGER = 251  # from here on, the first byte of an integer says how many follow
INTEGER_BYTES = {0xFC: 2, 0xFD: 3, 0xFE: 8}
MAX_STATEMENT = 2**24 - 2  # bytes in one packet, with the command's


class Statement:
    """One statement that returns no rows, on a connection that nobody else uses meanwhile. Nothing here waits.

    Bytes go past PyMySQL to its socket, which the system knows as non-blocking, as any with a time-out in Python; the
    answer is PyMySQL's to read. Whoever stops before `receive` has returned or raised what the server said must discard
    the connection: its next answer would be this one's.
    """

    def __init__(self, connection: Connection, sql: str) -> None:
        body = sql.encode()
        if len(body) > MAX_STATEMENT:
            raise ValueError("a statement of more than one packet")
        self.fileno: int = socket_of(connection).fileno()
        self._unsent = struct.pack("<iB", len(body) + 1, COMMAND.COM_QUERY) + body
        self._answer = b""

    def send(self) -> bool:
        """Send what the socket takes; return whether that was the last byte. Raises OperationalError where it broke."""
        try:
            sent = os.write(self.fileno, self._unsent)
        except BlockingIOError:
            return False
        except OSError as error:
            raise pymysql.err.OperationalError(CR.CR_SERVER_GONE_ERROR, f"the connection broke ({error!r})") from error
        self._unsent = self._unsent[sent:]
        return not self._unsent

    def receive(self) -> int | None:
        """Read what has come; return the (first) id that the statement gave out, None while the answer is not whole.

        Raises the server's error, or OperationalError where the connection broke: then nobody knows what became of it.
        """
        try:
            data = os.read(self.fileno, READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, f"the connection broke ({error!r})") from error
        if not data:
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the server closed the connection")
        self._answer += data
        if len(self._answer) < HEADER_BYTES:
            return None
        end = HEADER_BYTES + int.from_bytes(self._answer[:3], "little")
        if len(self._answer) < end:
            return None
        # MariaDB that shuts down says so in packet 0, to whatever it was asked.
        if len(self._answer) > end or self._answer[3] != 1 or self._unsent:
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the server said something else than an answer")
        if end >= HEADER_BYTES + OK_BYTES and self._answer[HEADER_BYTES] == OK:
            return read_insert_id(self._answer, HEADER_BYTES + 1)
        packet = MysqlPacket(self._answer[HEADER_BYTES:], "utf-8")
        if packet.is_error_packet():
            packet.raise_for_error()
        raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "the server said something else than an answer")


def read_insert_id(packet: bytes, offset: int) -> int:
    """Return the (first) id that an OK packet names, from `offset` on, behind its first byte.

    It follows the number of rows; both are length-encoded integers (MySQL's internals, "OK_Packet").
    """
    _, offset = read_integer(packet, offset)
    return read_integer(packet, offset)[0]


def read_integer(packet: bytes, offset: int) -> tuple[int, int]:
    """Return a length-encoded integer and the offset behind it."""
    first = packet[offset]
    if first < LONGER:
        return first, offset + 1
    end = offset + 1 + INTEGER_BYTES[first]
    return int.from_bytes(packet[offset + 1 : end], "little"), end
