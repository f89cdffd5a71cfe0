"""The official schema of each version of the specification. No reference is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, NoReturn

import jsonschema_rs

from catalog.rules.rulebook import Found
from catalog.specs.yaml_reader import escaped

MAX_VIOLATIONS = 50
MAX_STEPS = 6


def violations(document: dict[str, Any]) -> Iterator[Found]:
    """Yield where the document departs from the schema of its version, up to a cap."""
    validator = _validator(_version(document))
    try:
        for error in islice(validator.iter_errors(document), MAX_VIOLATIONS):
            reason = _innermost(error)
            pointer = "".join(f"/{escaped(str(step))}" for step in reason.instance_path)
            yield Found("openapi-schema", pointer, _sentence(reason.message))
    except (ValueError, RecursionError) as error:
        yield Found("openapi-schema", "", _sentence(str(error)))


def _innermost(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return what is wrong with the alternative that came closest, instead of “none matches”."""
    for _ in range(MAX_STEPS):
        branches = getattr(error.kind, "context", None)
        closer = [
            one for branch in branches or () for one in branch if "$ref" not in one.message[:8]
        ]
        if not closer:
            break
        error = max(closer, key=lambda one: len(one.instance_path))
    return error


def _version(document: dict[str, Any]) -> str:
    return "2.0" if "swagger" in document else str(document["openapi"])[:3]


@cache
def _validator(version: str) -> jsonschema_rs.Validator:
    source = files("openapi_spec_validator") / "resources" / "schemas" / f"v{version}"
    schema = json.loads((source / "schema.json").read_text())
    return jsonschema_rs.validator_for(
        schema,
        retriever=_refuse,
        mask="this value",
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} was not opened.")


def _sentence(message: str) -> str:
    text = message.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
