"""The rules that a description is read by: their ids, how bad a breach is, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ERROR, WARNING, INFO = "error", "warning", "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """`weight` is what a breach of the rule can take from the 100 points of the grade."""

    severity: str
    weight: int
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """A breach of a rule, at a JSON pointer into the document."""

    rule: str
    pointer: str
    message: str

    @property
    def severity(self) -> str:
        return RULES[self.rule].severity


RULES: Mapping[str, Rule] = {
    "openapi-schema": Rule(ERROR, 20, "The document follows the OpenAPI schema"),
    "duplicate-key": Rule(ERROR, 15, "No object holds the same key twice"),
    "ref-unresolved": Rule(ERROR, 15, "Every reference leads to something"),
    "ref-external": Rule(ERROR, 15, "Every reference stays inside the document"),
    "operation-id-duplicate": Rule(ERROR, 15, "No two operations share an operationId"),
    "route-duplicate": Rule(ERROR, 15, "No two paths match the same calls"),
    "path-malformed": Rule(ERROR, 15, "Every path begins with / and is not endless"),
    "path-parameter-undeclared": Rule(ERROR, 10, "Every {name} of a path is a parameter"),
    "security-scheme-unknown": Rule(ERROR, 10, "Security names only schemes that are defined"),
    "data-open": Rule(ERROR, 40, "Personal and sensitive fields stand behind a scope"),
    "data-cluster-unknown": Rule(ERROR, 20, "x-data-cluster names a cluster of x-portal"),
    "data-transform-unknown": Rule(ERROR, 20, "x-data-transform is one that the gateway knows"),
    "data-permission-unknown": Rule(ERROR, 10, "x-data-permission is one of a cluster of x-portal"),
    "x-portal-invalid": Rule(ERROR, 20, "x-portal is complete"),
    "text-unstorable": Rule(WARNING, 5, "No text holds NUL characters or half characters"),
    "byte-order-mark": Rule(INFO, 1, "The document has no byte order mark"),
    "no-operations": Rule(WARNING, 30, "The document describes at least one operation"),
    "data-class-unknown": Rule(WARNING, 10, "x-data-class is one of the four depths"),
    "fields-cut": Rule(INFO, 0, "An answer is small enough to be shown whole"),
    "operation-id-missing": Rule(WARNING, 10, "Every operation has an operationId"),
    "operation-security-missing": Rule(WARNING, 15, "Every operation says how it is protected"),
    "operation-success-missing": Rule(WARNING, 10, "Every operation describes its success"),
    "operation-summary-missing": Rule(WARNING, 10, "Every operation has a summary"),
    "server-missing": Rule(WARNING, 10, "The document names a server"),
    "server-not-https": Rule(WARNING, 10, "Every server is reached by https"),
    "info-description-missing": Rule(WARNING, 5, "The document says what the API is for"),
    "operation-error-missing": Rule(INFO, 5, "Every operation describes a refusal"),
    "parameter-description-missing": Rule(INFO, 5, "Every parameter is described"),
    "operation-tag-missing": Rule(INFO, 5, "Every operation has a tag"),
}
