"""`python -m benchmarks.decade`: writes ten years of a customer's, and says how to be them."""

from __future__ import annotations

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - once Django is set up
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from tests.factories.decade import a_decade  # noqa: PLC0415

    customer = a_decade(days_read=365)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client()
    browser.force_login(customer.user)
    name = settings.SESSION_COOKIE_NAME
    print(name, browser.cookies[name].value)


if __name__ == "__main__":
    main()
