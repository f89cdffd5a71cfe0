"""Small documents of our own."""

from __future__ import annotations

import copy
import json
from typing import Any

PERSON = {
    "type": "object",
    "x-data-cluster": "delivery-area",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "As on the **label**."},
        "born_on": {"type": "string", "format": "date", "x-data-class": "sensitive"},
        "notes": {
            "type": "array",
            "items": {
                "type": "object",
                "x-data-cluster": "notes",
                "x-retention-days": 7,
                "properties": {"text": {"type": "string"}, "tone": {"enum": ["calm", "loud"]}},
            },
        },
        "friend": {"$ref": "#/components/schemas/Person"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
PORTAL = {
    "slug": "people",
    "sector": "Health",
    "purposes": [{"code": "delivery", "title": "Deliver", "description": "Brings it to you."}],
    "clusters": [
        {
            "code": code,
            "label": f"Your {code}",
            "summary": "What we know.",
            "permissions": ["It"],
            "depth": depth,
            "icon": "pin",
            "max_retention_days": 30,
            "purposes": ["delivery"],
        }
        for code, depth in (("delivery-area", "personal"), ("notes", "sensitive"))
    ],
    "scopes": [
        {
            "name": "people:read",
            "title": "Read people",
            "description": "Names and areas.",
            "cluster": "delivery-area",
        }
    ],
}


def api(**parts: Any) -> dict[str, Any]:
    """Return a sound document with one operation, changed by `parts`."""
    sound = {
        "openapi": "3.1.0",
        "info": {
            "title": "People",
            "version": "1.2.0",
            "description": "Who lives where.",
            "contact": {"email": "people@meridian.example"},
        },
        "servers": [{"url": "https://api.meridian.example/people/v1"}],
        "security": [{"customer": ["people:read"]}],
        "paths": {"/people/{person_id}": {"get": operation()}},
        "components": {
            "schemas": {"Person": PERSON},
            "securitySchemes": {
                "customer": {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": "https://portal.meridian.example/oauth/authorize",
                            "tokenUrl": "https://portal.meridian.example/oauth/token",
                            "scopes": {"people:read": "Names and areas."},
                        }
                    },
                },
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            },
        },
        "x-portal": PORTAL,
    }
    return {**copy.deepcopy(sound), **parts}


def operation(**parts: Any) -> dict[str, Any]:
    return {
        "operationId": "getPerson",
        "summary": "Get a person",
        "description": "Returns one person.",
        "tags": ["People"],
        "parameters": [
            {
                "name": "person_id",
                "in": "path",
                "required": True,
                "description": "Your token.",
                "schema": {"type": "string", "examples": ["p_1"]},
            }
        ],
        "responses": {
            "200": {
                "description": "The person.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Person"}}
                },
            },
            "401": {"description": "The token has ended."},
            "404": {"description": "Nobody."},
            "429": {"description": "Too many calls."},
        },
        **parts,
    }


def answering(schema: Any, **schemas: Any) -> dict[str, Any]:
    """Return a document whose one operation answers with that schema."""
    answer = {"description": "Yes.", "content": {"application/json": {"schema": schema}}}
    found = operation(responses={"200": answer})
    return api(paths={"/people/{person_id}": {"get": found}}, components={"schemas": schemas})


def people_without_words() -> dict[str, Any]:
    """Return a document with one personal field and no vocabulary, so any API can be of it."""
    name = {"type": "string", "x-data-class": "personal"}
    document = answering({"type": "object", "properties": {"name": name}})
    return {part: words for part, words in document.items() if part != "x-portal"}


def towns() -> dict[str, Any]:
    """Return a document that reveals nothing about anybody."""
    town = {"type": "string", "description": "Its name.", "x-data-class": "public"}
    document = api(info={"title": "Towns", "version": "1.0.0", "description": "Where they are."})
    document["components"]["schemas"]["Person"] = {"type": "object", "properties": {"town": town}}
    scope = {"name": "towns:read", "title": "Read towns", "description": "Names of towns."}
    customer = document["components"]["securitySchemes"]["customer"]
    customer["flows"]["authorizationCode"]["scopes"] = {"towns:read": "Names of towns."}
    document["security"] = [{"customer": ["towns:read"]}]
    document["x-portal"] = {"slug": "towns", "purposes": [], "clusters": [], "scopes": [scope]}
    return document


def raw(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
