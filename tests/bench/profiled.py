"""Where does ws-server spend its time? ws-server itself under cProfile: `… profiled FILE`, written when it is stopped.

The journal's thread is not in it; it mostly waits for the database.
"""

from __future__ import annotations

import cProfile
import sys

from chat_ws import __main__ as ws_server

if __name__ == "__main__":
    profile = cProfile.Profile()
    code = profile.runcall(ws_server.main)
    profile.dump_stats(sys.argv[1])
    raise SystemExit(code)
