"""What the sandbox says to a call that may pass."""

from __future__ import annotations

from catalog.apis.models import Operation
from portal.errors import NotFound
from portal.sandbox import prescriptions
from portal.sandbox.records import Reply
from portal.sandbox.requests import SandboxRequest

REFERENCE_API = "prescriptions"


def reply_to(api_slug: str, asked: SandboxRequest) -> Reply:
    """Return the reference API's state, or for any other API the example of its description."""
    if api_slug == REFERENCE_API:
        return prescriptions.reply(asked)
    return _example(asked.answer.operation_key)


def _example(operation_key: str) -> Reply:
    api_slug, label, slug = operation_key.split("/", 2)
    operation = Operation.objects.filter(
        version__api__slug=api_slug, version__label=label, slug=slug
    ).first()
    if operation is None:
        raise NotFound("There is no such operation.")
    status = next(
        (
            int(found["status"])
            for found in operation.responses
            if found["status"].startswith("2") and found["status"].isdigit()
        ),
        200,
    )
    return Reply(status, operation.examples.get("response"))
