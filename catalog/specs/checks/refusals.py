"""Rules about errors: which are described, and in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import Normal, Stated, mapping
from catalog.specs.yaml_reader import escaped

PROBLEM = "application/problem+json"


def problem_json(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        for status, answer in one.responses.items():
            content = mapping(normal.resolver.mapping(answer).get("content"))
            if _is_refusal(status) and content and PROBLEM not in content:
                message = f"refuses with {status} in a form of its own."
                yield one.breach("problem-json", message, f"/responses/{escaped(status)}")
                break


def unauthorized_undescribed(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.is_protected:
            yield from _undescribed(one, "unauthorized-undescribed", "401")


def not_found_undescribed(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if "{" in one.path:
            yield from _undescribed(one, "not-found-undescribed", "404", "410")


def too_many_undescribed(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        yield from _undescribed(one, "too-many-undescribed", "429")


def invalid_undescribed(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.body.get("requestBody"):
            yield from _undescribed(one, "invalid-undescribed", "400", "422")


def _undescribed(one: Stated, rule: str, *statuses: str) -> Iterator[Found]:
    described = {status.upper() for status in one.responses}
    if described.isdisjoint({*statuses, "4XX", "DEFAULT"}):
        message = f"does not describe {' or '.join(statuses[:2])}."
        yield one.breach(rule, message, "/responses")


def _is_refusal(status: str) -> bool:
    return status[:1] in {"4", "5"} or status == "default"


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "problem-json": problem_json,
    "unauthorized-undescribed": unauthorized_undescribed,
    "not-found-undescribed": not_found_undescribed,
    "too-many-undescribed": too_many_undescribed,
    "invalid-undescribed": invalid_undescribed,
}
