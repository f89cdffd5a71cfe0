"""Swagger 2.0 in the words of OpenAPI 3: the subset that pages, fields and grades are made from."""

from __future__ import annotations

from itertools import islice
from typing import Any

from catalog.specs.resolver import MAX_READ, Resolver

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# One more than is read: the description is turned away then.
MAX_PATHS = 5001
_JSON = ["application/json"]
_FLOWS = {
    "accessCode": "authorizationCode",
    "application": "clientCredentials",
    "implicit": "implicit",
    "password": "password",
}
_SCHEMA_WORDS = (
    "type", "format", "items", "enum", "default", "minimum", "maximum", "pattern", "minLength",
    "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf", "exclusiveMinimum",
    "exclusiveMaximum", "x-nullable", "example", "x-example",
)  # fmt: skip


def as_openapi(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document that reads like OpenAPI 3.0; schemas stay where and as they are."""
    resolver = Resolver(document)
    schemes = _objects(document.get("securityDefinitions"))
    return {
        **document,
        "servers": _servers(document),
        "paths": {
            path: _path_item(item, document, resolver)
            for path, item in _objects(document.get("paths"), most=MAX_PATHS).items()
        },
        "components": {
            "securitySchemes": {name: _scheme(scheme) for name, scheme in schemes.items()}
        },
    }


def _servers(document: dict[str, Any]) -> list[dict[str, str]]:
    host, base = document.get("host"), document.get("basePath", "")
    base = base if isinstance(base, str) else ""
    if not isinstance(host, str) or not host:
        return [{"url": base}] if base else []
    schemes = document.get("schemes")
    schemes = schemes if isinstance(schemes, list) and schemes else ["https"]
    return [{"url": f"{scheme}://{host}{base}"} for scheme in schemes if isinstance(scheme, str)]


def _path_item(item: dict[str, Any], document: dict[str, Any], resolver: Resolver) -> Any:
    item = resolver.mapping(item)
    shared = _few(item.get("parameters"))
    converted: dict[str, Any] = {}
    words = item if len(item) < MAX_READ else [word for word in METHODS if word in item]
    for word in words:
        value = item[word]
        if word in METHODS and isinstance(value, dict):
            converted[word] = _operation(value, shared, document, resolver)
        elif word != "parameters":
            converted[word] = value
    return converted


def _operation(
    operation: dict[str, Any], shared: list[Any], document: dict[str, Any], resolver: Resolver
) -> dict[str, Any]:
    consumes = _few(operation.get("consumes", document.get("consumes"))) or _JSON
    produces = _few(operation.get("produces", document.get("produces"))) or _JSON
    own = [resolver.mapping(one) for one in _few(operation.get("parameters"))]
    named = {_named(one) for one in own}
    given = [resolver.mapping(one) for one in shared]
    parameters = [one for one in given if _named(one) not in named] + own
    converted = {**operation, "parameters": []}
    form: dict[str, Any] = {}
    required: list[str] = []
    for parameter in parameters:
        place = parameter.get("in")
        if place == "body":
            converted["requestBody"] = {
                "required": parameter.get("required") is True,
                "description": parameter.get("description", ""),
                "content": {str(kind): {"schema": parameter.get("schema")} for kind in consumes},
            }
        elif place == "formData":
            name = str(parameter.get("name"))
            form[name] = {**_schema(parameter), "description": parameter.get("description", "")}
            required += [name] if parameter.get("required") is True else []
        else:
            converted["parameters"].append({**parameter, "schema": _schema(parameter)})
    if form:
        kinds = consumes if consumes != _JSON else ["application/x-www-form-urlencoded"]
        schema = {"type": "object", "properties": form, "required": required}
        converted["requestBody"] = {"content": {str(kind): {"schema": schema} for kind in kinds}}
    converted["responses"] = {
        status: _response(resolver.mapping(response), produces)
        for status, response in _objects(operation.get("responses"), most=MAX_READ).items()
    }
    return converted


def _response(response: dict[str, Any], produces: list[Any]) -> dict[str, Any]:
    examples = _objects(response.get("examples"), of=object, most=MAX_READ)
    if "schema" not in response and not examples:
        return response
    content: dict[str, Any] = {}
    for kind in dict.fromkeys(str(one) for one in [*produces, *examples]):
        content[kind] = {"schema": response.get("schema")}
        if kind in examples:
            content[kind]["example"] = examples[kind]
    return {**response, "content": content}


def _schema(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = {word: parameter[word] for word in _SCHEMA_WORDS if word in parameter}
    if "x-example" in schema:
        schema.setdefault("example", schema["x-example"])
    return schema


def _scheme(scheme: dict[str, Any]) -> dict[str, Any]:
    kind = scheme.get("type")
    if kind == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if kind == "oauth2":
        flow = _FLOWS.get(str(scheme.get("flow")), "authorizationCode")
        return {**scheme, "flows": {flow: {"scopes": scheme.get("scopes", {})}}}
    return scheme


def _objects(value: Any, *, of: type = dict, most: int | None = None) -> dict[str, Any]:
    found = value if isinstance(value, dict) else {}
    return {str(name): one for name, one in islice(found.items(), most) if isinstance(one, of)}


def _named(parameter: dict[str, Any]) -> tuple[str, str]:
    return str(parameter.get("name")), str(parameter.get("in"))


def _few(value: Any) -> list[Any]:
    return _list(value)[:MAX_READ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
