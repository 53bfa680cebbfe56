"""Which answers are sent compressed? Files, and pages that are the same for whoever reads them.

How long a compressed answer is tells an eavesdropper what is repeated in it: a text that an attacker puts into an
answer by a link, beside a secret of the reader, gives the secret away letter by letter (BREACH, CVE-2013-3587). So
nothing that belongs to a user is compressed: no JSON, no page of an account, no error, no page behind a one-time link.
The pages below hold no more than what their own address says, which whoever made the link knows.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

PAGES = {"index.show", "login.show"}
INVITED = "register.show"  # its invitation comes from its address; without one, it is a page like those
LEVEL = 6


def accepts_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def is_page_of_everybody() -> bool:
    return request.endpoint in PAGES or (request.endpoint == INVITED and "invite" not in request.args)


def init_app(app: Flask) -> None:
    @app.after_request
    def compress(answer: Response) -> Response:
        if answer.status_code != 200 or not is_page_of_everybody():
            return answer
        answer.vary.add("Accept-Encoding")
        if accepts_gzip():
            answer.set_data(gzip.compress(answer.get_data(), LEVEL, mtime=0))
            answer.headers["Content-Encoding"] = "gzip"
        return answer
