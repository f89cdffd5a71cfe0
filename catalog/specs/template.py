"""The description of a new API, to start from: it keeps every rule before a word is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from catalog.specs.checks.names import VERBS
from catalog.specs.checks.words import words_of
from catalog.specs.naming import slugify
from catalog.specs.template_answers import answers, problem, responses
from portal.errors import Refused

MAX_THINGS = 8
DEPTHS = ("public", "internal", "personal", "sensitive")
_THING = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class TemplateInvalid(Refused):
    code = "template_invalid"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is asked of whoever begins: `things` are the API's collections, in the plural."""

    name: str
    contact: str
    things: Sequence[str]
    audience: str
    depth: str

    @property
    def is_personal(self) -> bool:
        return self.depth in {"personal", "sensitive"}


def thing_of(text: str) -> str:
    """Return how a collection is written in addresses; raises `TemplateInvalid` for no name."""
    thing = slugify(text, max_length=40)
    if not _THING.fullmatch(thing):
        raise TemplateInvalid("Name each thing by a word that begins with a letter.")
    if words_of(thing)[0] in VERBS:
        raise TemplateInvalid(f"“{thing}” says what is done. Name the thing, such as “parcels”.")
    if not thing.endswith("s"):
        raise TemplateInvalid(f"Name “{thing}” in the plural, such as “{thing}s”.")
    return thing


def template(beginning: Beginning, *, issuer: str) -> str:
    """Return an OpenAPI 3.1 document as YAML, with a list and a single thing of each kind.

    A portal without TLS, such as the demo, is no place to send tokens to: an example stands there.
    """
    issuer = issuer if issuer.startswith("https:") else "https://portal.example.com"
    things = list(dict.fromkeys(map(thing_of, beginning.things)))
    if not 0 < len(things) <= MAX_THINGS:
        raise TemplateInvalid(f"Name one to {MAX_THINGS} things.")
    slug = slugify(beginning.name, max_length=80) or things[0]
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": _info(beginning, things),
        "servers": [{"url": f"https://api.example.com/{slug}/v1"}],
        "security": [{"portal": [f"{things[0]}:read"]}],
        "tags": [{"name": _title(thing)} for thing in things],
        "paths": {},
        "components": {
            "securitySchemes": {"portal": _scheme(beginning, things, issuer)},
            "responses": responses(),
            "schemas": {"Problem": problem()},
        },
    }
    for thing in things:
        document["paths"] |= _paths(thing, beginning)
        document["components"]["schemas"] |= _schemas(thing, beginning)
    document["x-portal"] = _vocabulary(slug, things, beginning)
    return _written(document)


def _info(beginning: Beginning, things: Sequence[str]) -> dict[str, Any]:
    key = "email" if "@" in beginning.contact else "url"
    return {
        "title": beginning.name,
        "version": "1.0.0",
        "description": f"Tells about {_listed(things)}. Say here for whom, and what it is for.",
        "contact": {"name": f"{beginning.name} team", key: beginning.contact},
        "x-audience": beginning.audience,
    }


def _scheme(beginning: Beginning, things: Sequence[str], issuer: str) -> dict[str, Any]:
    flow = {"tokenUrl": f"{issuer}/oauth/token", "scopes": {}}
    flow["scopes"] = {f"{thing}:read": f"Read {_spoken(thing)}." for thing in things}
    if not beginning.is_personal:
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
    flow = {"authorizationUrl": f"{issuer}/oauth/authorize", **flow}
    return {"type": "oauth2", "flows": {"authorizationCode": flow}}


