"""How the bodies of the REST API are read."""

from __future__ import annotations

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ShallowJSONParser(JSONParser):
    """Refuses a body that is nested deeper than can be followed, or holds half a character."""

    def parse(self, stream: IO[Any], *types: Any, **context: Any) -> Any:
        try:
            body = super().parse(stream, *types, **context)
            json.dumps(body, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("The JSON holds text that is no Unicode.") from error
        return body
