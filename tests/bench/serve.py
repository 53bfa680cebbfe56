"""Start the services of one checkout and say where they are: a side of `script/bench --against`.

    echo restart | PYTHONPATH=<checkout>/script:… python tests/bench/serve.py '{"RATE_LIMITS": "off"}'

It prints one JSON object a line (`{"url", "web", "pid", "folder"}`): at the start, and again when it has restarted
ws-server, which it does for each line `restart`. It ends when standard input does. `stack` is the checkout's own.
"""

from __future__ import annotations

import json
import sys

from stack import Stack


def main() -> None:
    with Stack(environment=json.loads(sys.argv[1])) as stack:
        tell(stack)
        for line in sys.stdin:
            if line == "restart\n":
                stack.ws_server.restart()
                tell(stack)


def tell(stack: Stack) -> None:
    place = {
        "url": stack.ws_server.url,
        "web": stack.web.url,
        "pid": stack.ws_server.process.pid,
        "folder": str(stack.database.folder),
    }
    print(json.dumps(place), flush=True)


if __name__ == "__main__":
    main()
