"""How does a blocking test client talk TLS? Through an asyncio connection that one thread alone drives."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading

CONNECT_SECONDS = 5


def connect_tls(host: str, port: int, context: ssl.SSLContext) -> socket.socket:
    """Return a plain socket whose bytes travel over TLS to host:port, verified for `host`.

    websockets' blocking client reads in one thread and writes in another, and an `SSLSocket` of Python 3.11 does not
    stand that (python/cpython#151508): about one handshake in 700 hung or ended with
    "internal error". Raises OSError (also `ssl.SSLError`) or TimeoutError.
    """
    ours, theirs = socket.socketpair()
    connected = threading.Event()
    failures: list[OSError] = []

    async def relay() -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                remote = await asyncio.open_connection(host, port, ssl=context)
        except OSError as error:  # TimeoutError is one
            failures.append(error)
            theirs.close()
            return
        finally:
            connected.set()
        local = await asyncio.open_connection(sock=theirs)
        await asyncio.gather(_copy(remote[0], local[1]), _copy(local[0], remote[1]))

    threading.Thread(target=asyncio.run, args=(relay(),), daemon=True).start()
    connected.wait()
    if failures:
        ours.close()
        raise failures[0]
    return ours


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on bytes until the reader's end, then close the writer."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:  # one end broke: the other end's reader is told by the close
        pass
    finally:
        writer.close()
