from __future__ import annotations

import hashlib
import json
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from consent.keys import jws


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Answer with the public keys; everybody may keep them for as long as the header says."""
    content = json.dumps(jws.jwks(), separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response = HttpResponse(content, status=HTTPStatus.OK, content_type="application/json")
    response["ETag"] = etag
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=settings.JWKS_MAX_AGE)
    answered: HttpResponse | None = get_conditional_response(request, etag=etag, response=response)
    return answered or response
