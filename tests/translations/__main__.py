"""`make words`: bring the catalogs of each language up to what the portal says now."""

from __future__ import annotations

import sys

import django
from django.conf import settings

from tests.translations.catalogs import PLURALS, missing, update


def main() -> int:
    settings.configure()
    django.setup()
    left = {language: missing(update(language)) for language in PLURALS}
    for language, texts in left.items():
        print(f"{language}: {len(texts)} without a translation", *texts, sep="\n  ")
    return 1 if any(left.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
