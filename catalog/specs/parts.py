"""What a description is made of that speaks of no paths: channels, messages, types, calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.specs.markdown import cut, first_sentence, to_html, to_text
from catalog.specs.naming import slugify

MAX_PARTS = 5000
MAX_FIELDS = 200
# What a caller can do, as opposed to what is sent and received.
CALLS = frozenset(
    {"query", "mutation", "subscription", "rpc", "send", "receive", "publish", "subscribe"}
)


@dataclass(frozen=True, slots=True)
class PartField:
    name: str
    type: str
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class ParsedPart:
    """`signature` is the part as its own language writes it, in one line."""

    kind: str
    name: str
    slug: str
    group: str
    signature: str
    summary: str
    description_html: str
    is_deprecated: bool
    fields: tuple[PartField, ...]

    @property
    def is_call(self) -> bool:
        return self.kind in CALLS


def part(
    kind: str,
    name: str,
    *,
    group: str = "",
    signature: str = "",
    description: str = "",
    is_deprecated: bool = False,
    fields: Iterable[PartField] = (),
) -> ParsedPart:
    """Return the part with every text cut to its column, and Markdown as harmless HTML."""
    return ParsedPart(
        kind=kind,
        name=cut(name, 200),
        slug=slugify(f"{kind} {name}", max_length=110) or kind,
        group=cut(group, 80),
        signature=cut(" ".join(signature.split()), 500),
        summary=first_sentence(description, max_length=200),
        description_html=to_html(description),
        is_deprecated=is_deprecated,
        fields=tuple(
            PartField(
                cut(one.name, 120),
                cut(one.type, 120),
                to_text(one.description, max_length=300),
                one.is_required,
            )
            for one, _ in zip(fields, range(MAX_FIELDS), strict=False)
        ),
    )


def with_own_slugs(parts: Iterable[ParsedPart]) -> tuple[ParsedPart, ...]:
    """Give each part an address of its own: names may differ where addresses do not."""
    taken: dict[str, int] = {}
    told = []
    for one in parts:
        count = taken[one.slug] = taken.get(one.slug, 0) + 1
        told.append(one if count == 1 else replace(one, slug=f"{one.slug}-{count}"))
    return tuple(told)
