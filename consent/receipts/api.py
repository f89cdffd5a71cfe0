from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from consent.keys import jws
from consent.receipts.schema import schema as described

A_DAY = 24 * 3600


@require_safe
def schema(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the same for everybody
    return _public(described(), "application/schema+json")


@require_safe
def keys(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the same for everybody
    """Answer with every key that may have signed a receipt: papers outlive the keys in use."""
    return _public(jws.jwks_of_record(), "application/jwk-set+json", seconds=300)


def _public(body: dict[str, Any], content_type: str, *, seconds: int = A_DAY) -> JsonResponse:
    response = JsonResponse(body, content_type=content_type)
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=seconds)
    return response