def _paths(thing: str, beginning: Beginning) -> dict[str, Any]:
    name, spoken = _pascal(thing), _spoken(thing)
    security = [{"portal": [f"{thing}:read"]}]
    paths = {
        f"/{thing}": {
            "get": {
                "operationId": f"list{name}",
                "summary": f"List {spoken}",
                "description": "A page at a time, the newest first.",
                "tags": [_title(thing)],
                "security": security,
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "description": "How many to answer at most.",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                    },
                    {
                        "name": "cursor",
                        "in": "query",
                        "description": "Where the page before ended, as its next_cursor said.",
                        "schema": {"type": "string", "maxLength": 200},
                    },
                ],
                "responses": answers(f"{name}Page", "A page."),
            }
        },
        f"/{thing}/{{id}}": {
            "get": {
                "operationId": f"getOneOf{name}",
                "summary": f"Get one of the {spoken}",
                "description": "By the id that the list told.",
                "tags": [_title(thing)],
                "security": security,
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "description": "An id that means nothing elsewhere.",
                        "schema": {"type": "string", "maxLength": 40},
                    }
                ],
                "responses": answers(f"{name}Item", "It.", "404"),
            }
        },
    }
    if beginning.is_personal:
        paths[f"/{thing}/counts"] = {
            "get": {
                "operationId": f"count{name}",
                "summary": f"Count {spoken}",
                "description": "How many there are, without telling whose they are.",
                "tags": [_title(thing)],
                "security": security,
                "x-aggregate-of": f"list{name}",
                "responses": answers(f"{name}Count", "The count."),
            }
        }
    return paths


def _schemas(thing: str, beginning: Beginning) -> dict[str, Any]:
    name = _pascal(thing)
    revealed: dict[str, Any] = {"x-data-class": beginning.depth}
    if beginning.is_personal:
        revealed = {"x-data-cluster": thing, "x-data-permission": f"{thing}-seen"}
    item = {
        "type": "object",
        **revealed,
        "required": ["id", "created_at"],
        "properties": {
            "id": {"type": "string", "maxLength": 40, "description": "Means nothing elsewhere."},
            "title": {"type": "string", "maxLength": 120, "description": "What people call it."},
            "created_at": {"type": "string", "format": "date-time"},
        },
    }
    page = {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "maxItems": 100,
                "items": {"$ref": f"#/components/schemas/{name}Item"},
            },
            "next_cursor": {
                "type": "string",
                "x-data-class": "internal",
                "description": "Absent on the last page.",
            },
        },
    }
    count = {
        "type": "object",
        "properties": {
            "count": {
                "type": "integer",
                **revealed,
                "x-data-transform": "aggregate=5",
                "description": "Rounded down to a multiple of five.",
            }
        },
    }
    schemas = {f"{name}Item": item, f"{name}Page": page}
    return schemas | ({f"{name}Count": count} if beginning.is_personal else {})


def _vocabulary(slug: str, things: Sequence[str], beginning: Beginning) -> dict[str, Any]:
    scopes = [
        {
            "name": f"{thing}:read",
            "title": f"Read {_spoken(thing)}",
            "description": f"Read {_spoken(thing)}, one by one or a page at a time.",
        }
        for thing in things
    ]
    if not beginning.is_personal:
        return {"slug": slug, "purposes": [], "clusters": [], "scopes": scopes}
    purpose = {
        "code": f"{slug[:50].rstrip('-')}-service",
        "title": "Do what you ask it for",
        "description": "Say here why an application needs it, as you would to the customer.",
    }
    clusters = [
        {
            "code": thing,
            "label": f"Your {_spoken(thing)}",
            "summary": f"Say here what {_spoken(thing)} tell about a person.",
            "permissions": [{"code": f"{thing}-seen", "text": f"Your {_spoken(thing)}"}],
            "depth": beginning.depth,
            "max_retention_days": 30,
            "purposes": [purpose["code"]],
        }
        for thing in things
    ]
    scopes = [{**scope, "cluster": thing} for scope, thing in zip(scopes, things, strict=True)]
    return {"slug": slug, "purposes": [purpose], "clusters": clusters, "scopes": scopes}


def _written(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


class _Plain(yaml.SafeDumper):
    """Writes what stands at two places twice: aliases are hard to read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _pascal(thing: str) -> str:
    return "".join(part.capitalize() for part in thing.split("-"))


def _spoken(thing: str) -> str:
    return thing.replace("-", " ")


def _title(thing: str) -> str:
    return _spoken(thing).capitalize()


def _listed(things: Sequence[str]) -> str:
    spoken = [_spoken(thing) for thing in things]
    return spoken[0] if len(spoken) == 1 else f"{', '.join(spoken[:-1])} and {spoken[-1]}"
