"""The schema definition language of GraphQL: root fields as calls, everything else as types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import GraphQLError, parse
from graphql.language import ast, print_ast

from catalog.specs.loader import Unreadable
from catalog.specs.parts import MAX_PARTS, ParsedPart, PartField, part

MAX_TOKENS = 500_000
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_KINDS: dict[type, str] = {
    ast.ObjectTypeDefinitionNode: "type",
    ast.ObjectTypeExtensionNode: "type",
    ast.InterfaceTypeDefinitionNode: "interface",
    ast.InterfaceTypeExtensionNode: "interface",
    ast.InputObjectTypeDefinitionNode: "input",
    ast.InputObjectTypeExtensionNode: "input",
    ast.EnumTypeDefinitionNode: "enum",
    ast.EnumTypeExtensionNode: "enum",
    ast.UnionTypeDefinitionNode: "union",
    ast.UnionTypeExtensionNode: "union",
    ast.ScalarTypeDefinitionNode: "scalar",
    ast.DirectiveDefinitionNode: "directive",
}


def read_graphql(text: str) -> Iterator[ParsedPart]:
    """Yield the calls and the types; raises `Unreadable` with line and column where it cannot."""
    try:
        document = parse(text, no_location=True, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        where = error.locations[0] if error.locations else None
        place = f" in line {where.line}, column {where.column}" if where else ""
        raise Unreadable(
            f"The document is not valid GraphQL{place}: {error.message}"[:300], code="bad_graphql"
        ) from error
    except RecursionError as error:
        raise Unreadable("The document is nested too deeply.", code="too_deep") from error
    roots = {name: kind for kind, name in _roots(document).items()}
    count = 0
    for node in document.definitions:
        for one in _parts(node, roots):
            count += 1
            if count > MAX_PARTS:
                message = f"The document describes more than {MAX_PARTS:,} parts."
                raise Unreadable(message, code="too_many_operations")
            yield one


def description_of(text: str) -> str:
    """Return what the schema says of itself."""
    for node in parse(text, no_location=True, max_tokens=MAX_TOKENS).definitions:
        if isinstance(node, ast.SchemaDefinitionNode):
            return _said(node)
    return ""


def _roots(document: ast.DocumentNode) -> dict[str, str]:
    """Return the types whose fields are calls, by what they do (GraphQL §3.3.1)."""
    roots = dict(_ROOTS)
    for node in document.definitions:
        if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            roots |= {one.operation.value: one.type.name.value for one in node.operation_types}
    return roots


def _parts(node: Any, roots: dict[str, str]) -> Iterator[ParsedPart]:
    kind = _KINDS.get(type(node))
    if kind is None:
        return
    name = node.name.value
    if kind == "type" and name in roots:
        for field in node.fields or ():
            yield part(
                roots[name],
                field.name.value,
                group=name,
                signature=_signature(field),
                description=_said(field),
                is_deprecated=_is_deprecated(field),
                fields=_inputs(field.arguments),
            )
        return
    yield part(
        kind,
        name,
        group=f"{kind.capitalize()}s",
        signature=_head(node, kind),
        description=_said(node),
        is_deprecated=_is_deprecated(node),
        fields=_members(node),
    )


def _members(node: Any) -> Iterator[PartField]:
    if isinstance(node, ast.EnumTypeDefinitionNode | ast.EnumTypeExtensionNode):
        for value in node.values or ():
            yield PartField(value.name.value, "value", _said(value))
    elif isinstance(node, ast.DirectiveDefinitionNode):
        yield from _inputs(node.arguments)
    elif isinstance(node, ast.UnionTypeDefinitionNode | ast.UnionTypeExtensionNode):
        for one in node.types or ():
            yield PartField(one.name.value, "type")
    else:
        yield from _inputs(getattr(node, "fields", None) or ())


def _inputs(nodes: Iterable[Any] | None) -> Iterator[PartField]:
    for one in nodes or ():
        told = print_ast(one.type)
        yield PartField(one.name.value, told, _said(one), told.endswith("!"))


def _signature(field: Any) -> str:
    given = ", ".join(f"{one.name.value}: {print_ast(one.type)}" for one in field.arguments or ())
    return f"{field.name.value}{f'({given})' if given else ''}: {print_ast(field.type)}"


def _head(node: Any, kind: str) -> str:
    if kind == "union":
        return f"union {node.name.value} = {' | '.join(one.name.value for one in node.types or ())}"
    implemented = " & ".join(one.name.value for one in getattr(node, "interfaces", None) or ())
    return f"{kind} {node.name.value}{f' implements {implemented}' if implemented else ''}"


def _said(node: Any) -> str:
    description = getattr(node, "description", None)
    return description.value if description else ""


def _is_deprecated(node: Any) -> bool:
    return any(one.name.value == "deprecated" for one in node.directives or ())
