"""A partner's receiver that proves to be one: it repeats the word of a trial."""

from __future__ import annotations

import json

from werkzeug import Request, Response


def repeat(request: Request) -> Response:
    word = json.loads(request.get_data())["data"].get("challenge")
    return Response(json.dumps({"challenge": word})) if word else Response(status=204)
