"""What the operations of a new description answer, when all is well and when it is not."""

from __future__ import annotations

from typing import Any

from catalog.specs.checks.refusals import PROBLEM


def answers(schema: str, description: str, *more: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    refusals = {
        status: {"$ref": f"#/components/responses/{status}"}
        for status in sorted({"401", "403", "429", *more})
    }
    return {"200": {"description": description, "content": content}, **refusals}


def responses() -> dict[str, Any]:
    told = {
        "401": ("unauthorized", "The token is missing or has ended.", "Fetch a new one."),
        "403": ("insufficient_scope", "The token does not open this.", "Ask for the scope."),
        "404": ("not_found", "There is no such thing.", "Look for it in the list."),
        "429": ("too_many", "That was too often.", "Try again after Retry-After."),
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": title,
            "content": {
                PROBLEM: {
                    "schema": schema,
                    "examples": {code: {"value": {"code": code, "title": title, "detail": detail}}},
                }
            },
        }
        for status, (code, title, detail) in told.items()
    }


def problem() -> dict[str, Any]:
    text = {"type": "string", "maxLength": 300}
    return {
        "type": "object",
        "description": "What went wrong, and what to do (RFC 9457).",
        "properties": {"code": dict(text), "title": dict(text), "detail": dict(text)},
    }
