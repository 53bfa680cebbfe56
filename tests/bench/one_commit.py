"""What would one commit for each message cost? ws-server itself, with batches of one message.

Messages may also wait longer for their turn: where thousands are in flight, one at a time takes more than 10 s.
"""

from __future__ import annotations

from chat_ws import __main__ as ws_server
from chat_ws import journal

if __name__ == "__main__":
    journal.BATCH_MESSAGES = 1
    journal.WAIT_SECONDS = 60.0
    raise SystemExit(ws_server.main())
