"""`python -m benchmarks.one_document FILE`: publish it, and print the pages of its operations."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.utils import timezone  # noqa: PLC0415 - once Django is set up

    from catalog.apis.models import Api, ApiVersion  # noqa: PLC0415
    from catalog.specs.actions import import_document  # noqa: PLC0415
    from portal.access.actors import SYSTEM  # noqa: PLC0415

    path = Path(sys.argv[1])
    revision = import_document(path.read_bytes(), by=SYSTEM, source=path.name)
    version = revision.version
    if version is None:
        raise SystemExit(revision.reason)
    now = timezone.now()
    ApiVersion.objects.filter(pk=version.pk).update(status="stable", published_at=now)
    Api.objects.filter(pk=version.api_id).update(status="published", published_at=now)
    rows = version.operations.select_related("version__api")
    pages = {f"{one.method} {one.path}": one.get_absolute_url() for one in rows}
    print(json.dumps(pages), file=sys.stdout)


if __name__ == "__main__":
    main()
