"""AsyncAPI 2 and 3: who sends and receives which messages on which channels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from catalog.specs.loader import Unreadable
from catalog.specs.parts import MAX_PARTS, ParsedPart, PartField, part
from catalog.specs.resolver import MAX_READ, Resolver
from catalog.specs.shapes import Shapes

_MOST_MESSAGES = 20


def read_asyncapi(document: dict[str, Any]) -> Iterator[ParsedPart]:
    """Yield channels with what is sent and received on them, then messages and schemas."""
    reader = _Reader(document)
    for count, one in enumerate(reader.read()):
        if count >= MAX_PARTS:
            message = f"The document describes more than {MAX_PARTS:,} parts."
            raise Unreadable(message, code="too_many_operations")
        yield one


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.resolver = Resolver(document)
        self.shapes = Shapes(self.resolver)
        self.is_third = str(document.get("asyncapi", "")).startswith("3")

    def read(self) -> Iterator[ParsedPart]:
        channels = _object(self.document.get("channels"))
        for name, stated in channels.items():
            channel = self.resolver.mapping(stated)
            address = _text(channel.get("address")) or name
            yield part(
                "channel",
                name,
                group=address,
                signature=address,
                description=_described(channel),
                fields=self._parameters(channel),
            )
            if not self.is_third:
                yield from self._second(name, channel)
        if self.is_third:
            yield from self._third()
        components = self.resolver.mapping(self.document.get("components"))
        for name, stated in _object(components.get("messages")).items():
            yield self._message(name, self.resolver.mapping(stated))
        for name, stated in _object(components.get("schemas")).items():
            schema = self.resolver.mapping(stated)
            yield part(
                "schema",
                name,
                group="Schemas",
                signature=self.shapes.type_of(schema),
                description=_described(schema),
                is_deprecated=schema.get("deprecated") is True,
                fields=self._fields(schema),
            )

    def _second(self, name: str, channel: dict[str, Any]) -> Iterator[ParsedPart]:
        for verb in ("publish", "subscribe"):
            operation = self.resolver.mapping(channel.get(verb))
            if not operation:
                continue
            message = self.resolver.mapping(operation.get("message"))
            messages = _list(message.get("oneOf"))[:_MOST_MESSAGES] or (
                [message] if message else []
            )
            yield self._operation(
                verb, _text(operation.get("operationId")) or name, name, operation, messages
            )

    def _third(self) -> Iterator[ParsedPart]:
        for name, stated in _object(self.document.get("operations")).items():
            operation = self.resolver.mapping(stated)
            action = operation.get("action")
            ref = _object(operation.get("channel")).get("$ref")
            channel = self.resolver.mapping(operation.get("channel"))
            address = _text(channel.get("address")) or _last_step(ref)
            messages = _list(operation.get("messages"))[:_MOST_MESSAGES] or list(
                islice(_object(channel.get("messages")).values(), _MOST_MESSAGES)
            )
            verb = "receive" if action == "receive" else "send"
            yield self._operation(verb, name, address, operation, messages)

    def _operation(
        self, verb: str, name: str, address: str, operation: dict[str, Any], messages: list[Any]
    ) -> ParsedPart:
        found = [(self._name_of(one), self.resolver.mapping(one)) for one in messages]
        names = [name for name, _ in found if name]
        return part(
            verb,
            name,
            group=address,
            signature=f"{verb} {', '.join(names) or 'a message'} on {address}",
            description=_described(operation),
            is_deprecated=operation.get("deprecated") is True,
            fields=[
                field for _, message in found for field in self._fields(message.get("payload"))
            ],
        )

    def _name_of(self, stated: Any) -> str:
        message = self.resolver.mapping(stated)
        ref = stated.get("$ref") if isinstance(stated, dict) else None
        return _text(message.get("name")) or _last_step(ref) or _text(message.get("title"))

    def _message(self, name: str, message: dict[str, Any]) -> ParsedPart:
        return part(
            "message",
            name,
            group="Messages",
            signature=_text(message.get("contentType")),
            description=_described(message),
            is_deprecated=message.get("deprecated") is True,
            fields=self._fields(message.get("payload")),
        )

    def _parameters(self, channel: dict[str, Any]) -> Iterator[PartField]:
        for name, stated in islice(_object(channel.get("parameters")).items(), MAX_READ):
            parameter = self.resolver.mapping(stated)
            told = self.shapes.type_of(parameter.get("schema") or {"type": "string"})
            yield PartField(name, told, _described(parameter), is_required=True)

    def _fields(self, stated: Any) -> Iterator[PartField]:
        schema = self.resolver.mapping(stated)
        if "schema" in schema and "schemaFormat" in schema:  # AsyncAPI 3: a multi-format schema.
            schema = self.resolver.mapping(schema["schema"])
        required = schema.get("required")
        names = set(map(str, required[:MAX_READ])) if isinstance(required, list) else set()
        for name, one in islice(_object(schema.get("properties")).items(), MAX_READ):
            field = self.resolver.mapping(one)
            yield PartField(name, self.shapes.type_of(field), _described(field), name in names)


def _described(node: dict[str, Any]) -> str:
    said = (_text(node.get(word)) for word in ("summary", "description", "title"))
    return "\n\n".join(dict.fromkeys(one for one in said if one))


def _last_step(ref: Any) -> str:
    return ref.rpartition("/")[2] if isinstance(ref, str) else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
